"""Candidates of each spectrum, merged over networks: every peptide once, with all scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from denovo.chemistry import EOS, SOS
from denovo.decoding import Candidate
from denovo.spectra.batch import Spectra
from denovo.spectra.protocol import Sequencer
from denovo.typing import Float64, Int, ndarray


@dataclass(frozen=True)
class CandidateLists:
    """Candidates of a batch of spectra, flattened, with the scores of every network.

    ``row`` is the spectrum of each candidate, ascending; some of the ``n_spectra`` may have none.
    Peptides are unique within a spectrum. ``by_network`` holds the scores of each network.
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


@torch.no_grad()
def score_peptides(
    sequencer: Sequencer,
    spectra: Spectra,
    row: Int[ndarray, " candidate"],
    peptides: Sequence[Sequence[int]],
    batch_size: int = 512,
) -> list[Candidate]:
    """Score peptides exactly as a beam search that finds them; ``row`` is the spectrum of each."""
    if not peptides:
        return []
    scored: dict[int, Candidate] = {}
    order = np.argsort([len(peptide) for peptide in peptides], kind="stable")
    step = 1 if sequencer.direction == "forward" else -1
    start_state = sequencer.initial_state(spectra)
    device = spectra.mz.device
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        read = [[*list(peptides[number])[::step], EOS] for number in chosen]
        tokens = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(each, device=device) for each in read],
            batch_first=True,
            padding_value=EOS,
        )
        state = start_state.select(torch.from_numpy(row[chosen]).to(device))
        last, columns = torch.full_like(tokens[:, 0], SOS), []
        for position in range(tokens.shape[1]):
            logits, state = sequencer.next_residue_logits(state, last)
            last = tokens[:, position]
            log_probability = logits.float().log_softmax(dim=-1)
            columns.append(log_probability.gather(1, last[:, None])[:, 0])
        values = torch.stack(columns, dim=1).cpu()
        for number, of_tokens in zip(chosen.tolist(), values.tolist(), strict=True):
            peptide = list(peptides[number])
            of_read = of_tokens[: len(peptide) + 1]
            scored[number] = Candidate(peptide, of_read[:-1][::step], sum(of_read))
    return [scored[number] for number in range(len(peptides))]
