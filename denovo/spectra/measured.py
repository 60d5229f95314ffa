"""Records of the entries of spectrum files: a measured spectrum, or why an entry is none."""

from dataclasses import dataclass

from denovo.typing import Float64, ndarray


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
        """File, line and spectrum with the reason, for a message or a file of rejected entries."""
        line = f", line {self.line}" if self.line else ""
        # A place in the file says no more than the line does.
        is_named = self.title and not self.title.startswith("index=")
        spectrum = f", spectrum {self.title!r}" if is_named else ""
        return f"{self.file}{line}{spectrum}: {self.reason}"
