"""Answers of evaluated spectra in the proteins of FASTA files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from denovo.chemistry import bare_sequence
from denovo.evaluation.evaluation import Evaluation
from denovo.proteins import ProteomeIndex, read_notation, read_peptides, read_proteins

_MIN_LENGTH = 8


class FastaProteins:
    """Proteins of FASTA files, in which answers are looked up with I = L.

    Parameters
    ----------
    paths : sequence of Path
        FASTA files, plain or gzip.

    Raises
    ------
    InputError
        If a file is missing or is no FASTA.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        proteins = read_proteins(paths)
        self._notation = read_notation(pa.chunked_array([pa.array([], pa.string())]))
        self._index = ProteomeIndex(proteins, self._notation.masses)

    def mark(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of `score_answers` with the column ``in_fasta``.

        It states whether a protein has the letters of the answer, whose modifications do not count.
        It is missing for answers of fewer than 8 residues, as in ProteoBench, and without one.
        """
        bare = [bare_sequence(text) for text in rows["prediction"]]
        peptides = read_peptides(pa.array(bare, pa.string()), self._notation)
        found = np.zeros(len(rows), np.bool_)
        found[self._index.find(peptides).rows] = True
        is_short = peptides.lengths < _MIN_LENGTH
        return rows.assign(in_fasta=pd.arrays.BooleanArray(found, is_short))


def with_fasta(evaluation: Evaluation, proteins: FastaProteins) -> Evaluation:
    """Return an evaluation whose figures state how many answers proteins have."""
    scores = [replace(score, rows=proteins.mark(score.rows)) for score in evaluation.scores]
    return replace(evaluation, scores=scores)
