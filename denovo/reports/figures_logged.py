"""The logged figures: name, label, and where each is shown.

Tables of stages and sweeps, curves, the W&B summary and the dashboard are derived from `FIGURES`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

STEP = "trainer/global_step"
"""Logged name of the optimizer step in W&B."""
RECALL = "val/peptide_recall"
TOKEN_LOSS, PRECURSOR_LOSS = "train/loss_token", "train/precursor_loss"
TRAINING_ERROR = "train/ppm_error_median"
"""Names that modules use directly, in addition to those that they find in `FIGURES`."""


class Place(StrEnum):
    """A table or picture that shows logged figures."""

    STAGES = "table of stages"
    SWEEP_RECALL = "first table of a sweep"
    SWEEP_COST = "second table of a sweep"
    ERROR_CURVE = "picture of the precursor mass error"


@dataclass(frozen=True)
class Panel:
    """Section, heading with unit, and scale of a chart of the dashboard."""

    section: str
    title: str
    is_log: bool = False


@dataclass(frozen=True)
class LoggedFigure:
    """A logged figure, or a family of figures.

    Parameters
    ----------
    name : str
        Logged name; a part in angle brackets, such as ``<term>``, stands for any text.
    label : str
        Heading in tables and legends, short enough for a terminal of 80 columns.
    panel : Panel or None
        Chart of the dashboard that shows it.
    places : tuple of Place
        Tables and pictures that show it.
    best : str
        ``max`` or ``min`` where W&B keeps the best value in the summary of a run.
    """

    name: str
    label: str
    panel: Panel | None = None
    places: tuple[Place, ...] = ()
    best: str = ""

    @property
    def pattern(self) -> str:
        """Regular expression that matches the logged names of the figure."""
        return f"^{re.sub('<[^>]+>', '.+', self.name)}$"

    @property
    def is_training(self) -> bool:
        """Whether it is computed on training batches."""
        return self.name.startswith("train/")


def shown_in(*places: Place) -> dict[str, str]:
    """Return the labels of the figures that a table or picture shows, by logged name."""
    return {f.name: f.label for f in FIGURES if any(place in f.places for place in places)}


ERROR_STATISTICS = {
    "ppm_error_mean": "mean",
    "ppm_error_abs_median": "median",
    "ppm_error_abs_p90": "90th percentile",
    "ppm_within_10": "within 10 ppm",
    "ppm_within_20": "within 20 ppm",
}
"""Labels of the statistics of precursor mass errors, by the last part of their logged names."""
ERRORS = {
    ("validation", "soft"): "val/soft_",
    ("validation", "decoded"): "val/",
    ("noisy validation", "soft"): "val_noisy/soft_",
    ("noisy validation", "decoded"): "val_noisy/",
    ("clean validation", "soft"): "val_clean/soft_",
    ("clean validation", "decoded"): "val_clean/",
    ("training", "soft"): "train/soft_",
    ("training", "decoded"): "train/decoded_",
}
"""Prefixes of the logged names of those statistics, by spectra and kind of error."""
ERROR_FIGURES = tuple(f"{prefix}{name}" for prefix in ERRORS.values() for name in ERROR_STATISTICS)
"""All logged statistics of precursor mass errors, which the success criteria use."""

_ERRORS, _LOSSES, _GRADIENTS = "ppm error", "losses and weights", "gradient shares"
_TRAINING = Panel(_ERRORS, "soft error, training (ppm)", is_log=True)
_VALIDATION = Panel(_ERRORS, "median error, validation (ppm)", is_log=True)
_WITHIN_10 = Panel(_ERRORS, "within 10 ppm")
_MASS = Panel(_ERRORS, "mean mass error, training (Da)", is_log=True)
_SPECIAL = Panel(_ERRORS, "probability on special tokens", is_log=True)
_TERMS = Panel(_LOSSES, "unweighted terms")
_NORM = Panel(_GRADIENTS, "gradient norm", is_log=True)
_PEPTIDES, _RESIDUES = Panel("recall", "peptide recall"), Panel("recall", "residue recall")
_SOFT_STEPS = Panel("refinement", "soft error by step (ppm)", is_log=True)
_RECALLS = (Place.STAGES, Place.SWEEP_RECALL)
_TEST = (Place.SWEEP_RECALL,)
_MASSES = (Place.STAGES, Place.SWEEP_COST, Place.ERROR_CURVE)

_F = LoggedFigure
FIGURES = (
    _F(TOKEN_LOSS, "token loss", _TERMS, (Place.STAGES,)),
    _F(PRECURSOR_LOSS, "mass loss", Panel(_LOSSES, "precursor loss"), (Place.STAGES,)),
    _F(TRAINING_ERROR, "train error (ppm)", _TRAINING, (Place.SWEEP_COST, Place.ERROR_CURVE)),
    _F("train/ppm_error", "mean train error (ppm)", _TRAINING),
    _F("test/peptide_recall", "test recall", places=_TEST),
    _F("test_noisy/peptide_recall", "noisy test recall", places=_TEST),
    _F("test/aa_recall", "test aa recall", places=_TEST),
    _F("val/soft_ppm_error_abs_median", "soft error (ppm)", _VALIDATION, _MASSES, best="min"),
    _F("val/ppm_error_abs_median", "decoded error (ppm)", _VALIDATION, _MASSES),
    _F("val/ppm_within_10", "within 10 ppm", _WITHIN_10, (Place.STAGES, Place.SWEEP_COST)),
    _F("val_noisy/ppm_within_10", "noisy within 10 ppm", _WITHIN_10),
    _F("train/mass_error_da", "mass error (Da)", _MASS),
    _F("curriculum/stage", "stage", Panel(_ERRORS, "stage")),
    _F("train/special_token_probability", "special tokens", _SPECIAL),
    _F("train/loss", "total loss", Panel(_LOSSES, "total loss")),
    _F("train/loss_<term>", "loss of a term", _TERMS),
    _F("curriculum/weight_<term>", "weight", Panel(_LOSSES, "weights")),
    _F("train/share_<term>", "share of the loss", Panel(_LOSSES, "share of the total")),
    _F("gradients/norm_<term>", "norm", _NORM),
    _F("gradients/share_<term>", "share", Panel(_GRADIENTS, "share of the gradient")),
    _F("gradients/cosine_<term>", "cosine", Panel(_GRADIENTS, "cosine to the token loss")),
    _F(RECALL, "clean recall", _PEPTIDES, _RECALLS, best="max"),
    _F("val_noisy/peptide_recall", "noisy recall", _PEPTIDES, _RECALLS, best="max"),
    _F("val/aa_recall", "aa recall", _RESIDUES, (Place.SWEEP_RECALL,)),
    _F("val_noisy/aa_recall", "noisy aa recall", _RESIDUES),
    _F("val/recall_length_<range>", "recall", Panel("recall", "clean, by length")),
    _F("val_noisy/recall_length_<range>", "recall", Panel("recall", "noisy, by length")),
    _F("val/refinement_accuracy_<k>", "accuracy", Panel("refinement", "accuracy by step")),
    _F("val/refinement_edits_<k>", "edits", Panel("refinement", "edits by step")),
    _F("val/refinement_ppm_<k>", "soft error (ppm)", _SOFT_STEPS),
    _F("tripwire/<name>", "tripwire", Panel("tripwires", "fired")),
)
"""All shown figures, in the order of their columns and charts."""
