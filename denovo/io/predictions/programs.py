"""Answers of sequencing programs, read from the files that they write.

The columns are those of Casanovo 3 to 5.2 (AdaNovo and ContraNovo write the same), InstaNovo 1.0 to
1.2, pi-PrimeNovo (2024), PepNet (2023), and of the custom format of ProteoBench 0.19.
"""

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from denovo.errors import InputError
from denovo.io.predictions.columns import REQUIRED_NAMES
from denovo.io.predictions.outputs import read_predictions, reading
from denovo.io.references import keys_of

if TYPE_CHECKING:
    import _csv

OWN = "denovo"
"""Name of the program whose files `read_predictions` reads."""
_OWN_MZTAB = "opt_global_status"
"""A column of mzTab that only denovo writes."""
_INSTANOVO = re.compile(r"(.*):(\d+)")
_MZTAB_RUN = re.compile(r"(ms_run\[\d+\]):(.*)")
_MAX_SHOWN = 8
"""Number of columns that a message lists."""


@dataclass(frozen=True)
class ProgramAnswer:
    """One row of a file of answers.

    Parameters
    ----------
    line : int
        Line of the row, or its number for files without lines, from 1.
    spectrum : str
        The spectrum as the row names it.
    keys : mapping of str to str or int
        The spectrum by kind of reference: ``native_id``, ``title``, ``index`` or ``scan``.
    file : str
        Name or stem of the file of the spectrum; empty if the row states none.
    precursor_mz : float or None
        Precursor m/z in Th that the row states.
    peptide : str
        Peptide in a notation that `parse_peptide` reads; empty without an answer.
    score : float
        Score of the peptide, higher is better.
    token_scores : tuple of float
        Scores of the residues, after those of modifications of the N-terminus; empty without any.
    probability : float or None
        Calibrated probability of the peptide, which only denovo writes.
    status : str
        Why there is no peptide, which only denovo writes.
    q_value : float or None
        As in `Prediction`, which only denovo writes.
    """

    line: int
    spectrum: str
    keys: Mapping[str, str | int]
    file: str
    precursor_mz: float | None
    peptide: str
    score: float
    token_scores: tuple[float, ...] = ()
    probability: float | None = None
    status: str = ""
    q_value: float | None = None


class _Program(NamedTuple):
    """Columns of a program, alternatives in order of preference.

    ``kinds`` are the kinds of reference in order of preference; ``is_log`` tells whether scores of
    residues are logarithms.
    """

    name: str
    spectrum: tuple[str, ...]
    peptide: tuple[str, ...]
    score: tuple[str, ...]
    token_scores: tuple[str, ...] = ()
    precursor_mz: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("title", "native_id", "scan", "index")
    is_log: bool = False

    def column(self, names: Iterable[str], part: str) -> str:
        """Return the column of a part, empty if there is none."""
        alternatives: tuple[str, ...] = getattr(self, part)
        return next((name for name in alternatives if name in names), "")

    def fits(self, names: Iterable[str]) -> bool:
        return all(self.column(names, part) for part in ("spectrum", "peptide", "score"))

    @property
    def expected(self) -> str:
        parts = (self.spectrum, self.peptide, self.score)
        return f"{self.name} ({', '.join(' or '.join(names) for names in parts)})"


_CASANOVO = _Program(
    "Casanovo",
    ("spectra_ref",),
    # Up to 4.x, ``sequence`` has the modifications.
    (
        "opt_global_cv_MS:1003169_proforma_peptidoform_sequence",
        "opt_ms_run[1]_proforma",
        "sequence",
    ),
    ("search_engine_score[1]",),
    ("opt_global_aa_scores", "opt_ms_run[1]_aa_scores"),
    ("exp_mass_to_charge",),
    ("native_id", "scan", "index"),
)
_DELIMITED = (
    _Program(
        "InstaNovo",
        ("spectrum_id", "scan_number"),
        ("predictions", "final_prediction", "preds"),
        ("log_probs", "final_log_probabilities"),
        ("token_log_probs",),
        ("precursor_mz",),
        # The number is the position in MGF files, and the scan in mzML files.
        ("index", "scan", "title"),
        is_log=True,
    ),
    _Program("PrimeNovo", ("label",), ("prediction",), ("score",)),
    _Program("PepNet", ("TITLE",), ("DENOVO",), ("Score",), ("Positional Score",)),
    _Program("ProteoBench", ("spectrum_id",), ("sequence",), ("score",), ("aa_scores",)),
)


class ProgramFile(NamedTuple):
    """Answers of one file: name of the program, kinds of reference by preference, and rows."""

    program: str
    kinds: tuple[str, ...]
    answers: list[ProgramAnswer]


def read_program(path: Path) -> ProgramFile:
    """Read the answers of any known program, which is recognised by its columns.

    Parameters
    ----------
    path : Path
        mzTab or Parquet by suffix; other files are CSV or TSV, by their first line.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or its columns are those of no known program.
    """
    with reading(path, any_suffix=True):
        if path.suffix.lower() == ".parquet":
            found = _own(path)
        elif path.suffix.lower() == ".mztab":
            found = _mztab(path)
        else:
            found = _delimited(path)
    if not found.answers:
        raise InputError(f"{path} holds no predictions; expected a row for each spectrum")
    return found


def _own(path: Path) -> ProgramFile:
    answers = [
        ProgramAnswer(
            number,
            each.native_id,
            {"native_id": each.native_id, "index": each.index},
            each.file,
            each.precursor_mz,
            each.peptide if each.has_answer else "",
            each.log_probability,
            each.residue_scores,
            each.probability,
            each.status.value,
            each.q_value,
        )
        for number, each in enumerate(read_predictions(path), start=1)
    ]
    return ProgramFile(OWN, ("native_id", "index"), answers)


def _mztab(path: Path) -> ProgramFile:
    files: dict[str, str] = {}
    names: list[str] = []
    answers = []
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            kind, *cells = line.rstrip("\r\n").split("\t")
            if kind == "MTD" and len(cells) == 2 and cells[0].endswith("-location"):
                files[cells[0].removesuffix("-location")] = cells[1]
            elif kind == "PSH":
                if _OWN_MZTAB in cells:
                    return _own(path)
                names = cells
                if not _CASANOVO.fits(names):
                    raise _unknown(path, number, names, (_CASANOVO,))
            elif kind == "PSM":
                row = _row(path, number, names, cells)
                run = _MZTAB_RUN.fullmatch(row.get("spectra_ref", ""))
                text = run[2] if run else row.get("spectra_ref", "")
                file = files.get(run[1], "") if run else ""
                answers.append(_answer(path, number, row, _CASANOVO, text, file))
    if not names:
        raise InputError(
            f"{path} has no line of PSM columns (PSH); expected mzTab of denovo or of Casanovo"
        )
    return ProgramFile(_CASANOVO.name, _CASANOVO.kinds, answers)


def _delimited(path: Path) -> ProgramFile:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader, names = _header(path, stream)
        if set(names) >= REQUIRED_NAMES:
            return _own(path)
        program = next((each for each in _DELIMITED if each.fits(names)), None)
        if program is None:
            raise _unknown(path, reader.line_num, names, _DELIMITED)
        column, answers = program.column(names, "spectrum"), []
        try:
            for cells in filter(None, reader):
                row = _row(path, reader.line_num, names, cells)
                text, file = row[column], row.get("experiment_name", "")
                numbered = _INSTANOVO.fullmatch(text) if program.is_log else None
                if numbered:
                    file, text = numbered[1], numbered[2]
                answers.append(_answer(path, reader.line_num, row, program, text, file))
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: {error}") from error
    return ProgramFile(program.name, program.kinds, answers)


def _header(path: Path, stream: TextIO) -> tuple["_csv.Reader", list[str]]:
    first = stream.readline()
    if not first.strip():
        raise InputError(f"{path} is empty; expected the predictions of a sequencing program")
    stream.seek(0)
    reader = csv.reader(stream, delimiter="\t" if "\t" in first else ",", strict=True)
    try:
        return reader, next(reader)
    except csv.Error as error:
        raise InputError(f"{path}, line 1: {error}; expected names of columns") from error


def _row(path: Path, line: int, names: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(names):
        raise InputError(
            f"{path}, line {line}: {len(cells)} cells for {len(names)} columns; the file is damaged"
        )
    return dict(zip(names, cells, strict=True))


def _answer(
    path: Path, line: int, row: Mapping[str, str], program: _Program, text: str, file: str
) -> ProgramAnswer:
    def cell(part: str) -> str:
        found = row.get(program.column(row, part), "").strip()
        return "" if found.lower() in ("null", "nan") else found

    def number(part: str) -> float | None:
        found = cell(part)
        try:
            value = float(found) if found else math.nan
        except ValueError:
            raise InputError(
                f"{path}, line {line}: {program.column(row, part)} must be a number, got {found!r}"
            ) from None
        return None if math.isnan(value) else value

    score, precursor_mz = number("score"), number("precursor_mz")
    scores = _scores(path, line, cell("token_scores"))
    return ProgramAnswer(
        line,
        text,
        keys_of(text),
        file,
        precursor_mz,
        _respelled(cell("peptide")),
        -math.inf if score is None else score,
        tuple(map(math.exp, scores)) if program.is_log else scores,
    )


def _scores(path: Path, line: int, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in text.strip("[] ").split(",") if each.strip())
    except ValueError:
        raise InputError(
            f"{path}, line {line}: scores of residues must be numbers, got {text[:40]!r}"
        ) from None


def _respelled(peptide: str) -> str:
    # PrimeNovo writes both modifications of the N-terminus as one, InstaNovo 1.0 phosphorylation
    # in short.
    return peptide.replace("[+43.006-17.027]", "[+43.006][-17.027]").replace("(p)", "(ph)")


def _unknown(path: Path, line: int, names: list[str], programs: Iterable[_Program]) -> InputError:
    shown = ", ".join(names[:_MAX_SHOWN]) + (", ..." if len(names) > _MAX_SHOWN else "")
    expected = "; ".join(program.expected for program in programs)
    return InputError(
        f"{path}, line {line}: the columns {shown} are those of no known program; expected those "
        f"of denovo, or of {expected}"
    )
