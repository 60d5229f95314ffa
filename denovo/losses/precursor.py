"""Precursor mass loss: the predicted peptide must weigh what was measured."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch

from denovo.chemistry import Vocabulary, ppm_error
from denovo.errors import InputError, check_names, check_positive
from denovo.losses.expected_mass import expected_mass, straight_through_mass
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


class Penalty(ABC):
    """A cost that is 0 for no error and rises with its size, changing character at a knee.

    In the formulas of the members ``e`` is the absolute error and ``s`` the knee. At the knee every
    plain member lies between ``s/2`` and ``s``.

    Parameters
    ----------
    knee : float
        Error at which the penalty changes from its behaviour near zero to that far away, positive,
        in the unit of the errors.
    normalize : bool
        Whether to divide value and slope by the knee, which else moves size and knee together.

    Raises
    ------
    InputError
        If the knee is not a positive finite number.
    """

    def __init__(self, knee: float | int = 100.0, normalize: bool = False) -> None:
        self.knee = check_positive("knee", knee)
        self.normalize = normalize

    def value(self, error: Float64[Tensor, "*any"]) -> Float64[Tensor, "*any"]:
        """Compute the penalty of signed errors.

        Parameters
        ----------
        error : Tensor, float64
            Signed errors, in the unit of the knee.

        Returns
        -------
        Tensor, float64
            Never negative, 0 for no error, differentiable but for a kink at 0 (and at the knee of
            the clamp).
        """
        return self._scaled(self._value(error.abs()))

    def slope(self, error: Float64[Tensor, "*any"]) -> Float64[Tensor, "*any"]:
        """Compute the derivative of the penalty with respect to the size of the error.

        Parameters
        ----------
        error : Tensor, float64
            Signed errors, in the unit of the knee.

        Returns
        -------
        Tensor, float64
            The closed form, never negative. The gradient with respect to the signed error is this
            times the sign. At a kink it is the limit from the right at 0, from the left at a knee.
        """
        return self._scaled(self._slope(error.abs()))

    @abstractmethod
    def _value(self, size: Tensor) -> Tensor:
        """Compute the plain value of absolute errors."""

    @abstractmethod
    def _slope(self, size: Tensor) -> Tensor:
        """Compute the plain slope at absolute errors."""

    def _scaled(self, plain: Tensor) -> Tensor:
        return plain / self.knee if self.normalize else plain


class LogPenalty(Penalty):
    """Absolute error near zero, natural logarithm far away.

    Value ``s log(1 + e/s)``, slope ``s / (s + e)``: 1 at zero, 1/2 at the knee, falling like
    ``1/e`` but never 0.
    """

    def _value(self, size: Tensor) -> Tensor:
        return torch.log1p(size / self.knee) * self.knee

    def _slope(self, size: Tensor) -> Tensor:
        return self.knee / (self.knee + size)


class ClampPenalty(Penalty):
    """Absolute error with a ceiling: what stops learning.

    Value ``min(e, s)``, slope 1 up to the knee and 0 beyond.
    """

    def _value(self, size: Tensor) -> Tensor:
        return size.clamp(max=self.knee)

    def _slope(self, size: Tensor) -> Tensor:
        return (size <= self.knee).double()


class HuberPenalty(Penalty):
    """Squared error near zero, absolute error far away.

    Value ``e^2 / (2s)`` and slope ``e/s`` below the knee, ``e - s/2`` and 1 beyond.

    References
    ----------
    Huber, Ann. Math. Stat. 35, 73 (1964), doi:10.1214/aoms/1177703732; here divided by ``s``.
    """

    def _value(self, size: Tensor) -> Tensor:
        # One expression for both sides, so that no huge error is squared.
        inner = size.clamp(max=self.knee)
        return inner**2 / (2 * self.knee) + (size - inner)

    def _slope(self, size: Tensor) -> Tensor:
        return (size / self.knee).clamp(max=1.0)


class SqrtPenalty(Penalty):
    """Absolute error near zero, square root far away.

    Value ``2s (sqrt(1 + e/s) - 1)``, slope ``1 / sqrt(1 + e/s)``: 1 at zero, falling like
    ``1/sqrt(e)``.
    """

    def _value(self, size: Tensor) -> Tensor:
        # The same without the difference of two nearly equal numbers.
        return 2 * size / (torch.sqrt(1 + size / self.knee) + 1)

    def _slope(self, size: Tensor) -> Tensor:
        return torch.rsqrt(1 + size / self.knee)


class HybridPenalty(LogPenalty):
    """The logarithm with a share of absolute error, so that the slope has a floor.

    Value ``(1 - t) s log(1 + e/s) + t e``, slope ``(1 - t) s / (s + e) + t``: 1 at zero, at least
    ``t`` everywhere.

    Parameters
    ----------
    knee, normalize
        See `Penalty`.
    tail : float
        Share ``t`` of the absolute error, above 0 and at most 1.

    Raises
    ------
    InputError
        If the tail is out of range.
    """

    def __init__(
        self, knee: float | int = 100.0, normalize: bool = False, tail: float | int = 0.01
    ) -> None:
        super().__init__(knee, normalize)
        if not 0 < tail <= 1:
            raise InputError(f"tail must be above 0 and at most 1, got {tail}")
        self.tail = float(tail)

    def _value(self, size: Tensor) -> Tensor:
        return torch.lerp(super()._value(size), size, self.tail)

    def _slope(self, size: Tensor) -> Tensor:
        return torch.lerp(super()._slope(size), torch.ones_like(size), self.tail)


PENALTIES: dict[str, type[Penalty]] = {
    "log": LogPenalty,
    "clamp": ClampPenalty,
    "huber": HuberPenalty,
    "sqrt": SqrtPenalty,
    "hybrid": HybridPenalty,
}


def make_penalty(
    name: str, knee: float | int = 100.0, normalize: bool = False, tail: float | int = 0.01
) -> Penalty:
    """Make a member of the family by name.

    Parameters
    ----------
    name : str
        A key of `PENALTIES`.
    knee : float
        Error at which the penalty changes its character, positive.
    normalize : bool
        Whether to divide by the knee.
    tail : float
        Share of absolute error in ``hybrid``; the other members have none.

    Returns
    -------
    Penalty
        The member.

    Raises
    ------
    InputError
        If the name is unknown, with the closest known one, or a number is out of range.
    """
    check_names([name], PENALTIES, "precursor mass loss", "penalty")
    if name == "hybrid":
        return HybridPenalty(knee, normalize, tail)
    return PENALTIES[name](knee, normalize)


UNITS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "ppm": ppm_error,
    "Da": lambda predicted, measured: predicted - measured,
}
"""How the error of a predicted mass is counted."""

MASSES: dict[str, Callable[..., Tensor]] = {
    "expected": expected_mass,
    "straight_through": straight_through_mass,
}
"""What the mass of a peptide is that is not decided yet."""


class PrecursorMassLoss(LossTerm):
    """Penalty on the mass error of the predicted peptide.

    The default is logarithmic: with ``e`` the absolute error in ppm it is
    ``log(1 + e / loss_scale) * loss_scale``. Its slope ``loss_scale / (loss_scale + e)`` is 1 at
    zero and never vanishes, however wrong the mass. `denovo.losses.precursor` has the alternatives.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    loss_scale : float
        Knee of the penalty in ``unit``, positive; the bound of the clamp.
    use_log_loss : bool
        False is another way to write ``penalty="clamp"``.
    penalty : str
        ``"log"``, ``"clamp"``, ``"huber"``, ``"sqrt"`` or ``"hybrid"``.
    normalize : bool
        Whether to divide by ``loss_scale``, which else moves knee and size together: at 25,000 ppm
        and a scale of 100 the plain loss is 552, beside a cross-entropy near 2.
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
        If a name is unknown, a number out of range, or the clamp is asked for twice differently.

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
        name = _penalty_name(penalty, use_log_loss)
        self.penalty = make_penalty(name, self.loss_scale, normalize, tail)
        self.unit, self.mass = unit, mass

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute the loss of each spectrum; see the class for the formula."""
        return self.penalty.value(self.error(logits, batch))

    def error(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        """Compute the signed mass error of each peptide, positive if it is too heavy.

        Parameters
        ----------
        logits : Tensor [step, batch, length, vocab]
            What the sequencer says.
        batch : LabelledSpectra
            The spectra and their peptides.

        Returns
        -------
        Tensor [batch], float64
            Predicted less measured mass at the last refinement step, in ``unit``.
        """
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
