"""Records of the entries of spectrum files: measured spectra and rejected entries."""

from dataclasses import dataclass

from denovo.typing import Float64, ndarray


@dataclass(frozen=True, eq=False)
class MeasuredSpectrum:
    """One spectrum of a file.

    Parameters
    ----------
    title : str
        Title in the file, or the native id without one.
    index : int
        Position in the file, from 0, including rejected entries.
    line : int
        First line of the entry, from 1; 0 if unknown.
    precursor_mz : float
        Measured precursor m/z in Th.
    precursor_charge : int or None
        Positive charge state, None if the file states none or several.
    mz : array [peak], float64
        m/z in Th, ascending.
    intensity : array [peak], float64
        Positive intensity on the scale of the file.
    peptide : str or None
        Annotated peptide in ProForma as written, None without annotation.
    file : str
        Path of the file.
    native_id : str
        Identifier of the file format, as in ``spectra_ref`` of mzTab: ``"index=7"``,
        ``"scan=19"``, ``"controllerType=0 controllerNumber=1 scan=19"``.
    ms_level : int
        2 for every spectrum that is not rejected.
    retention_time : float or None
        Seconds.
    peptide_fault : str or None
        Reason why an annotation could not be read.
    scan : int or None
        Scan number, if the file states one.
    note : str
        Remark for the user on the reading of the entry; empty without one.
    possible_charges : tuple of int
        The charges to try if the file states several.
    activation : str
        Fragmentation method (HCD, CID, ETD, EThcD), if the file states it.
    analyzer : str
        Mass analyzer of the fragments (FT, ion trap, TOF), if the file states it.
    """

    title: str
    index: int
    line: int
    precursor_mz: float
    precursor_charge: int | None
    mz: Float64[ndarray, " peak"]
    intensity: Float64[ndarray, " peak"]
    peptide: str | None = None
    file: str = ""
    native_id: str = ""
    ms_level: int = 2
    retention_time: float | None = None
    peptide_fault: str | None = None
    scan: int | None = None
    note: str = ""
    possible_charges: tuple[int, ...] = ()
    activation: str = ""
    analyzer: str = ""


@dataclass(frozen=True)
class Rejected:
    """An entry that is not a usable spectrum, or a file that cannot be read further.

    Parameters
    ----------
    file : str
        Path of the file.
    reason : str
        One sentence.
    index : int or None
        Position in the file, from 0; None if the record concerns the file or text outside its
        entries.
    native_id, title, scan
        As in `MeasuredSpectrum`; empty if ``index`` is None.
    line : int
        Line of the fault, or of the entry; 0 if unknown.
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
        # A position in the file adds nothing to the line.
        is_named = self.title and not self.title.startswith("index=")
        spectrum = f", spectrum {self.title!r}" if is_named else ""
        return f"{self.file}{line}{spectrum}: {self.reason}"
