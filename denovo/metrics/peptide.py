"""Amino-acid and peptide precision and recall by mass matching."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torchmetrics import Metric

from denovo.chemistry import FIRST_RESIDUE, Vocabulary
from denovo.metrics.intervals import CLUSTERED, COUNTS
from denovo.metrics.matching import score_peptides
from denovo.typing import Int, Tensor

LENGTH_RANGES = ((4, 6), (7, 9), (10, 12), (13, 15), (16, 20), (21, 30), (31, 100))
"""Shortest and longest peptide, in residues, of each learning curve by length."""


class PeptideMetrics(Metric):
    """Precision and recall of residues and peptides, over all spectra and by length.

    Counts are summed over batches and ranks, and divided once at the end. A ratio whose denominator
    is 0 is 0.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    max_length : int
        Longest peptide with a row of its own in `by_length`, which includes all longer ones.
    """

    full_state_update = False
    counts: Tensor

    def __init__(self, vocabulary: Vocabulary, max_length: int = 100) -> None:
        super().__init__()
        self.max_length = max_length
        self._vocabulary = vocabulary
        empty = torch.zeros(max_length + 1, len(COUNTS), dtype=torch.int64)
        self.add_state("counts", default=empty, dist_reduce_fx="sum")

    def update(self, predicted: Sequence[Sequence[int]], target: Sequence[Sequence[int]]) -> None:
        """Count a batch of residue tokens without EOS; a prediction may be empty."""
        assert all(len(truth) > 0 for truth in target), "a target has no residues"
        assert all(token >= FIRST_RESIDUE for row in (*predicted, *target) for token in row), (
            "peptides must hold residue tokens alone"
        )
        rows = score_peptides(predicted, target, self._vocabulary).assign(n=1).astype(np.int64)
        lengths = torch.from_numpy(rows["length"].clip(upper=self.max_length).to_numpy(copy=True))
        counts = torch.from_numpy(rows[list(COUNTS)].to_numpy(copy=True))
        self.counts.index_add_(0, lengths.to(self.counts.device), counts.to(self.counts.device))

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
        """Return a row with ``length`` and the figures of `compute` for each peptide length.

        Lengths count residues without N-terminal modifications.
        """
        with self.sync_context(dist_sync_fn=self.dist_sync_fn):
            lengths = self.counts[:, COUNTS.index("n")].nonzero().flatten().tolist()
            figures = {length: _figures(self.counts[length]) for length in lengths}
            return [
                {"length": length, **{name: value.item() for name, value in row.items()}}
                for length, row in figures.items()
            ]


def recall_by_length(rows: Sequence[Mapping[str, float | int]]) -> dict[str, float]:
    """Average the recall over each of `LENGTH_RANGES` that has spectra, for learning curves.

    Parameters
    ----------
    rows : sequence of mappings
        Result of `PeptideMetrics.by_length`.

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
    count: dict[str, Tensor] = dict(zip(COUNTS, counts, strict=True))
    ratios = {n: count[part] / count[whole].clamp(min=1) for n, (part, whole) in CLUSTERED.items()}
    return ratios | {"n_spectra": count["n"]}
