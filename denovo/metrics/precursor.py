"""Precursor mass errors, probability of special tokens, and figures of refinement steps."""

import torch
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from denovo.chemistry import FIRST_RESIDUE, ppm_error
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Bool, Float, Float64, Tensor


def ppm_figures(sizes: Float64[Tensor, " value"]) -> dict[str, Float64[Tensor, ""]]:
    """Summarise absolute precursor mass errors.

    Parameters
    ----------
    sizes : Tensor [value], float64
        Absolute errors in ppm; one that is not finite marks a missing prediction.

    Returns
    -------
    dict of str to Tensor []
        ``ppm_error_mean``, ``ppm_error_abs_median`` and ``ppm_error_abs_p90`` (the smallest error
        that 90 % do not exceed) of the finite errors, NaN without any; ``ppm_within_10`` and
        ``ppm_within_20``, shares of all values.
    """
    known = sizes[sizes.isfinite()]
    return {
        "ppm_error_mean": known.mean(),
        "ppm_error_abs_median": _median(known),
        "ppm_error_abs_p90": _percentile(known, 90),
        "ppm_within_10": (sizes <= 10).double().mean(),
        "ppm_within_20": (sizes <= 20).double().mean(),
    }


class PpmErrorMetrics(Metric):
    """Mean, median, 90th percentile and shares within 10 and 20 ppm of precursor mass errors.

    The soft error (of the expected mass) and the decoded error (of the predicted peptide) are two
    quantities and need two instances. A wrong residue is an error of some 34,000 ppm: the mean
    depends on the number of wrong peptides, while median and shares show the mass accuracy.
    ``prefix`` precedes every name that `compute` returns, for example ``"soft_"``.
    """

    full_state_update = False
    sizes: list[Tensor]

    def __init__(self, prefix: str = "") -> None:
        super().__init__()
        self.prefix = prefix
        self.add_state("sizes", default=[], dist_reduce_fx="cat")

    def update(self, ppm_errors: Float64[Tensor, " batch"]) -> None:
        """Add signed errors in ppm.

        NaN marks a missing prediction, which counts as outside every tolerance and is left out of
        mean, median and percentile.
        """
        self.sizes.append(ppm_errors.detach().abs())

    def compute(self) -> dict[str, Tensor]:
        """Return the figures of all batches; see `ppm_figures`."""
        figures = ppm_figures(dim_zero_cat(self.sizes))
        return {self.prefix + name: value for name, value in figures.items()}


def special_token_probability(
    logits: Float[Tensor, "*step batch length vocab"],
    residue_mask: Bool[Tensor, "batch length"],
) -> Float[Tensor, ""]:
    """Compute the mean probability of PAD, SOS, EOS and UNK at residues.

    Parameters
    ----------
    logits : Tensor [*step, batch, length, vocab]
        Logits of the sequencer.
    residue_mask : Tensor [batch, length], bool
        True at residues.

    Returns
    -------
    Tensor []
        Probability in [0, 1], which the expected mass omits as it normalises over residues.
    """
    probability = logits.float().softmax(dim=-1)[..., :FIRST_RESIDUE].sum(dim=-1)
    return probability[..., residue_mask].mean()


def _median(values: Float64[Tensor, " value"]) -> Float64[Tensor, ""]:
    # torch.quantile is limited to 16 million values and torch.median returns the lower of two.
    ordered = values.sort().values
    if len(ordered) == 0:
        return values.new_tensor(torch.nan)
    middle = len(ordered) // 2
    return ordered[[middle, -middle - 1]].mean()


def _percentile(values: Float64[Tensor, " value"], percent: int) -> Float64[Tensor, ""]:
    """Return the smallest value that the given percentage of the values do not exceed."""
    if len(values) == 0:
        return values.new_tensor(torch.nan)
    return values.sort().values[-(-percent * len(values) // 100) - 1]


def refinement_figures(
    logits: Float[Tensor, "step batch length vocab"],
    expected_mass: Float64[Tensor, "step batch"],
    batch: LabelledSpectra,
) -> dict[str, Float[Tensor, ""]]:
    """Measure every refinement step.

    Parameters
    ----------
    logits : Tensor [step, batch, length, vocab]
        Logits of the sequencer after each step.
    expected_mass : Tensor [step, batch], float64
        Expected neutral mass in Da.
    batch : LabelledSpectra
        Spectra with the true peptides.

    Returns
    -------
    dict of str to Tensor []
        For each step ``k`` from 1: ``refinement_accuracy_<k>``, the share of right residues and
        EOS; ``refinement_ppm_<k>``, the median absolute error of the expected mass; and, from step
        2, ``refinement_edits_<k>``, the share of positions with another most probable token than
        in the previous step.
    """
    mask, written = batch.target_mask, logits.argmax(dim=-1)
    right = (written == batch.tokens)[:, mask].float().mean(dim=1)
    edits = (written[1:] != written[:-1])[:, mask].float().mean(dim=1)
    error = ppm_error(expected_mass, batch.spectra.precursor_mass).abs().median(dim=1).values
    figures = {f"refinement_accuracy_{k}": value for k, value in enumerate(right, start=1)}
    figures |= {f"refinement_edits_{k}": value for k, value in enumerate(edits, start=2)}
    return figures | {f"refinement_ppm_{k}": v.float() for k, v in enumerate(error, start=1)}
