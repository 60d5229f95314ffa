"""Amino-acid and peptide precision and recall by mass matching."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torchmetrics import Metric

from denovo.chemistry import FIRST_RESIDUE, Vocabulary
from denovo.metrics.matching import match_residues
from denovo.typing import Int, Tensor, ndarray

LENGTH_RANGES = ((4, 6), (7, 9), (10, 12), (13, 15), (16, 20), (21, 30), (31, 100))
"""Shortest and longest peptide, in residues, of each learning curve by length."""

_MATCHED, _PREDICTED, _TRUE, _RIGHT, _ANSWERED, _SPECTRA = range(6)


class PeptideMetrics(Metric):
    """Precision and recall of residues and peptides, over all spectra seen and by length.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    max_length : int
        Longest peptide that `by_length` tells apart; longer ones are counted with it.

    Notes
    -----
    Counts are summed over batches and ranks, and divided once at the end. A ratio whose denominator
    is 0 is 0.
    """

    full_state_update = False
    counts: Tensor

    def __init__(self, vocabulary: Vocabulary, max_length: int = 100) -> None:
        super().__init__()
        self.max_length = max_length
        self._masses = vocabulary.masses.numpy()
        self._is_n_terminal = vocabulary.is_n_terminal.numpy()
        empty = torch.zeros(max_length + 1, _SPECTRA + 1, dtype=torch.int64)
        self.add_state("counts", default=empty, dist_reduce_fx="sum")

    def update(self, predicted: Sequence[Sequence[int]], target: Sequence[Sequence[int]]) -> None:
        """Count a batch.

        Parameters
        ----------
        predicted, target : sequences of int sequences
            Residue tokens of each peptide, without EOS; a prediction may be empty.
        """
        for guess, truth in zip(predicted, target, strict=True):
            length, row = self._count(np.asarray(guess, np.int64), np.asarray(truth, np.int64))
            self.counts[length] += torch.tensor(row, device=self.counts.device)

    def _count(
        self, guess: Int[ndarray, " predicted"], truth: Int[ndarray, " true"]
    ) -> tuple[int, list[int]]:
        assert len(truth) > 0, "a target has no residues"
        assert all((tokens >= FIRST_RESIDUE).all() for tokens in (guess, truth)), (
            "peptides must hold residue tokens alone"
        )
        matches = match_residues(self._masses[guess], self._masses[truth])
        length = min(int((~self._is_n_terminal[truth]).sum()), self.max_length)
        n_matched, is_right = int(matches.sum()), int(matches.all())
        return length, [n_matched, len(guess), len(truth), is_right, int(len(guess) > 0), 1]

    def compute(self) -> dict[str, Tensor]:
        """Return the figures over all lengths.

        Returns
        -------
        dict of str to Tensor []
            ``aa_precision`` (matched / predicted residues), ``aa_recall`` (matched / true
            residues), ``peptide_precision`` (right / spectra with an answer), ``peptide_recall``
            (right / all spectra) and ``n_spectra``.
        """
        return _figures(self.counts.sum(dim=0))

    def by_length(self) -> list[dict[str, float | int]]:
        """Return the figures of each peptide length that occurred.

        Returns
        -------
        list of dict
            One row per length: ``length`` in residues, N-terminal modifications not counted, and
            the keys of `compute`.
        """
        with self.sync_context(dist_sync_fn=self.dist_sync_fn):
            lengths = self.counts[:, _SPECTRA].nonzero().flatten().tolist()
            return [
                {
                    "length": length,
                    **{k: v.item() for k, v in _figures(self.counts[length]).items()},
                }
                for length in lengths
            ]


def recall_by_length(rows: Sequence[Mapping[str, float | int]]) -> dict[str, float]:
    """Gather figures of single lengths into few ranges, for curves over time.

    Parameters
    ----------
    rows : sequence of mappings
        What `PeptideMetrics.by_length` returned.

    Returns
    -------
    dict of str to float
        ``recall_length_<shortest>_<longest>`` for each of `LENGTH_RANGES` that has spectra.

    Examples
    --------
    >>> recall_by_length([{"length": 8, "n_spectra": 4, "peptide_recall": 0.25}])
    {'recall_length_7_9': 0.25}
    """
    recalls = {}
    for low, high in LENGTH_RANGES:
        inside = [row for row in rows if low <= row["length"] <= high]
        n_spectra = sum(row["n_spectra"] for row in inside)
        if n_spectra:
            n_right = sum(row["peptide_recall"] * row["n_spectra"] for row in inside)
            recalls[f"recall_length_{low}_{high}"] = n_right / n_spectra
    return recalls


def _figures(counts: Int[Tensor, " kind"]) -> dict[str, Tensor]:
    def ratio(part: int, whole: int) -> Tensor:
        return counts[part] / counts[whole].clamp(min=1)

    return {
        "aa_precision": ratio(_MATCHED, _PREDICTED),
        "aa_recall": ratio(_MATCHED, _TRUE),
        "peptide_precision": ratio(_RIGHT, _ANSWERED),
        "peptide_recall": ratio(_RIGHT, _SPECTRA),
        "n_spectra": counts[_SPECTRA],
    }
