"""Precursor mass loss: the predicted peptide must weigh what was measured."""

import math

import torch

from denovo.chemistry import Vocabulary, ppm_error
from denovo.errors import InputError
from denovo.losses.expected_mass import expected_mass
from denovo.losses.term import LossTerm
from denovo.spectra import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


class PrecursorMassLoss(LossTerm):
    """Error of the expected peptide mass, on a logarithmic scale.

    With ``e`` the absolute error in ppm, the loss is ``log(1 + e / loss_scale) * loss_scale``. Its
    slope ``loss_scale / (loss_scale + e)`` is 1 at zero and never vanishes, however wrong the mass.
    A hard clamp, kept for comparison, has no slope at all beyond its bound.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    loss_scale : float
        Error in ppm where the loss turns from linear to logarithmic, positive.
    use_log_loss : bool
        False for the clamp ``min(e, clamp_ppm)``.
    normalize : bool
        Whether to divide by ``loss_scale``, which else moves knee and size together: at 25,000 ppm
        and a scale of 100 the plain loss is 552, beside a cross-entropy near 2.
    clamp_ppm : float
        Bound of the clamp in ppm, positive; no effect on the logarithmic loss.

    Raises
    ------
    InputError
        If ``loss_scale`` or ``clamp_ppm`` is not a positive finite number.

    Notes
    -----
    The error is relative to the *measured* precursor mass, the only one that exists outside of
    training data. Only the last refinement step counts: it is the answer, and the earlier steps
    are free to be wrong in any way that helps it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        loss_scale: float | int = 100.0,
        use_log_loss: bool = True,
        normalize: bool = False,
        clamp_ppm: float | int = 100.0,
    ) -> None:
        super().__init__(vocabulary)
        self.loss_scale = _positive("loss_scale", loss_scale)
        self.clamp_ppm = _positive("clamp_ppm", clamp_ppm)
        self.use_log_loss = use_log_loss
        self.normalize = normalize

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute the loss of each spectrum; see the class for the formula."""
        mass = expected_mass(logits[-1], batch.residue_mask, self.vocabulary)
        return self.penalty(ppm_error(mass, theoretical=batch.spectra.precursor_mass))

    def penalty(self, error: Float64[Tensor, "*any"]) -> Float64[Tensor, "*any"]:
        """Turn mass errors into losses.

        Parameters
        ----------
        error : Tensor, float64
            Signed errors in ppm.

        Returns
        -------
        Tensor, float64
            Losses, 0 for no error.
        """
        size = error.abs()
        if self.use_log_loss:
            loss = torch.log1p(size / self.loss_scale) * self.loss_scale
        else:
            loss = size.clamp(max=self.clamp_ppm)
        return loss / self.loss_scale if self.normalize else loss


def _positive(name: str, value: float | int) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not (0 < value < math.inf):
        raise InputError(f"{name} must be positive, got {value}")
    return float(value)
