"""The W&B dashboard as code: which panel shows which figures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wandb
from pydantic import ValidationError

from denovo.errors import InputError
from denovo.metrics import LENGTH_RANGES

if TYPE_CHECKING:
    from wandb_workspaces.workspaces import Section, Workspace

NAME = "denovo"
STEP = "trainer/global_step"
_TERMS = ("token", "spectrum", "precursor")
_WIRES = (
    *("dead_gradient", "frozen_loss", "not_finite_loss"),
    *("not_finite_gradient", "too_good", "idle_curriculum"),
)
_REFINEMENTS = range(1, 9)
"""Those of `model=recursive` as configured; of a model with more of them the first are shown."""
_LENGTHS = tuple(f"{low}_{high}" for low, high in LENGTH_RANGES)


@dataclass(frozen=True)
class Panel:
    """A chart of logged figures over the steps."""

    title: str
    metrics: tuple[str, ...]
    is_log: bool = False


SECTIONS: dict[str, tuple[Panel, ...]] = {
    "ppm error": (
        Panel("soft error, training (ppm)", ("train/ppm_error_median", "train/ppm_error"), True),
        Panel(
            "median error, validation (ppm)",
            ("val/soft_ppm_error_abs_median", "val/ppm_error_abs_median"),
            True,
        ),
        Panel("within 10 ppm", ("val/ppm_within_10", "val_noisy/ppm_within_10")),
        Panel("mean mass error, training (Da)", ("train/mass_error_da",), True),
        Panel("stage", ("curriculum/stage",)),
        Panel("probability on special tokens", ("train/special_token_probability",), True),
    ),
    "losses and weights": (
        Panel("total loss", ("train/loss",)),
        Panel("unweighted terms", tuple(f"train/loss_{term}" for term in _TERMS)),
        Panel("precursor loss", ("train/precursor_loss",)),
        Panel("weights", tuple(f"curriculum/weight_{term}" for term in _TERMS)),
        Panel("share of the total", tuple(f"train/share_{term}" for term in _TERMS)),
    ),
    "gradient_shares": (
        Panel("gradient norm", tuple(f"gradients/norm_{term}" for term in _TERMS), True),
        Panel("share of the gradient", tuple(f"gradients/share_{term}" for term in _TERMS)),
        Panel("cosine to the token loss", tuple(f"gradients/cosine_{term}" for term in _TERMS)),
    ),
    "recall": (
        Panel("peptide recall", ("val/peptide_recall", "val_noisy/peptide_recall")),
        Panel("residue recall", ("val/aa_recall", "val_noisy/aa_recall")),
        Panel("clean, by length", tuple(f"val/recall_length_{n}" for n in _LENGTHS)),
        Panel("noisy, by length", tuple(f"val_noisy/recall_length_{n}" for n in _LENGTHS)),
    ),
    "refinement": (
        Panel("accuracy by step", tuple(f"val/refinement_accuracy_{k}" for k in _REFINEMENTS)),
        Panel("edits by step", tuple(f"val/refinement_edits_{k}" for k in _REFINEMENTS[1:])),
        Panel("soft error (ppm)", tuple(f"val/refinement_ppm_{k}" for k in _REFINEMENTS), True),
    ),
    "tripwires": (Panel("fired", tuple(f"tripwire/{name}" for name in _WIRES)),),
}
"""Every section with its panels."""

MEDIA = (
    *(
        "media/ppm_error",
        "media/learning_curves",
        "media/recall_by_length",
        "media/gradient_shares",
    ),
    *("media/refinement", "media/spectra"),
)
"""Pictures that `denovo.training.callbacks.wandb_media` sends."""


def build_workspace(project: str, entity: str) -> "Workspace":
    """Define the dashboard; nothing is sent."""
    workspaces, reports = _library()
    pictures = workspaces.Section(
        name="pictures",
        panels=[reports.MediaBrowser(title=key, media_keys=[key]) for key in MEDIA],
        is_open=True,
    )
    sections = [_section(name, panels) for name, panels in SECTIONS.items()]
    return workspaces.Workspace(
        entity=entity, project=project, name=NAME, sections=[*sections, pictures]
    )


def save_workspace(project: str, entity: str | None = None) -> str:
    """Send the dashboard to W&B.

    Parameters
    ----------
    project : str
        W&B project.
    entity : str or None
        User or team that owns it; None for that of the login.

    Returns
    -------
    str
        Address of the dashboard.

    Raises
    ------
    InputError
        If nobody is logged in, `wandb-workspaces` is missing, or W&B refuses.
    """
    _library()
    try:
        if wandb.login(prompt=False):
            owner = entity or str(wandb.Api().default_entity)
            return build_workspace(project, owner).save().url
    except (wandb.Error, OSError, ValueError) as error:
        cause = _cause(error)
        raise InputError(f"W&B did not take the dashboard for {project!r}: {cause}") from error
    raise InputError(
        "nobody is logged in to W&B; run `wandb login` or set WANDB_API_KEY, then try again"
    )


def _cause(error: Exception) -> str:
    """Say in one line what W&B found; of settings that it refused, which and why."""
    if not isinstance(error, ValidationError):
        return " ".join(str(error).split())
    # Settings come from the environment: mode is that of WANDB_MODE.
    return "; ".join(
        f"the environment variable WANDB_{'_'.join(map(str, fault['loc'])).upper()} is "
        f"{fault['input']!r}, but {fault['msg'][:1].lower()}{fault['msg'][1:]}"
        for fault in error.errors()
    )


def _section(name: str, panels: tuple[Panel, ...]) -> "Section":
    workspaces, reports = _library()
    charts = [
        reports.LinePlot(
            title=panel.title,
            x=STEP,
            y=list(panel.metrics),
            log_y=panel.is_log,
            title_x="optimizer step",
        )
        for panel in panels
    ]
    return workspaces.Section(name=name, panels=charts, is_open=True)


def _library() -> tuple[Any, Any]:
    try:
        from wandb_workspaces import workspaces
        from wandb_workspaces.reports import v2 as reports
    except ImportError as error:
        raise InputError(
            "the dashboard needs wandb-workspaces; run `pip install 'denovo[dashboard]'`"
        ) from error
    return workspaces, reports
