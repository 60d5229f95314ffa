"""Assembly of the records that readers yield, with checks of numbers, level and precursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Float64, ndarray

MAX_CHARGE = 20
"""Largest precursor charge; peptides rarely carry more than ten protons."""
LOWEST_MZ, HIGHEST_MZ = 1.0, 1e6
"""Range of m/z in Th: no ion is lighter than a proton, and single precision limits the top."""
MZ_RANGE = f"from {LOWEST_MZ:g} to {HIGHEST_MZ:,.0f}"


class SpectrumError(Exception):
    """An entry cannot be used: the reason, and the line of the fault if it is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Origin:
    """File, position and names of an entry, for its spectrum or rejection.

    Parameters
    ----------
    file, index, native_id, title, line, scan
        As in `MeasuredSpectrum`.
    """

    file: str
    index: int
    native_id: str
    title: str
    line: int = 0
    scan: int | None = None

    def rejected(self, fault: SpectrumError) -> Rejected:
        """Return the rejection of the entry."""
        return Rejected(
            self.file,
            str(fault),
            self.index,
            self.native_id,
            self.title or self.native_id,
            fault.line or self.line,
            self.scan,
        )

    def record(self, parse: "Callable[[Origin], MeasuredSpectrum]") -> MeasuredSpectrum | Rejected:
        """Return the spectrum that ``parse`` makes of the entry, or the rejection."""
        try:
            return parse(self)
        except SpectrumError as fault:
            return self.rejected(fault)

    def spectrum(
        self,
        peaks: tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]],
        precursor_mz: float | None,
        precursor_charge: int | Sequence[int] | None,
        **others: Any,
    ) -> MeasuredSpectrum:
        """Assemble a spectrum, with the precursor checked; ``others`` are fields of the spectrum.

        Several charges become the possible ones, and the precursor charge is unknown.

        Raises
        ------
        SpectrumError
            If the precursor m/z is missing or out of range, or a charge is out of range.
        """
        stated = precursor_charge if isinstance(precursor_charge, Sequence) else [precursor_charge]
        charges = [charge for each in stated if (charge := _checked_charge(each))]
        return MeasuredSpectrum(
            title=self.title or self.native_id,
            index=self.index,
            line=self.line,
            precursor_mz=_checked_precursor(precursor_mz),
            precursor_charge=charges[0] if len(charges) == 1 else None,
            mz=peaks[0],
            intensity=peaks[1],
            file=self.file,
            native_id=self.native_id,
            scan=self.scan,
            possible_charges=tuple(charges) if len(charges) > 1 else (),
            **others,
        )


def annotation(read: Callable[[], str | None]) -> dict[str, str | None]:
    """Return the fields of a spectrum for its peptide, or for the fault of its annotation."""
    try:
        return {"peptide": read()}
    except SpectrumError as fault:
        return {"peptide_fault": str(fault)}


def require_ms2(level: int | None) -> None:
    """Refuse spectra of another level than 2; an unstated level counts as 2."""
    if level is not None and level != 2:
        raise SpectrumError(f"an MS{level} spectrum; only MS2 spectra are sequenced")


def number(text: str | None, what: str) -> float | None:
    """Read a number, None for empty text; other text is a `SpectrumError` that names ``what``."""
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise SpectrumError(f"{what} must be a number, got {text[:40]!r}") from None


def number_if_any(text: str | None) -> float | None:
    """Read an optional number; None for text that is not a finite number."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < inf else None


def whole_number(text: str | None, what: str) -> int | None:
    """Read a whole number, as `number` does."""
    value = number(text, what)
    if value is not None and not (abs(value) < inf and value == int(value)):
        raise SpectrumError(f"{what} must be a whole number, got {value:g}")
    return None if value is None else int(value)


def _checked_precursor(precursor_mz: float | None) -> float:
    if precursor_mz is None:
        raise SpectrumError("the precursor m/z is missing")
    if not LOWEST_MZ <= precursor_mz <= HIGHEST_MZ:
        raise SpectrumError(f"the precursor m/z must be {MZ_RANGE}, got {precursor_mz:g}")
    return precursor_mz


def _checked_charge(charge: int | None) -> int | None:
    if charge is not None and not 0 <= charge <= MAX_CHARGE:
        raise SpectrumError(f"the precursor charge must be from 1 to {MAX_CHARGE}, got {charge}")
    return charge or None
