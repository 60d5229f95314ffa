"""Precursor mass loss, and the penalties on its mass error."""

from collections.abc import Callable

import torch

from denovo.chemistry import Vocabulary, ppm_error
from denovo.errors import InputError, check_names, check_positive
from denovo.losses.expected_mass import expected_mass, straight_through_mass
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


def log_penalty(error: Tensor, loss_scale: float) -> Tensor:
    """Absolute error near zero, natural logarithm far away: ``s log(1 + e/s)``.

    Its slope ``s / (s + e)`` is 1 at zero, 1/2 at the scale, and falls like ``1/e`` but never to 0.
    """
    return torch.log1p(error.abs() / loss_scale) * loss_scale


def clamp_penalty(error: Tensor, loss_scale: float) -> Tensor:
    """Absolute error with a ceiling, ``min(e, s)``: beyond the scale there is no gradient."""
    return error.abs().clamp(max=loss_scale)


def huber_penalty(error: Tensor, loss_scale: float) -> Tensor:
    """Squared error near zero, absolute error far away: ``e^2 / (2s)``, then ``e - s/2``.

    References
    ----------
    Huber, Ann. Math. Stat. 35, 73 (1964), doi:10.1214/aoms/1177703732; here divided by ``s``.
    """
    size = error.abs()
    # One expression for both sides, so that no huge error is squared.
    inner = size.clamp(max=loss_scale)
    return inner**2 / (2 * loss_scale) + (size - inner)


def sqrt_penalty(error: Tensor, loss_scale: float) -> Tensor:
    """Absolute error near zero, square root far away: ``2s (sqrt(1 + e/s) - 1)``."""
    size = error.abs()
    # The same without the difference of two nearly equal numbers.
    return 2 * size / (torch.sqrt(1 + size / loss_scale) + 1)


def hybrid_penalty(error: Tensor, loss_scale: float, tail: float = 0.01) -> Tensor:
    """Add a share of absolute error to the logarithm: ``(1 - t) s log(1 + e/s) + t e``.

    Its slope is 1 at zero and nowhere below ``t``, the ``tail``.
    """
    return torch.lerp(log_penalty(error, loss_scale), error.abs(), tail)


PENALTIES: dict[str, Callable[..., Tensor]] = {
    "log": log_penalty,
    "clamp": clamp_penalty,
    "huber": huber_penalty,
    "sqrt": sqrt_penalty,
    "hybrid": hybrid_penalty,
}
"""Penalties on signed errors [...]: 0 at 0, rising with the size ``e`` of the error. Errors have
the unit of the scale ``s``, at which the shape changes and each is between ``s/2`` and ``s``."""


def make_penalty(
    name: str, loss_scale: float | int = 100.0, normalize: bool = False, tail: float | int = 0.01
) -> Callable[[Tensor], Tensor]:
    """Make a penalty from a key of `PENALTIES`, with the settings of `PrecursorMassLoss`.

    Returns
    -------
    callable
        From signed errors [...] to penalties [...], differentiable except at 0, and at the scale
        of the clamp.

    Raises
    ------
    InputError
        If the name is unknown, with the closest known one, or a number is out of range.
    """
    check_names([name], PENALTIES, "precursor mass loss", "penalty")
    scale = check_positive("loss_scale", loss_scale)
    if not 0 < tail <= 1:
        raise InputError(f"tail must be above 0 and at most 1, got {tail}")
    options = {"tail": float(tail)} if name == "hybrid" else {}
    divisor = scale if normalize else 1.0

    def penalty(error: Tensor) -> Tensor:
        return PENALTIES[name](error, scale, **options) / divisor

    return penalty


UNITS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "ppm": ppm_error,
    "Da": lambda predicted, measured: predicted - measured,
}
"""Error of a predicted against a measured mass, by unit."""

MASSES: dict[str, Callable[..., Tensor]] = {
    "expected": expected_mass,
    "straight_through": straight_through_mass,
}
"""Mass of a peptide from its residue distribution."""


class PrecursorMassLoss(LossTerm):
    """Penalty on the mass error of the predicted peptide.

    The default is logarithmic: with ``e`` the absolute error in ppm it is
    ``log(1 + e / loss_scale) * loss_scale``. Its slope ``loss_scale / (loss_scale + e)`` is 1 at
    zero and never 0. `PENALTIES` lists the alternatives.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    loss_scale : float
        Error in ``unit`` at which the penalty changes its shape, positive; the bound of the clamp.
    use_log_loss : bool
        False is another way to write ``penalty="clamp"``.
    penalty : str
        ``"log"``, ``"clamp"``, ``"huber"``, ``"sqrt"`` or ``"hybrid"``.
    normalize : bool
        Whether to divide by ``loss_scale``, which otherwise changes shape and size together: at
        25,000 ppm and a scale of 100 the plain loss is 552, next to a cross-entropy near 2.
    unit : str
        ``"ppm"`` of the measured mass, or ``"Da"``.
    mass : str
        ``"expected"``: mean residue mass under the predicted distribution. ``"straight_through"``:
        mass of the most probable residues, with the gradient of the expected mass.
    tail : float
        Share of absolute error in the hybrid penalty, in (0, 1]; the others have none.

    Raises
    ------
    InputError
        If a name is unknown, a number out of range, or ``use_log_loss`` contradicts ``penalty``.

    Notes
    -----
    The error is relative to the *measured* precursor mass, the only one known for unlabelled
    spectra. Only the last refinement step counts, since it is the prediction.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        loss_scale: float | int = 100.0,
        use_log_loss: bool = True,
        penalty: str = "log",
        normalize: bool = False,
        unit: str = "ppm",
        mass: str = "expected",
        tail: float | int = 0.01,
    ) -> None:
        super().__init__(vocabulary)
        check_names([unit], UNITS, "precursor mass loss", "unit")
        check_names([mass], MASSES, "precursor mass loss", "mass")
        self.loss_scale = check_positive("loss_scale", loss_scale)
        self.penalty = _penalty_name(penalty, use_log_loss)
        self.normalize, self.unit, self.mass = normalize, unit, mass
        self.penalise = make_penalty(self.penalty, self.loss_scale, normalize, tail)

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute the loss of each spectrum; see the class for the formula."""
        return self.penalise(self.error(logits, batch))

    def error(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute predicted less measured mass at the last refinement step, in ``unit``."""
        predicted = MASSES[self.mass](logits[-1], batch.residue_mask, self.vocabulary)
        return UNITS[self.unit](predicted, batch.spectra.precursor_mass)


def _penalty_name(penalty: str, use_log_loss: bool) -> str:
    if use_log_loss:
        return penalty
    if penalty not in ("log", "clamp"):
        raise InputError(
            f"use_log_loss=false means penalty=clamp, but penalty={penalty} was asked for; "
            "leave use_log_loss at true"
        )
    return "clamp"
