"""Candidates of each spectrum, merged over networks: every peptide once, with all scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from denovo.decoding import Candidate
from denovo.typing import Float64, Int, ndarray


@dataclass(frozen=True)
class CandidateLists:
    """Candidates of a batch of spectra, flattened, with the scores of every network.

    Parameters
    ----------
    row : array [candidate], int64
        Spectrum of each candidate, ascending.
    peptides : list of list of int
        Tokens from the N-terminus, without EOS; unique within each spectrum.
    by_network : list of list of Candidate
        For each network, every candidate with the scores of that network.
    n_spectra : int
        Spectra of the batch; some may have no candidate.
    """

    row: Int[ndarray, " candidate"]
    peptides: list[list[int]]
    by_network: list[list[Candidate]]
    n_spectra: int

    def __len__(self) -> int:
        return len(self.peptides)

    @property
    def log_probability(self) -> Float64[ndarray, "network candidate"]:
        """Natural logarithm of the probability that each network gives to each candidate."""
        values = [[each.log_probability for each in scored] for scored in self.by_network]
        return np.array(values, dtype=np.float64).reshape(len(self.by_network), len(self))

    @property
    def joint(self) -> Float64[ndarray, " candidate"]:
        """Mean log-probability over the networks: the logarithm of the geometric mean."""
        return self.log_probability.mean(axis=0)

    def best(self, score: Float64[ndarray, " candidate"], n_candidates: int) -> "CandidateLists":
        """Keep the ``n_candidates`` of highest score of each list, best first."""
        order = np.lexsort((-score, self.row))
        start = np.searchsorted(self.row[order], self.row[order])
        return self.select(order[np.arange(len(order)) - start < n_candidates])

    def select(self, chosen: Int[ndarray, " chosen"]) -> "CandidateLists":
        """Take candidates by number; their spectra must be ascending."""
        numbers = chosen.tolist()
        return CandidateLists(
            self.row[chosen],
            [self.peptides[number] for number in numbers],
            [[scored[number] for number in numbers] for scored in self.by_network],
            self.n_spectra,
        )

    def averaged(
        self, probability: Float64[ndarray, " candidate"] | None = None
    ) -> list[Candidate]:
        """Average the scores over the networks, and set the probabilities."""
        probabilities = [None] * len(self) if probability is None else probability.tolist()
        return [
            Candidate(
                peptide,
                np.mean([each.token_log_probability for each in scored], axis=0).tolist(),
                float(np.mean([each.log_probability for each in scored])),
                value,
            )
            for peptide, value, *scored in zip(
                self.peptides, probabilities, *self.by_network, strict=True
            )
        ]


def merge_lists(
    found: Sequence[Sequence[Sequence[Candidate]]],
) -> list[dict[tuple[int, ...], list[int]]]:
    """Merge the candidates found by several networks.

    ``found`` holds the candidates of each network and spectrum, best first. The result maps each
    peptide of a spectrum to its place in the list of every network, -1 if that did not find it.
    """
    united: list[dict[tuple[int, ...], list[int]]] = []
    for of_spectrum in zip(*found, strict=True):
        places: dict[tuple[int, ...], list[int]] = {}
        for network, candidates in enumerate(of_spectrum):
            for place, candidate in enumerate(candidates):
                place_of = places.setdefault(tuple(candidate.peptide), [-1] * len(found))
                if place_of[network] < 0:
                    place_of[network] = place
        united.append(places)
    return united
