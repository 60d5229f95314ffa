"""Probabilities of the sites of modifications, for answers in which they could be elsewhere."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, islice

import numpy as np
import torch
from scipy.special import softmax

from denovo.chemistry import Vocabulary
from denovo.sequencing.answer import Answer, RivalAnswers
from denovo.sequencing.rescoring import Rescorer
from denovo.spectra.batch import Spectra
from denovo.spectra.prediction import Site, Status
from denovo.typing import Float64, ndarray

_MOST = 100
"""Most placements of an answer that are compared; answers with more get no probabilities."""


class SiteScorer:
    """Compares the placements of the modifications of answers as rescoring compares candidates.

    The probability of a placement is that of the reranker, given the residues and the number of
    each modification; the probability of a site is the sum over the placements that modify it.

    Parameters
    ----------
    rescorer : Rescorer
        Scores candidates; with a reranker.
    """

    def __init__(self, rescorer: Rescorer) -> None:
        self.rescorer, self.vocabulary = rescorer, rescorer.vocabulary

    def __call__(self, spectra: Spectra, answers: Sequence[Answer]) -> list[Answer]:
        """Add `Answer.sites` to one answer for each spectrum; to its rivals, if it has any."""
        asked = [
            (row, each)
            for row, answer in enumerate(answers)
            for each in _chosen_from(answer)
            if each.status is Status.OK
        ]
        placed = [placements_of(each.best.peptide, self.vocabulary) for _, each in asked]
        chosen = [(*pair, found) for pair, found in zip(asked, placed, strict=True) if found]
        if not chosen:
            return list(answers)
        probabilities = self._probabilities(spectra, [(row, found) for row, _, found in chosen])
        sites = {
            id(answer): self._sites(answer.best.peptide, found, probability)
            for (_, answer, found), probability in zip(chosen, probabilities, strict=True)
        }
        return [_with_sites(answer, sites) for answer in answers]

    def _probabilities(
        self, spectra: Spectra, placed: Sequence[tuple[int, list[list[int]]]]
    ) -> list[Float64[ndarray, " placement"]]:
        """Return the probabilities of the placements of each answer, which has a spectrum."""
        rescorer, sizes = self.rescorer, [len(found) for _, found in placed]
        assert rescorer.reranker is not None
        # Few spectra of a batch have such an answer, and networks look at every one they are given.
        asked, place = np.unique([number for number, _ in placed], return_inverse=True)
        spectra, row = spectra.select(torch.from_numpy(asked)), np.repeat(place, sizes)
        lists = rescorer.score(spectra, row, [each for _, found in placed for each in found])
        utility, _ = rescorer.reranker.utilities(rescorer.table(lists, spectra))
        return [softmax(of_answer) for of_answer in np.split(utility, np.cumsum(sizes)[:-1])]

    def _sites(
        self,
        answer: Sequence[int],
        placements: Sequence[Sequence[int]],
        probability: Float64[ndarray, " placement"],
    ) -> tuple[Site, ...]:
        """Add up the placements that modify each site; four digits, as in the text of files."""
        total: dict[tuple[int, int], float] = {}
        for peptide, value in zip(placements, probability.tolist(), strict=True):
            for place, token in enumerate(peptide):
                total[place, token] = total.get((place, token), 0.0) + value
        shift = int(bool(self.vocabulary.is_n_terminal[answer[0]]))
        return tuple(
            Site(place + 1 - shift, self.vocabulary.tokens[token], round(value, 4))
            for (place, token), value in sorted(total.items())
            if "[" in self.vocabulary.tokens[token]
            and any(peptide[place] != token for peptide in placements)
        )


def placements_of(tokens: Sequence[int], vocabulary: Vocabulary) -> list[list[int]]:
    """List the placements of the modifications of a peptide among the residues that carry them.

    Parameters
    ----------
    tokens : sequence of int
        A peptide. Modifications of its N-terminus stay where they are.
    vocabulary : Vocabulary
        A residue carries a modification if the alphabet has it with and without.

    Returns
    -------
    list of list of int
        All placements, this one included; empty if there is no other, or more than 100.
    """
    names = [vocabulary.tokens[token] for token in tokens]
    pairs = _pairs(vocabulary)
    tags = Counter(name[1:] for name in names if name in pairs)
    found = [[vocabulary.index[name[0] if name in pairs else name] for name in names]]
    for tag, number in sorted(tags.items()):
        more = (other for each in found for other in _with_tag(each, tag, number, vocabulary))
        found = list(islice(more, _MOST + 1))
        if len(found) > _MOST:
            return []
    return found if len(found) > 1 else []


@cache
def _pairs(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the modified residues that the alphabet has without their modification, too."""
    names = {vocabulary.tokens[token] for token in vocabulary.candidates.tolist()}
    return frozenset(name for name in names if name[1:2] == "[" and name[0] in names)


def _with_tag(
    tokens: Sequence[int], tag: str, number: int, vocabulary: Vocabulary
) -> Iterator[list[int]]:
    """Place a modification a number of times on residues without one, in all ways."""
    modified = [f"{vocabulary.tokens[token]}{tag}" for token in tokens]
    free = [place for place, name in enumerate(modified) if name in _pairs(vocabulary)]
    for chosen in combinations(free, number):
        placed = list(tokens)
        for place in chosen:
            placed[place] = vocabulary.index[modified[place]]
        yield placed


def _chosen_from(answer: Answer) -> list[Answer]:
    """Return the answers of which one is written: the rivals, or the answer itself."""
    rivals = answer.rivals
    if rivals is None:
        return [answer]
    return [each for each in (rivals.known, rivals.novel) if each is not None]


def _with_sites(answer: Answer, sites: Mapping[int, tuple[Site, ...]]) -> Answer:
    if answer.rivals is None:
        return replace(answer, sites=sites.get(id(answer), ()))
    known, novel = (
        each and replace(each, sites=sites.get(id(each), ()))
        for each in (answer.rivals.known, answer.rivals.novel)
    )
    return replace(answer, rivals=RivalAnswers(known, novel, answer.rivals.weights))
