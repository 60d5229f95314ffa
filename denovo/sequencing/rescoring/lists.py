"""Candidates of each spectrum, merged over networks: every peptide once, with all scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

import numpy as np
import torch

from denovo.chemistry import SOS
from denovo.decoding import Candidate
from denovo.spectra.batch import Spectra, pad_tokens
from denovo.spectra.sequencer_protocol import Sequencer
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

    @classmethod
    def of(
        cls,
        row: Int[ndarray, " candidate"],
        scored: Sequence[Sequence[Candidate | None]],
        n_networks: int,
        n_spectra: int,
    ) -> "CandidateLists":
        """List the candidates that all networks have scored; ``scored`` has a row of each."""
        known = [[each for each in of_one if each] for of_one in scored]
        chosen = [number for number, each in enumerate(known) if len(each) == n_networks]
        return cls(
            row[chosen],
            [known[number][0].peptide for number in chosen],
            [[known[number][network] for number in chosen] for network in range(n_networks)],
            n_spectra,
        )

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

    def best(
        self, score: Float64[ndarray, " candidate"], n_candidates: int, margin: float = np.inf
    ) -> "CandidateLists":
        """Keep the ``n_candidates`` of highest score of each list, best first.

        Those whose score is more than ``margin`` below the best of their list are dropped.
        """
        order = np.lexsort((-score, self.row))
        start = np.searchsorted(self.row[order], self.row[order])
        is_kept = np.arange(len(order)) - start < n_candidates
        is_kept &= score[order] >= score[order][start] - margin
        return self.select(order[is_kept])

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
        of_tokens = [[each.token_log_probability for each in scored] for scored in self.by_network]
        flat = [np.fromiter(chain.from_iterable(each), np.float64) for each in of_tokens]
        tokens = np.mean(flat, axis=0).tolist()
        ends = [*accumulate(map(len, self.peptides), initial=0)]
        return [
            Candidate(peptide, tokens[start:end], total, value)
            for peptide, (start, end), total, value in zip(
                self.peptides, pairwise(ends), self.joint.tolist(), probabilities, strict=True
            )
        ]


def merge_lists(
    found: Sequence[Sequence[Sequence[Candidate]]],
) -> list[dict[tuple[int, ...], list[Candidate | None]]]:
    """Merge the candidates found by several networks.

    ``found`` holds the candidates of each network and spectrum, best first. The result maps each
    peptide of a spectrum to its candidate of every network, None if that did not find it.
    """
    united: list[dict[tuple[int, ...], list[Candidate | None]]] = []
    for of_spectrum in zip(*found, strict=True):
        by_peptide: dict[tuple[int, ...], list[Candidate | None]] = {}
        for network, candidates in enumerate(of_spectrum):
            for candidate in candidates:
                scored = by_peptide.setdefault(tuple(candidate.peptide), [None] * len(found))
                scored[network] = scored[network] or candidate
        united.append(by_peptide)
    return united


@torch.no_grad()
def score_peptides(
    sequencer: Sequencer,
    spectra: Spectra,
    row: Int[ndarray, " candidate"],
    peptides: Sequence[Sequence[int]],
    floor: Float64[ndarray, " candidate"] | float = -np.inf,
) -> list[Candidate | None]:
    """Score peptides exactly as a beam search that finds them; ``row`` is the spectrum of each.

    Candidates of one spectrum differ in few places, so each prefix is read once. None stands for a
    peptide whose log-probability is below its ``floor``: it is not read to its end.
    """
    if not peptides:
        return []
    step = 1 if sequencer.direction == "forward" else -1
    tokens = pad_tokens([peptide[::step] for peptide in peptides]).numpy()
    length = np.array([len(peptide) for peptide in peptides]) + 1
    scores, total = np.zeros(tokens.shape, dtype=np.float32), np.zeros(len(tokens))
    device, n_tokens = spectra.mz.device, len(sequencer.vocabulary)
    state = sequencer.initial_state(spectra)
    # The prefix of each candidate, at first its spectrum, and the last token of each prefix.
    prefix, last = row, np.full(len(spectra), SOS)
    for position in range(tokens.shape[1]):
        logits, state = sequencer.next_residue_logits(state, torch.from_numpy(last).to(device))
        log_probability = logits.float().log_softmax(dim=-1).cpu().numpy()
        scores[:, position] = log_probability[prefix, tokens[:, position]]
        total += np.where(position < length, scores[:, position], 0.0)
        is_going = (position + 1 < length) & (total >= floor)
        if not is_going.any():
            break
        extended = prefix[is_going] * n_tokens + tokens[is_going, position]
        distinct, of_candidate = np.unique(extended, return_inverse=True)
        parent, last = np.divmod(distinct, n_tokens)
        state = state.select(torch.from_numpy(parent).to(device))
        prefix = np.zeros_like(prefix)  # unused after the end of a candidate
        prefix[is_going] = of_candidate
    found: list[Candidate | None] = []
    for peptide, values, is_whole in zip(peptides, scores, total >= floor, strict=True):
        of_read = values[: len(peptide) + 1].tolist()
        candidate = Candidate(list(peptide), of_read[:-1][::step], sum(of_read))
        found.append(candidate if is_whole else None)
    return found
