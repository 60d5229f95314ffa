"""Rows of files of search results, through psm_utils.

The columns are those of MaxQuant (msms.txt), Sage 0.14 (results.sage.tsv), FragPipe 22 (psm.tsv),
Percolator 3 and mokapot 0.10 (results on PSMs), and psm_utils 1.5 (TSV).
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.chemistry.pyteomics_mass import mass
from denovo.errors import InputError
from denovo.io.references import keys_of
from denovo.io.streams import FileError, read_head

FORMATS = (
    "mzIdentML, pepXML, MaxQuant msms.txt, Sage, FragPipe psm.tsv, Percolator, mokapot, psm_utils"
)
"""Names of the formats, for messages."""
# Names of spectra of Comet (run_19_2_1), MSFragger (run.00019.00019.2_1) and Crux
# (target_0_19_2_1): run, scan, charge, rank.
_PSM_ID = re.compile(r"(.+?)[._]0*(\d+)(?:\.0*\d+)?[._](\d+)_\d+")
_CRUX = re.compile(r"(?:target|decoy)(?:_\d+)?")
_OURS = re.compile(r"([^:]+):(\w+=\S+(?: \w+=\S+)*)")
_TPP = re.compile(r"(.+)\.\d+\.\d+\.\d{0,2}")
_TPP_ROW = re.compile(r".+\.0*(\d+)\.0*\1\.\d{1,2}")
_START = re.compile(r"^\[([+-][\d.]+)\]-")
_END = re.compile(r"-(\[(?![^\]]*C-term)[^\]]*\])$")
"""A modification of the last residue as psm_utils reads msms.txt: as one of the C-terminus."""
_HYDROGEN = mass.nist_mass["H"][1][0]
_LOWER_IS_BETTER = re.compile("value|expect", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """One row of a file of search results.

    Parameters
    ----------
    line : int
        Line of the row, 0 in formats without lines.
    spectrum : str
        The spectrum as the row names it.
    keys : mapping of str to str or int
        The spectrum by kind of reference: ``native_id``, ``title``, ``index`` or ``scan``.
    file : str
        Name or stem of the file of the spectrum; empty if the row states none.
    precursor_mz : float or None
        Precursor m/z in Th that the row states.
    precursor_charge : int or None
        Charge that the row states.
    peptide : str
        Peptide in ProForma, modifications as the search engine names them.
    score : float
        Score of the search engine, higher is better; -inf without one.
    q_value : float or None
        False discovery rate of all rows at least as good, if the file states it.
    is_decoy : bool
        Whether the peptide is that of a decoy.
    rank : int
        Rank among the rows of the spectrum, from 1.
    proteins : tuple of str
        Accessions of its proteins.
    """

    line: int
    spectrum: str
    keys: Mapping[str, str | int]
    file: str
    precursor_mz: float | None
    precursor_charge: int | None
    peptide: str
    score: float
    q_value: float | None
    is_decoy: bool
    rank: int
    proteins: tuple[str, ...]


class _Format(NamedTuple):
    """A format: its name, the reader of psm_utils, and columns that only its files have.

    ``options`` are those of the reader.
    """

    name: str
    reader: str
    columns: frozenset[str] = frozenset()
    options: Mapping[str, str] = {}


_MZID = _Format("mzIdentML", "mzid")
_PEPXML = _Format("pepXML", "pepxml")
_MAXQUANT = _Format("MaxQuant", "msms", frozenset({"Raw file", "Scan number", "Modified sequence"}))
_DELIMITED = (
    _MAXQUANT,
    _Format("Sage", "sage_tsv", frozenset({"scannr", "spectrum_q", "peptide", "filename"})),
    _Format("FragPipe", "fragpipe", frozenset({"Spectrum", "Spectrum File", "Peptide"})),
    _Format("Percolator", "percolator", frozenset({"PSMId", "q-value", "peptide"})),
    _Format(
        "mokapot",
        "percolator",
        frozenset({"SpecId", "mokapot q-value", "Peptide"}),
        {"score_column": "mokapot score"},
    ),
    _Format("psm_utils", "tsv", frozenset({"peptidoform", "spectrum_id"})),
)
_TABLES = (
    _Format("Sage", "sage_parquet", frozenset({"scannr", "spectrum_q", "peptide"})),
    _Format("psm_utils", "parquet", frozenset({"peptidoform", "spectrum_id"})),
)


def read_matches(path: Path) -> tuple[str, list[SearchMatch]]:
    """Read all rows of a file of search results, whose content determines its format.

    Parameters
    ----------
    path : Path
        The file, not compressed.

    Returns
    -------
    name : str
        Name of the format.
    matches : list of SearchMatch
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, its format is unknown, it has no rows, or a row is not valid.
    """
    found = _format_of(path)
    is_delimited = found in _DELIMITED
    matches: list[SearchMatch] = []
    rows = _rows(path, found)
    while True:
        number = len(matches) + 1
        try:
            row = next(rows, None)
            if row is None:
                break
            matches.append(_match(row, number + 1 if is_delimited else 0))
        except Exception as error:
            # The readers raise whatever their libraries do: KeyError, ValidationError, XML errors.
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(
                f"{path}, row {number}: psm_utils cannot read it as {found.name} ({reason[:200]}); "
                "check the file"
            ) from error
    if not matches:
        raise InputError(f"{path} holds no rows of {found.name}; expected search results")
    return found.name, matches


class _Psm(NamedTuple):
    """A record of psm_utils, and properties of its file.

    ``is_low_good``: whether a low score is a good one. ``is_start_whole``: whether the mass of a
    modification of the N-terminus includes the hydrogen of the terminus. ``is_end_residue``:
    whether a modification of the C-terminus is one of the last residue.
    """

    psm: Any
    is_low_good: bool
    is_start_whole: bool
    is_end_residue: bool


def _rows(path: Path, known: _Format) -> Iterator[_Psm]:
    # Only here, as psm_utils takes a second to load.
    from psm_utils.io import READERS

    reader: Any = READERS[known.reader](path, **known.options)
    for psm in reader:
        # The XML readers choose one of the scores of the file.
        name = getattr(reader, "score_key", None) or getattr(reader, "_score_key", None) or ""
        is_low_good = bool(_LOWER_IS_BETTER.search(name))
        yield _Psm(psm, is_low_good, known is _PEPXML, known is _MAXQUANT)


def _match(row: _Psm, line: int) -> SearchMatch:
    psm = row.psm
    score = -math.inf if psm.score is None else float(psm.score)
    # psm_utils reads these columns of mokapot as features.
    features = psm.rescoring_features or {}
    q_value = features.get("mokapot q-value") if psm.qvalue is None else psm.qvalue
    peptide = psm.peptidoform.modified_sequence
    if row.is_start_whole:
        peptide = _START.sub(lambda found: f"[{float(found[1]) - _HYDROGEN:+.6f}]-", peptide)
    if row.is_end_residue:
        peptide = _END.sub(r"\1", peptide)
    name, file, keys = _named(str(psm.spectrum_id), str(psm.run or ""))
    if "mzid_spectrum_id" in psm.metadata:
        # A title precedes the identifier.
        keys = keys_of(psm.metadata["mzid_spectrum_id"]) | {"title": name}
    return SearchMatch(
        line,
        name,
        keys,
        file,
        psm.precursor_mz,
        psm.peptidoform.precursor_charge,
        peptide,
        -score if row.is_low_good and math.isfinite(score) else score,
        None if q_value is None else float(q_value),
        bool(psm.is_decoy),
        psm.rank or 1,
        tuple(psm.protein_list or ()),
    )


def _named(text: str, run: str) -> tuple[str, str, dict[str, str | int]]:
    """Return the name of a spectrum, its run, and what the name may refer to."""
    if run:
        return text, run, keys_of(text)
    if found := _PSM_ID.fullmatch(text):
        keys = keys_of(text) | {"scan": int(found[2])}
        return text, "" if _CRUX.fullmatch(found[1]) else found[1], keys
    if found := _OURS.fullmatch(text):
        return text, found[1], keys_of(found[2])
    found = _TPP.fullmatch(text)
    return text, found[1] if found else "", keys_of(text)


def without_charge(name: str, run: str) -> str:
    """Return a name of a spectrum without the charge and rank of the row that some programs add.

    Titles that only look alike keep their numbers: the two scan numbers of a name must be equal, or
    the run must be that of the row.

    Examples
    --------
    >>> without_charge("run.00019.00019.3", "run"), without_charge("run_19_2_1", "run")
    ('run.00019.00019', 'run 19')
    >>> without_charge("mix.2024.7.1", "all"), without_charge("sample_1_2_3", "all")
    ('mix.2024.7.1', 'sample_1_2_3')
    """
    found = _PSM_ID.fullmatch(name)
    if found and run in ("", found[1]):
        return f"{found[1]} {found[2]}"
    return name.rpartition(".")[0] if _TPP_ROW.fullmatch(name) else name


def _format_of(path: Path) -> _Format:
    try:
        head = read_head(path)
    except FileError as fault:
        raise InputError(f"{path}: {fault}; check the path and the file") from fault
    if head.startswith("PAR1"):
        try:
            names = pq.read_schema(path).names
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{path} is a damaged Parquet file ({error}); write it again"
            ) from None
        return _by_columns(path, names, _TABLES)
    if path.suffix.lower() == ".gz":
        raise InputError(f"{path} is compressed; unpack it, as psm_utils reads plain files")
    if re.search(r"<(?:\w+:)?MzIdentML\b", head):
        return _MZID
    if "<msms_pipeline_analysis" in head:
        return _PEPXML
    first = head.partition("\n")[0].strip("\r")
    return _by_columns(path, next(csv.reader([first], delimiter="\t"), []), _DELIMITED)


def _by_columns(path: Path, names: list[str], formats: tuple[_Format, ...]) -> _Format:
    for known in formats:
        if known.columns <= set(names):
            return known
    shown = ", ".join(names[:6])[:120]
    raise InputError(
        f"{path}: its format is not known, its first columns are {shown!r}; expected one of "
        f"{FORMATS}"
    )
