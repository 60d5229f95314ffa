"""Read spectra from MGF files, with the peptide that an annotated file gives each of them."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import numpy as np

from denovo.errors import InputError
from denovo.typing import Float64, ndarray

_COMMENTS = tuple("#;!/")
_GZIP_MAGIC = b"\x1f\x8b"
_CHARGE = re.compile(r"\+?([1-9]\d?)\+?")
_LISTED_MODIFICATIONS = re.compile(r"\d+-MOD:\d+(,\d+-MOD:\d+)*")
_PSI_MOD = {"MOD:00425": "UNIMOD:35", "MOD:00397": "UNIMOD:4"}


@dataclass(frozen=True, eq=False)
class MeasuredSpectrum:
    """One entry of an MGF file.

    Parameters
    ----------
    title : str
        ``TITLE=``, or ``index=N`` where the entry has none.
    index : int
        Place in the file, from 0.
    line : int
        Line of its ``BEGIN IONS``, from 1.
    precursor_mz : float
        Measured precursor m/z in Th.
    precursor_charge : int
        Positive charge state.
    mz : array [peak], float64
        m/z in Th, ascending.
    intensity : array [peak], float64
        Positive intensity as it stands in the file, on whatever scale that is.
    peptide : str or None
        ``SEQ=`` as written, None where the entry has none.
    """

    title: str
    index: int
    line: int
    precursor_mz: float
    precursor_charge: int
    mz: Float64[ndarray, " peak"]
    intensity: Float64[ndarray, " peak"]
    peptide: str | None


def read_mgf(path: str | Path) -> Iterator[MeasuredSpectrum]:
    """Read the spectra of an MGF file one after the other.

    Points of zero intensity are dropped. Profile spectra are not centroided: their points arrive
    as peaks. Where a field is repeated the first one counts. ``SEQ=`` is handed on as it is;
    modifications listed beside it as ``USER03=13-MOD:00425`` (position from 1 and PSI-MOD
    accession, as PRIDE Cluster writes them) are put into it.

    Parameters
    ----------
    path : str or Path
        The file, plain or compressed with gzip.

    Yields
    ------
    MeasuredSpectrum
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read or holds no spectra, or if an entry is malformed; names the line
        and the spectrum.
    """
    # A scanner of our own instead of `pyteomics.mgf`: that one passes over peaks without an
    # intensity and entries without an end, keeps the last of repeated fields, and cannot say in
    # which entry or line a fault lies. The tests compare the two on well-formed files.
    index = -1
    for index, entry in enumerate(_entries(path)):
        yield entry.spectrum(index)
    if index < 0:
        raise InputError(
            f"{path}: no spectra found; expected MGF entries between BEGIN IONS and END IONS"
        )


@dataclass
class _Entry:
    """Fields and peaks of an entry as they are collected line by line."""

    path: str | Path
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    peaks: list[tuple[float, float]] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)

    def fail(self, message: str, line: int | None = None) -> NoReturn:
        """Raise an error that names the file, the line and the spectrum."""
        title = f", spectrum {self.fields['TITLE']!r}" if "TITLE" in self.fields else ""
        raise InputError(f"{self.path}, line {line or self.line}{title}: {message}")

    def add(self, text: str, line: int) -> None:
        """Take in one line between ``BEGIN IONS`` and ``END IONS``."""
        key, equals, value = text.partition("=")
        if equals:
            self.fields.setdefault(key.strip().upper(), value.strip())
            return
        try:
            mz, intensity = map(float, text.split()[:2])
        except ValueError:
            self.fail("expected a peak as m/z and intensity, or a field as KEY=value", line)
        if not 0 < mz < np.inf:
            self.fail(f"the m/z of a peak must be a positive number, got {mz}", line)
        if not 0 <= intensity < np.inf:
            self.fail(f"the intensity of a peak must not be negative, got {intensity}", line)
        if intensity:
            self.peaks.append((mz, intensity))

    def spectrum(self, index: int) -> MeasuredSpectrum:
        """Check the entry as a whole and turn it into a spectrum."""
        if not self.peaks:
            self.fail("the spectrum has no peaks; remove the entry")
        peaks = np.array(self.peaks, dtype=np.float64)
        peaks = peaks[np.argsort(peaks[:, 0], kind="stable")]
        return MeasuredSpectrum(
            title=self.fields.get("TITLE") or f"index={index}",
            index=index,
            line=self.line,
            precursor_mz=self._precursor_mz(),
            precursor_charge=self._precursor_charge(),
            mz=peaks[:, 0].copy(),
            intensity=peaks[:, 1].copy(),
            peptide=self._peptide(),
        )

    def _precursor_mz(self) -> float:
        text = self.fields.get("PEPMASS")
        if text is None:
            self.fail("PEPMASS= is missing; give the precursor m/z")
        try:
            precursor_mz = float(text.split()[0])
        except (ValueError, IndexError):
            precursor_mz = 0.0
        if not 0 < precursor_mz < np.inf:
            self.fail(f"PEPMASS= must start with a positive m/z, got {text!r}")
        return precursor_mz

    def _precursor_charge(self) -> int:
        text = self.fields.get("CHARGE", self.header.get("CHARGE"))
        if text is None:
            self.fail("CHARGE= is missing; give the precursor charge, such as CHARGE=2+")
        match = _CHARGE.fullmatch(text)
        if not match:
            self.fail(f"CHARGE= must be one positive charge such as 2+, got {text!r}")
        return int(match.group(1))

    def _peptide(self) -> str | None:
        sequence = self.fields.get("SEQ")
        listed = self.fields.get("USER03", "")
        if not sequence or not _LISTED_MODIFICATIONS.fullmatch(listed):
            return sequence or None
        if not sequence.isalpha():
            self.fail("modifications stand both in SEQ= and in USER03=; keep one of them")
        residues = list(sequence)
        for item in listed.split(","):
            position, accession = item.split("-")
            if not 1 <= int(position) <= len(sequence):
                self.fail(f"USER03={listed} points outside SEQ={sequence}")
            residues[int(position) - 1] += f"[{_PSI_MOD.get(accession, accession)}]"
        return "".join(residues)


def _entries(path: str | Path) -> Iterator[_Entry]:
    entry: _Entry | None = None
    header: dict[str, str] = {}
    for number, text in _lines(path):
        if text.upper() == "BEGIN IONS":
            if entry:
                entry.fail(f"END IONS is missing before the next BEGIN IONS in line {number}")
            entry = _Entry(path, number, header=header)
        elif entry is None:
            key, equals, value = text.partition("=")
            if not equals:
                raise InputError(
                    f"{path}, line {number}: expected BEGIN IONS or KEY=value; is this an MGF file?"
                )
            header.setdefault(key.strip().upper(), value.strip())
        elif text.upper() == "END IONS":
            yield entry
            entry = None
        else:
            entry.add(text, number)
    if entry:
        entry.fail("END IONS is missing at the end of the file; is it complete?")


def _lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield the number and text of every line that is neither empty nor a comment."""
    try:
        with _open_text(Path(path).expanduser()) as file:
            for number, raw in enumerate(file, start=1):
                text = raw.strip()
                if text and not text.startswith(_COMMENTS):
                    yield number, text
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give the path of an MGF file") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def _open_text(path: Path) -> TextIOWrapper:
    with path.open("rb") as file:
        is_compressed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    # Titles come in any encoding and nothing depends on their odd characters.
    if is_compressed:
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace")
    return path.open(encoding="utf-8-sig", errors="replace")
