"""How a peptide changes from one refinement step to the next."""

from denovo.chemistry import ppm_error
from denovo.spectra import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


def refinement_figures(
    logits: Float[Tensor, "step batch length vocab"],
    expected_mass: Float64[Tensor, "step batch"],
    batch: LabelledSpectra,
) -> dict[str, Float[Tensor, ""]]:
    """Measure every refinement step.

    Parameters
    ----------
    logits : Tensor [step, batch, length, vocab]
        What the sequencer says at each position after each step.
    expected_mass : Tensor [step, batch], float64
        Mean neutral mass of what it says, in Da.
    batch : LabelledSpectra
        What was to be found.

    Returns
    -------
    dict of str to Tensor []
        For step ``k`` from 1 on ``refinement_accuracy_<k>``, the share of residues and ends that
        are right in place; ``refinement_ppm_<k>``, the median absolute error of the expected mass;
        and, from the second step on, ``refinement_edits_<k>``, the share of positions whose most
        probable token is another one than a step earlier.
    """
    mask, written = batch.target_mask, logits.argmax(dim=-1)
    right = (written == batch.tokens)[:, mask].float().mean(dim=1)
    edits = (written[1:] != written[:-1])[:, mask].float().mean(dim=1)
    error = ppm_error(expected_mass, batch.spectra.precursor_mass).abs().median(dim=1).values
    figures = {f"refinement_accuracy_{k}": value for k, value in enumerate(right, start=1)}
    figures |= {f"refinement_edits_{k}": value for k, value in enumerate(edits, start=2)}
    return figures | {f"refinement_ppm_{k}": v.float() for k, v in enumerate(error, start=1)}
