"""Proteins, and predictions to map to them, written by hand."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from denovo.chemistry import ResidueAlphabet
from denovo.chemistry.tolerance import Ppm, Tolerance
from denovo.io.predictions import (
    RunRecord,
    further_columns_of,
    to_batches,
    write_predictions,
)
from denovo.proteins import Mapping, Proteins, make_proteins, map_answers
from denovo.spectra.prediction import Prediction
from tests.helpers.predictions import prediction

SEQUENCES = {
    "sp|P1|ONE": "MAGICKPEPTIDERNGGVLLAAK",
    "sp|P2|TWO": "MPEPTIDERSSWWFFHHKTTTYQEVVK",
}
"""Two proteins that share PEPTIDER."""


def proteins_of(*sequences: str) -> Proteins:
    """Make proteins called P1, P2 and so on."""
    return make_proteins((f"P{n}", text, "p.fasta") for n, text in enumerate(sequences, start=1))


def table_of(predictions: Sequence[Prediction]) -> pa.Table:
    """Convert predictions to the columns that a mapping reads."""
    return pa.Table.from_batches(list(to_batches(predictions)))


def mapped(
    answers: Sequence[Prediction | str],
    proteins: Proteins,
    enzyme: str = "trypsin",
    tolerance: Tolerance | None = None,
) -> Mapping:
    """Map answers, or plain peptides without ambiguous regions, to proteins."""
    rows = [
        prediction(n, peptide=each, ambiguous=()) if isinstance(each, str) else each
        for n, each in enumerate(answers)
    ]
    return map_answers(table_of(rows), proteins, enzyme, tolerance or Ppm(20.0), 6, 0)


def rows_of(mapping: Mapping) -> list[dict]:
    """Return the columns of each answer by name."""
    return mapping.table(0, len(mapping)).to_pylist()


def write_fasta(path: Path, sequences: dict[str, str]) -> Path:
    """Write a FASTA file."""
    path.write_text("".join(f">{name} some protein\n{text}\n" for name, text in sequences.items()))
    return path


def write_answers(
    path: Path, answers: Sequence[Prediction], settings: dict[str, str] | None = None
) -> Path:
    """Write predictions of the file run.mgf."""
    alphabet = ResidueAlphabet("test", list("ACDEFGHIKLMNPQRSTVWY"))
    chosen = settings or {"seed": "0"}
    run = RunRecord(("run.mgf",), chosen, "0.1.0", alphabet, further_columns_of(chosen))
    write_predictions([path], answers, run)
    return path
