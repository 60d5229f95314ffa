"""Probabilities of the sites of modifications, for answers in which they could be elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.sequencing.answer import Answer, RivalAnswers
from denovo.sequencing.rescoring import Rescorer
from denovo.spectra.batch import Spectra
from denovo.spectra.prediction import Site, Status

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
        """Add `Answer.sites` to one answer for each spectrum, and to their rivals."""
        found = {}
        for of_source in (_itself, _known, _novel):
            described = [of_source(answer) for answer in answers]
            found[of_source] = self._described(spectra, described)
        with_sites = []
        for answer, known, novel in zip(found[_itself], found[_known], found[_novel], strict=True):
            assert answer is not None
            if answer.rivals is not None:
                rivals = RivalAnswers(known, novel, answer.rivals.weights)
                answer = replace(answer, rivals=rivals)
            with_sites.append(answer)
        return with_sites

    def _described(self, spectra: Spectra, answers: Sequence[Answer | None]) -> list[Answer | None]:
        placed = [
            placements_of(answer.best.peptide, self.vocabulary)
            if answer is not None and answer.status is Status.OK
            else []
            for answer in answers
        ]
        row = np.repeat(np.arange(len(placed)), [len(each) for each in placed])
        if not len(row):
            return list(answers)
        rescorer = self.rescorer
        assert rescorer.reranker is not None
        lists = rescorer.score(spectra, row, [peptide for each in placed for peptide in each])
        utility, _ = rescorer.reranker.utilities(rescorer.table(lists, spectra))
        described = list(answers)
        for number in np.unique(lists.row).tolist():
            answer, chosen = answers[number], np.flatnonzero(lists.row == number)
            weight = np.exp(utility[chosen] - utility[chosen].max())
            peptides = [lists.peptides[each] for each in chosen.tolist()]
            assert answer is not None
            sites = self._sites(answer.best.peptide, peptides, weight / weight.sum())
            described[number] = replace(answer, sites=sites)
        return described

    def _sites(
        self,
        answer: Sequence[int],
        placements: Sequence[Sequence[int]],
        probability: np.ndarray,
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
    found = [list(tokens)]
    for tag in sorted({name[1:] for name in _names(tokens, vocabulary) if name[1:2] == "["}):
        found = [other for each in found for other in _moved(each, tag, vocabulary)]
        if len(found) > _MOST:
            return []
    return found if len(found) > 1 else []


def _moved(tokens: Sequence[int], tag: str, vocabulary: Vocabulary) -> Iterator[list[int]]:
    """Place a modification in all ways on residues without another one."""
    canonical, index = set(vocabulary.candidates.tolist()), vocabulary.index
    pairs = {}
    for place, name in enumerate(_names(tokens, vocabulary)):
        pair = index.get(name[0]), index.get(f"{name[0]}{tag}")
        if name[1:] in ("", tag) and canonical.issuperset(pair):
            pairs[place] = pair
    n_modified = sum(tokens[place] == pair[1] for place, pair in pairs.items())
    for chosen in combinations(pairs, n_modified):
        moved = list(tokens)
        for place, (plain, modified) in pairs.items():
            moved[place] = modified if place in chosen else plain
        yield moved


def _names(tokens: Sequence[int], vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.tokens[token] for token in tokens]


def _itself(answer: Answer) -> Answer | None:
    return answer


def _known(answer: Answer) -> Answer | None:
    return answer.rivals.known if answer.rivals else None


def _novel(answer: Answer) -> Answer | None:
    return answer.rivals.novel if answer.rivals else None
