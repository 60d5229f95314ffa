"""The candidates of each spectrum: what all networks found, each peptide once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from denovo.decoding import Answer
from denovo.typing import Float64, Int, ndarray


@dataclass(frozen=True)
class CandidateLists:
    """Candidates of a batch of spectra, flattened, and how each network judges them.

    Parameters
    ----------
    row : array [candidate], int64
        Spectrum of each candidate, ascending.
    peptides : list of list of int
        Tokens from the N-terminus, without EOS; no peptide stands twice in a list.
    answers : list of list of Answer
        For each network its score of every candidate.
    n_spectra : int
        Spectra of the batch; some may have no candidate.
    """

    row: Int[ndarray, " candidate"]
    peptides: list[list[int]]
    answers: list[list[Answer]]
    n_spectra: int

    def __len__(self) -> int:
        return len(self.peptides)

    @property
    def log_probability(self) -> Float64[ndarray, "network candidate"]:
        """Natural logarithm of the probability that each network gives to each candidate."""
        values = [[answer.log_probability for answer in answers] for answers in self.answers]
        return np.array(values, dtype=np.float64).reshape(len(self.answers), len(self))

    @property
    def joint(self) -> Float64[ndarray, " candidate"]:
        """Mean of that over the networks: the logarithm of the geometric mean."""
        return self.log_probability.mean(axis=0)

    def best(self, score: Float64[ndarray, " candidate"], n_most: int) -> "CandidateLists":
        """Keep the best few of each list, those of the highest score first."""
        order = np.lexsort((-score, self.row))
        start = np.searchsorted(self.row[order], self.row[order])
        return self.select(order[np.arange(len(order)) - start < n_most])

    def select(self, chosen: Int[ndarray, " chosen"]) -> "CandidateLists":
        """Take candidates by number; their spectra must be in order."""
        numbers = chosen.tolist()
        return CandidateLists(
            self.row[chosen],
            [self.peptides[number] for number in numbers],
            [[answers[number] for number in numbers] for answers in self.answers],
            self.n_spectra,
        )

    def averaged(self, probability: Float64[ndarray, " candidate"] | None = None) -> list[Answer]:
        """Average over the networks, token by token and of the peptide, and add probabilities."""
        probabilities = [None] * len(self) if probability is None else probability.tolist()
        return [
            Answer(
                peptide,
                np.mean([answer.token_log_probability for answer in answers], axis=0).tolist(),
                float(np.mean([answer.log_probability for answer in answers])),
                each,
            )
            for peptide, each, *answers in zip(
                self.peptides, probabilities, *self.answers, strict=True
            )
        ]


def merge_lists(
    found: Sequence[Sequence[Sequence[Answer]]],
) -> list[dict[tuple[int, ...], list[int]]]:
    """Unite the lists of several networks."""
    united: list[dict[tuple[int, ...], list[int]]] = []
    for of_spectrum in zip(*found, strict=True):
        places: dict[tuple[int, ...], list[int]] = {}
        for network, answers in enumerate(of_spectrum):
            for place, answer in enumerate(answers):
                place_of = places.setdefault(tuple(answer.peptide), [-1] * len(found))
                if place_of[network] < 0:
                    place_of[network] = place
        united.append(places)
    return united
