"""The predictions of a file that is converted, and what other programs need to know in advance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from denovo import __version__
from denovo.chemistry import split_proforma, with_one_terminal
from denovo.chemistry.modifications import observed_alphabet
from denovo.chemistry.residues import Modification
from denovo.errors import InputError
from denovo.io.arrow_compute import pc
from denovo.io.files import encodable
from denovo.io.formats import NO_IDS, Term, ids_of
from denovo.io.predictions import (
    RunRecord,
    further_columns,
    read_batches,
    read_predictions,
    read_settings,
)
from denovo.spectra.prediction import Prediction

_PEPTIDE = r"^(\[[^\[\]\s]+\]-)*([A-Z](\[[^\[\]\s]+\])?)+$"
_OF_EVERY_ROW = (
    *("file", "index", "native_id", "title", "precursor_mz", "precursor_charge"),
    *("log_probability", "residue_scores", "site_coverage", "explained_intensity", "alternatives"),
)
_OF_AN_ANSWER = ("peptide_mz", "ppm_error", "isotope_error")
_FINITE = (
    *("precursor_mz", "probability", "q_value", "retention_time", "peptide_mz", "ppm_error"),
    *("constraint_cost", "site_coverage", "explained_intensity"),
)
_COMPRESSED = ".gz"

Residue = tuple[str, Modification | None]
"""A letter and its modification."""


@dataclass(frozen=True)
class Source:
    """A file of predictions; made by `read_source`.

    Parameters
    ----------
    path : Path
        The file.
    run : RunRecord
        Origin of the predictions.
    peptides : sequence of str
        Distinct peptides in the order of the file, in ProForma.
    id_formats : mapping of str to Term
        Format of the native ids of each spectrum file.
    n_rows, n_answers, n_without_scan : int
        Numbers of predictions, of those with a peptide, and of these without a scan number.
    is_calibrated : bool
        Whether all answers have a probability.
    max_charge : int
        Largest charge of a precursor.
    """

    path: Path
    run: RunRecord
    peptides: Sequence[str]
    id_formats: dict[str, Term]
    n_rows: int
    n_answers: int
    n_without_scan: int
    is_calibrated: bool
    max_charge: int

    def __iter__(self) -> Iterator[Prediction]:
        return read_predictions(self.path)

    @cached_property
    def run_names(self) -> dict[str, str]:
        """Spectrum files by path: name without folder and suffixes, or path if two share it."""
        stems = {file: _stem(file) for file in self.run.files}
        names = list(stems.values())
        return {file: stem if names.count(stem) == 1 else file for file, stem in stems.items()}

    def run_name(self, prediction: Prediction) -> str:
        """Return the name of the spectrum file of a prediction."""
        return self.run_names[encodable(prediction.file)]

    def split(self, peptide: str) -> tuple[list[Modification], list[Residue]]:
        """Split a peptide into the modifications of its N-terminus and its residues."""
        known = self.run.alphabet.modifications
        terminal, residues = split_proforma(peptide)
        named = [(letter, known[tag] if tag else None) for letter, tag in residues]
        return [known[tag] for tag in terminal], named

    def proforma(self, peptide: str) -> str:
        """Write a peptide in ProForma for other libraries, see `with_one_terminal`."""
        known = self.run.alphabet.modifications
        return with_one_terminal(peptide, lambda tag: known[tag].mass)


def read_source(path: Path) -> Source:
    """Read a file of predictions once, check its values and count them.

    Parameters
    ----------
    path : Path
        mzTab, CSV, TSV or Parquet of denovo.

    Raises
    ------
    InputError
        If the file cannot be read, has no predictions, or a value is missing or not valid.
    """
    id_formats: dict[str, Term] = {}
    peptides: dict[str, None] = {}
    n_rows = n_answers = n_without_scan = max_charge = 0
    is_calibrated = True
    for batch in read_batches(path):
        if not len(batch):
            continue
        _check(path, batch, n_rows)
        answers = batch.filter(pc.is_valid(batch["peptide"]))
        for file in pc.unique(batch["file"]).to_pylist():
            first = batch["native_id"][pc.index(batch["file"], file).as_py()].as_py()
            id_formats.setdefault(file, ids_of(first) or NO_IDS)
        peptides.update(dict.fromkeys(pc.unique(answers["peptide"]).to_pylist()))
        n_rows += len(batch)
        n_answers += len(answers)
        n_without_scan += answers["scan"].null_count
        is_calibrated &= answers["probability"].null_count == 0
        max_charge = max(max_charge, pc.max(batch["precursor_charge"]).as_py())
    if not n_rows:
        raise InputError(f"{path} holds no predictions; expected a file that denovo wrote")
    tokens: set[str] = set()
    for peptide in peptides:
        terminal, residues = split_proforma(peptide)
        tokens.update(f"[{tag}]-" for tag in terminal)
        tokens.update(f"{letter}[{tag}]" if tag else letter for letter, tag in residues)
    modified = sorted(token for token in tokens if "[" in token)
    alphabet = observed_alphabet(modified, {t for t in modified if t[0] not in tokens})
    further = further_columns(path)
    run = RunRecord(tuple(id_formats), read_settings(path), __version__, alphabet, further)
    source = Source(
        *(path, run, tuple(peptides), id_formats, n_rows, n_answers, n_without_scan),
        *(is_calibrated, max_charge),
    )
    for token in modified:
        _check_modification(path, token, source)
    return source


def _check_modification(path: Path, token: str, source: Source) -> None:
    try:
        source.split(token)
    except KeyError as error:
        raise InputError(
            f"{path}: the modification of {token} is no accession of UNIMOD and no formula; "
            "expected predictions that denovo wrote"
        ) from error


def _check(path: Path, batch: pa.RecordBatch, n_before: int) -> None:
    """Refuse missing and impossible values, which files of other programs may hold."""
    is_empty = pc.is_null(batch["peptide"])
    scores, alternatives = batch["residue_scores"], batch["alternatives"]
    is_number = pc.fill_null(pc.is_finite(pc.list_flatten(scores)), False)
    is_named = pc.is_valid(pc.struct_field(pc.list_flatten(alternatives), "peptide"))
    has_scores = pc.greater(pc.list_value_length(scores), 0)
    checks = [
        *((name, pc.is_valid(batch[name])) for name in _OF_EVERY_ROW),
        *((name, pc.or_(is_empty, pc.is_valid(batch[name]))) for name in _OF_AN_ANSWER),
        *((name, pc.fill_null(pc.is_finite(batch[name]), True)) for name in _FINITE),
        *((name, pc.greater(batch[name], 0)) for name in ("precursor_mz", "precursor_charge")),
        ("log_probability", pc.invert(pc.is_nan(batch["log_probability"]))),
        ("peptide", pc.or_(is_empty, pc.match_substring_regex(batch["peptide"], _PEPTIDE))),
        ("residue_scores", pc.or_(is_empty, has_scores)),
        ("residue_scores", _all_of(scores, is_number)),
        ("alternatives", _all_of(alternatives, is_named)),
    ]
    for name, is_valid in checks:
        _require(path, batch, name, pc.fill_null(is_valid, True), n_before)


def _all_of(lists: pa.ListArray, is_valid: Any) -> pa.BooleanArray:
    """Whether all elements of each list are valid."""
    found = np.ones(len(lists), dtype=np.bool_)
    found[pc.list_parent_indices(lists).filter(pc.invert(is_valid)).to_numpy()] = False
    return pa.array(found)


def _require(path: Path, batch: pa.RecordBatch, name: str, is_valid: Any, n_before: int) -> None:
    if not pc.all(is_valid).as_py():
        row = pc.index(is_valid, False).as_py()
        value = batch[name][row].as_py()
        raise InputError(
            f"{path}, prediction {n_before + row + 1}: {name} is "
            f"{'missing' if value is None else f'not valid ({value!r})'}; expected predictions "
            "that denovo wrote"
        )


def _stem(file: str) -> str:
    path = Path(file)
    return Path(path.stem if path.suffix.lower() == _COMPRESSED else path).stem
