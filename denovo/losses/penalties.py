"""What a mass error costs: a family of functions of its size, all with the same knee."""

from abc import ABC, abstractmethod

import torch

from denovo.checks import check_names, check_positive
from denovo.errors import InputError
from denovo.typing import Float64, Tensor


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
