"""Mass tolerances in ppm and Da, and the signed ppm error."""

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from denovo.errors import InputError, check_positive
from denovo.typing import Tensor, ndarray

Number = TypeVar("Number", float, ndarray, Tensor)


def ppm_error(observed: Number, theoretical: Number) -> Number:
    """Compute the signed relative error in parts per million.

    Parameters
    ----------
    observed : float, array or Tensor
        Measured masses or m/z values.
    theoretical : float, array or Tensor
        Theoretical values; same unit, broadcastable, not zero.

    Returns
    -------
    float, array or Tensor
        ``1e6 * (observed - theoretical) / theoretical``.
    """
    return 1e6 * (observed - theoretical) / theoretical


@dataclass(frozen=True)
class Tolerance(ABC):
    """Largest difference of an observed from a theoretical mass or m/z.

    Parameters
    ----------
    value : float
        Half width of the window around the theoretical value, positive.
    """

    value: float
    unit: ClassVar[str]

    def __post_init__(self) -> None:
        check_positive("a tolerance", self.value)

    @abstractmethod
    def half_width(self, theoretical: Number) -> Number:
        """Return the half width of the window around ``theoretical``, in its unit and shape."""

    @abstractmethod
    def theoretical_bounds(self, observed: Number) -> tuple[Number, Number]:
        """Return the smallest and largest theoretical value that fit a positive observed one."""

    def contains(self, observed: Number, theoretical: Number) -> bool | ndarray | Tensor:
        """Return whether ``observed`` lies in the window around ``theoretical``, ends included."""
        return abs(observed - theoretical) <= self.half_width(theoretical)

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


class Ppm(Tolerance):
    """A tolerance relative to the theoretical value, in parts per million."""

    unit = "ppm"

    def half_width(self, theoretical: Number) -> Number:
        """Return the tolerance as a share of ``theoretical``."""
        return abs(theoretical) * (self.value * 1e-6)  # pyright: ignore[reportReturnType]

    def theoretical_bounds(self, observed: Number) -> tuple[Number, Number]:
        """Return the ends; from 1e6 ppm on, every larger theoretical value fits."""
        share = self.value * 1e-6
        highest = observed / (1 - share) if share < 1 else observed + math.inf
        return observed / (1 + share), highest  # pyright: ignore[reportReturnType]


class Da(Tolerance):
    """An absolute tolerance in Da (for masses) or Th (for m/z)."""

    unit = "Da"

    def half_width(self, theoretical: Number) -> Number:
        """Return the tolerance, in the shape of ``theoretical``."""
        return abs(theoretical) * 0 + self.value  # pyright: ignore[reportReturnType]

    def theoretical_bounds(self, observed: Number) -> tuple[Number, Number]:
        """Return the ends at equal distances from ``observed``."""
        return observed - self.value, observed + self.value


def parse_tolerance(text: str) -> Tolerance:
    """Read a tolerance from a positive number and a unit: ``"20 ppm"``, ``"0.02 Da"``.

    Raises
    ------
    InputError
        If the text is not a positive number followed by ``ppm`` or ``Da``.

    Examples
    --------
    >>> parse_tolerance("20 ppm")
    Ppm(value=20.0)
    """
    match = re.fullmatch(r"\s*([0-9.eE+-]+)\s*(ppm|da)\s*", str(text), flags=re.IGNORECASE)
    try:
        if match:
            value = float(match.group(1))
            return Ppm(value) if match.group(2).lower() == "ppm" else Da(value)
    except ValueError as error:
        raise InputError(f"tolerance {text!r} is not valid: {error}") from error
    raise InputError(f"tolerance must read like '20 ppm' or '0.02 Da', got {text!r}")
