"""What every reader yields: a measured spectrum, or a record of why an entry is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from denovo.typing import Float64, ndarray

MAX_CHARGE = 20
"""Higher precursor charges are taken for damage: peptides rarely carry more than ten protons."""


LOWEST_MZ, HIGHEST_MZ = 1.0, 1e6
"""Th; beyond is damage: nothing is lighter than a proton, and single precision has its limits."""
MZ_RANGE = f"from {LOWEST_MZ:g} to {HIGHEST_MZ:,.0f}"


class SpectrumError(Exception):
    """One entry cannot be used; the file goes on.

    Parameters
    ----------
    reason : str
        What is wrong.
    line : int or None
        Line of the fault, where it is known.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, eq=False)
class MeasuredSpectrum:
    """One spectrum of a file.

    Parameters
    ----------
    title : str
        What the file calls it, or its native id where it has no title.
    index : int
        Place in the file, from 0, rejected entries counted.
    line : int
        Line where its entry starts, from 1; 0 where that is unknown.
    precursor_mz : float
        Measured precursor m/z in Th.
    precursor_charge : int or None
        Positive charge state, None where the file states none or several.
    mz : array [peak], float64
        m/z in Th, ascending.
    intensity : array [peak], float64
        Positive intensity as it stands in the file, on whatever scale that is.
    peptide : str or None
        Annotated peptide in ProForma as written, None where the entry has none.
    file : str
        Path of the file.
    native_id : str
        What the file's format identifies spectra by, as ``spectra_ref`` of mzTab wants it:
        ``"index=7"``, ``"scan=19"``, ``"controllerType=0 controllerNumber=1 scan=19"``.
    ms_level : int
        2 for every spectrum that is not rejected.
    retention_time : float or None
        Seconds.
    peptide_fault : str or None
        Why an annotation that is there could not be read.
    scan : int or None
        Scan number, where the file states one.
    note : str
        What a user should know of how the entry was read; empty where there is nothing to say.
    possible_charges : tuple of int
        The charges to try where the file states several.
    activation : str
        How the precursor was fragmented (HCD, CID, ETD, EThcD), where the file states it.
    analyzer : str
        Mass analyzer of the fragments (FT, ion trap, TOF), where the file states it.
    """

    title: str
    index: int
    line: int
    precursor_mz: float
    precursor_charge: int | None
    mz: Float64[ndarray, " peak"]
    intensity: Float64[ndarray, " peak"]
    peptide: str | None
    file: str = ""
    native_id: str = ""
    ms_level: int = 2
    retention_time: float | None = None
    peptide_fault: str | None = None
    scan: int | None = None  # Scan number of the file, where it has one.
    note: str = ""
    possible_charges: tuple[int, ...] = ()
    activation: str = ""
    analyzer: str = ""


@dataclass(frozen=True)
class Rejected:
    """An entry that is no usable spectrum, or a file that cannot be read on.

    Parameters
    ----------
    file : str
        Path of the file.
    reason : str
        One sentence.
    index : int or None
        Place in the file, from 0; None where the record is about the file or about text outside
        its entries.
    native_id, title : str
        As of a `MeasuredSpectrum`; empty where ``index`` is None.
    line : int
        Line of the fault, or of the entry; 0 where that is unknown.
    scan : int or None
        As of a `MeasuredSpectrum`.
    """

    file: str
    reason: str
    index: int | None = None
    native_id: str = ""
    title: str = ""
    line: int = 0
    scan: int | None = None

    @property
    def sentence(self) -> str:
        """File, line and spectrum with the reason, for a message or a ledger."""
        line = f", line {self.line}" if self.line else ""
        # A place in the file says no more than the line does.
        is_named = self.title and not self.title.startswith("index=")
        spectrum = f", spectrum {self.title!r}" if is_named else ""
        return f"{self.file}{line}{spectrum}: {self.reason}"


@dataclass(frozen=True)
class Origin:
    """Where an entry stands; the part that a spectrum and its rejection have in common.

    Parameters
    ----------
    file, index, native_id, title, line, scan
        As of a `MeasuredSpectrum`.
    """

    file: str
    index: int
    native_id: str
    title: str
    line: int = 0
    scan: int | None = None

    def rejected(self, fault: SpectrumError) -> Rejected:
        """Record why the entry is not used."""
        return Rejected(
            self.file,
            str(fault),
            self.index,
            self.native_id,
            self.title or self.native_id,
            fault.line or self.line,
            self.scan,
        )

    def spectrum(
        self,
        peaks: tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]],
        precursor_mz: float | None,
        precursor_charge: int | Sequence[int] | None,
        peptide: str | None = None,
        retention_time: float | None = None,
        peptide_fault: str | None = None,
        note: str = "",
        activation: str = "",
        analyzer: str = "",
    ) -> MeasuredSpectrum:
        """Put a spectrum together from its parts, with the precursor checked.

        Of several charges none is that of the precursor; they are kept to be tried.

        Raises
        ------
        SpectrumError
            If the precursor m/z is missing or out of range, or the charge is absurd.
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
            peptide=peptide or None,
            file=self.file,
            native_id=self.native_id,
            retention_time=retention_time,
            peptide_fault=peptide_fault,
            scan=self.scan,
            note=note,
            possible_charges=tuple(charges) if len(charges) > 1 else (),
            activation=activation,
            analyzer=analyzer,
        )


def require_ms2(level: int | None) -> None:
    """Refuse spectra of another level than 2; an unstated level is taken for 2.

    Raises
    ------
    SpectrumError
        If the level is stated and not 2.
    """
    if level is not None and level != 2:
        raise SpectrumError(f"an MS{level} spectrum; only MS2 spectra are sequenced")


def number(text: str | None, what: str) -> float | None:
    """Read a number of a file; None where there is none.

    Raises
    ------
    SpectrumError
        If there is text that is no number.
    """
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise SpectrumError(f"{what} must be a number, got {text[:40]!r}") from None


def number_if_any(text: str | None) -> float | None:
    """Read a number that a spectrum can do without; None where there is none to be read."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < inf else None


def whole_number(text: str | None, what: str) -> int | None:
    """Read a whole number of a file, as `number` does."""
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
