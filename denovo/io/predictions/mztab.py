"""Writer and reader of predictions as mzTab 1.0.0 of the Proteomics Standards Initiative.

The specification is Griss et al. (2014), Molecular & Cellular Proteomics 13, 2765-2775,
doi:10.1074/mcp.O113.036681; accessions are those of https://github.com/HUPO-PSI/psi-ms-CV.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from denovo.chemistry import Residue, ResidueAlphabet, split_proforma
from denovo.errors import InputError
from denovo.io.files import encodable
from denovo.io.formats import Term, format_of
from denovo.io.predictions.cells import one_line
from denovo.io.predictions.columns import (
    COLUMNS,
    FURTHER,
    Column,
    RunRecord,
    from_texts,
    row_of,
    to_texts,
)
from denovo.io.streams import FileError
from denovo.spectra.prediction import Prediction

NULL = "null"
_REQUIRED = (
    *("sequence", "PSM_ID", "accession", "unique", "database", "database_version"),
    *("search_engine", "search_engine_score[1]", "search_engine_score[2]", "modifications"),
    *("spectra_ref", "retention_time", "charge", "exp_mass_to_charge", "calc_mass_to_charge"),
    *("pre", "post", "start", "end"),
)
_HEADER = _REQUIRED + tuple(c.mztab for c in COLUMNS if c.mztab.startswith("opt_"))
_BY_NAME = {c.mztab: c.name for c in (*COLUMNS, *FURTHER) if c.mztab}
_PROTEIN_SCORE = "[, , largest probability of a matched peptide, ]"
_SCORES = (
    "[MS, MS:1002357, PSM-level probability, ]",
    "[, , natural logarithm of the probability of the peptide, ]",
)


Cells = dict[str, str]


@dataclass(frozen=True)
class ProteinSection:
    """Proteins of the PRT section, and places of peptides in them.

    Parameters
    ----------
    rows : sequence of mapping
        Cells of each row by column, all with the same columns.
    columns : tuple of str
        Further columns of the PSM section.
    """

    rows: Sequence[Cells]
    columns: tuple[str, ...]


def write_mztab(path: Path, predictions: Iterable[Prediction], run: RunRecord) -> None:
    """Write predictions as an identification summary with one PSM each.

    The row of a spectrum without an answer has no sequence. ``search_engine_score[1]`` is the
    calibrated probability and ``[2]`` the logarithm of the uncalibrated one. Control characters of
    titles become blanks, and the title ``null`` is read as a missing one.
    """
    write_with_proteins(path, ((each, [{}]) for each in predictions), run, ProteinSection((), ()))


def write_with_proteins(
    path: Path,
    predictions: Iterable[tuple[Prediction, Sequence[Cells]]],
    run: RunRecord,
    section: ProteinSection,
) -> None:
    """Write predictions, each with the cells of its rows: one for each place in a protein.

    All rows of a prediction have the same PSM_ID, as the specification asks for.
    """
    engine = f"[, , denovo, {run.version}]"
    header = _HEADER + tuple(column.mztab for column in run.further) + section.columns
    # The spool stores the file of a prediction as text.
    places = {encodable(file): number for number, file in enumerate(run.files, start=1)}
    with path.open("w", encoding="utf-8", newline="") as stream:
        for key, value in _metadata(run, engine):
            stream.write(line_of("MTD", key, one_line(value)))
        if section.rows:
            stream.write(line_of("MTD", "protein_search_engine_score[1]", _PROTEIN_SCORE))
            stream.write("\n" + line_of("PRH", *section.rows[0]))
            for row in section.rows:
                values = (row | {"search_engine": engine}).values()
                stream.write(line_of("PRT", *(one_line(value) or NULL for value in values)))
        stream.write("\n" + line_of("PSH", *header))
        for number, (prediction, rows) in enumerate(predictions, start=1):
            cells = _cells(prediction, places[encodable(prediction.file)], run.columns)
            cells |= {"PSM_ID": str(number), "search_engine": engine}
            for row in rows:
                of_row = cells | row
                stream.write(line_of("PSM", *(of_row.get(name) or NULL for name in header)))


def line_of(*cells: str) -> str:
    """Return a line of mzTab."""
    return "\t".join(cells) + "\n"


def _cells(prediction: Prediction, run: int, columns: Sequence[Column]) -> dict[str, str]:
    """Return the cells of a row that are not null."""
    texts = zip(columns, to_texts(prediction, columns), strict=True)
    cells = {column.mztab: text for column, text in texts if text and column.mztab}
    sequence, modifications = spelled(prediction.peptide)
    cells["sequence"], cells["modifications"] = sequence or NULL, modifications or NULL
    # In mzTab, a bar separates several spectra.
    cells["spectra_ref"] = f"ms_run[{run}]:{one_line(prediction.native_id).replace('|', '_')}"
    return cells


def spelled(peptide: str) -> tuple[str, str]:
    """Split ProForma into the sequence and the modifications by position, 0 for the N-terminus."""
    terminal, residues = split_proforma(peptide)
    placed = [(0, tag) for tag in terminal]
    placed += [(place, tag) for place, (_, tag) in enumerate(residues, start=1) if tag]
    modifications = ",".join(f"{place}-{_accession(tag)}" for place, tag in placed)
    return "".join(letter for letter, _ in residues), modifications


def _accession(proforma: str) -> str:
    """Convert a formula to the notation of mzTab, and keep UNIMOD accessions."""
    return proforma.replace("Formula:", "CHEMMOD:")


def _metadata(run: RunRecord, engine: str) -> Iterator[tuple[str, str]]:
    yield "mzTab-version", "1.0.0"
    yield "mzTab-mode", "Summary"
    yield "mzTab-type", "Identification"
    yield "description", f"Peptides sequenced de novo by denovo {run.version}"
    yield "software[1]", engine
    for number, (key, value) in enumerate(run.settings.items(), start=1):
        yield f"software[1]-setting[{number}]", f"{key} = {value}"
    for number, score in enumerate(_SCORES, start=1):
        yield f"psm_search_engine_score[{number}]", score
    yield from modification_metadata(run.alphabet)
    for number, file in enumerate(run.files, start=1):
        yield from run_metadata(f"ms_run[{number}]", run.folder / file)


def modification_metadata(alphabet: ResidueAlphabet) -> Iterator[tuple[str, str]]:
    """List fixed modifications, without which a letter does not occur, and variable ones."""
    letters = Counter(r.amino_acid for r in alphabet.residues)
    modified = [r for r in alphabet.residues if r.modification]
    fixed = [r for r in modified if r.amino_acid and letters[r.amino_acid] == 1]
    variable = [r for r in modified if r not in fixed]
    yield from _listed("fixed_mod", fixed, "[MS, MS:1002453, No fixed modifications searched, ]")
    yield from _listed(
        "variable_mod", variable, "[MS, MS:1002454, No variable modifications searched, ]"
    )


def _listed(key: str, residues: list[Residue], none: str) -> Iterator[tuple[str, str]]:
    if not residues:
        yield f"{key}[1]", none
    for number, residue in enumerate(residues, start=1):
        assert residue.modification
        accession, name = _accession(residue.modification.accession), residue.modification.name
        vocabulary = accession.partition(":")[0]
        yield f"{key}[{number}]", f"[{vocabulary}, {accession}, {name}, ]"
        yield f"{key}[{number}]-site", residue.amino_acid or "N-term"
        yield f"{key}[{number}]-position", "Any N-term" if residue.is_n_terminal else "Anywhere"


def run_metadata(key: str, file: Path) -> Iterator[tuple[str, str]]:
    """List the format and the place of a spectrum file."""
    try:
        known = format_of(file)
    except FileError:
        # The file of rejected entries has the reason.
        known = None
    if known:
        yield f"{key}-format", _term(known.term)
    yield f"{key}-location", file.absolute().as_uri()
    if known and known.ids:
        yield f"{key}-id_format", _term(known.ids)


def _term(term: Term) -> str:
    return f"[{'MS' if term.accession else ''}, {term.accession}, {term.name}, ]"


def read_mztab(path: Path) -> Iterator[Prediction]:
    """Read a file of `write_mztab`; `Prediction.file` is the absolute path."""
    files: dict[str, str] = {}
    header: list[str] = []
    last_id = ""
    with path.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            kind, *cells = line.rstrip("\r\n").split("\t")
            try:
                if kind == "MTD" and cells[0].endswith("-location"):
                    files[cells[0].removesuffix("-location")] = _path(cells[1])
                elif kind == "PSH":
                    header = cells
                elif kind == "PSM":
                    row = row_of(header, cells)
                    # A peptide with several places in proteins has a row for each.
                    if row["PSM_ID"] != last_id:
                        yield _prediction(row, files)
                    last_id = row["PSM_ID"]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                raise InputError(
                    f"{path}, line {number}: the prediction cannot be read ({error}); expected "
                    "mzTab that denovo wrote"
                ) from error


def column_names(path: Path) -> list[str]:
    """Return our names of the columns of the PSM section."""
    with path.open(encoding="utf-8", newline="\n") as stream:
        header = next((line for line in stream if line.startswith("PSH\t")), "")
    return [_BY_NAME[name] for name in header.rstrip("\r\n").split("\t") if name in _BY_NAME]


def read_settings(path: Path) -> dict[str, str]:
    """Read the settings of the run from a file of `write_mztab`."""
    found: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            if line.startswith(("PSH", "PRH")):
                break
            if line.startswith("MTD\tsoftware[1]-setting"):
                *_, setting = line.rstrip("\r\n").split("\t", 2)
                name, separator, value = setting.partition(" = ")
                if not separator:
                    raise InputError(f"{path}: a setting has no value in {line.rstrip()!r}")
                found[name] = value
    return found


def _path(uri: str) -> str:
    return unquote(urlparse(uri).path, errors="surrogateescape")


def _prediction(cells: dict[str, str], files: dict[str, str]) -> Prediction:
    run, _, native_id = cells["spectra_ref"].partition(":")
    known = {name: cells[key] for key, name in _BY_NAME.items() if key in cells}
    texts = {name: "" if text == NULL else text for name, text in known.items()}
    return from_texts(texts | {"file": files[run], "native_id": native_id})
