"""Answers of spectra from the candidates of a proteome and of the networks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from denovo.decoding import Candidate, Decoded
from denovo.sequencing.answer import Answer, RivalAnswers, answers_of
from denovo.sequencing.proteome.search import Candidates, ProteomeSearch
from denovo.sequencing.proteome.sources import (
    SourceModel,
    log_sums,
    may_be_novel,
    resolved,
    weights_of,
)
from denovo.sequencing.proteome.variants import VariantFinder
from denovo.spectra.batch import Spectra
from denovo.spectra.prediction import Prediction
from denovo.typing import Float64, Int, ndarray

_MAX_PROTEINS = 10
"""Most proteins that are named for a peptide."""


class ProteomePrior:
    """Chooses between peptides of a proteome and others.

    Parameters
    ----------
    search : ProteomeSearch
        Finds and scores the candidates.
    model : SourceModel
        Weights of both sources.
    novel_share : float or None
        Share of spectra whose peptide is not in the proteome; None for that of the fit.
    """

    def __init__(
        self, search: ProteomeSearch, model: SourceModel, novel_share: float | None = None
    ) -> None:
        self.search, self.model = search, model
        self.find_variant = VariantFinder(search.find.index, search.vocabulary)
        self.novel_share = model.novel_share if novel_share is None else novel_share

    def resolved(self, prediction: Prediction) -> Prediction:
        """Choose at the share of novel peptides; see `denovo.sequencing.proteome.sources`."""
        return resolved(prediction, self.novel_share, self.model.novel_share)

    def answers(self, spectra: Spectra, decoded: Decoded) -> list[Answer]:
        """Answer a batch, each with the best of both sources as rivals."""
        found = self.search(spectra, decoded)
        mass = spectra.precursor_mass.cpu().numpy()[found.lists.row]
        weights = weights_of(
            self.model,
            *(found.utility, found.outside, found.log_share, found.decoy_share, found.log_number),
            mass,
        )
        is_known = found.is_listed & np.isfinite(found.log_share)
        is_novel = found.is_listed & ~is_known
        row = found.lists.row
        all_known = log_sums(row, weights.candidate, is_known, weights.known_none)
        all_novel = log_sums(row, weights.candidate, is_novel, weights.novel_none)
        total = np.logaddexp(all_known, all_novel)
        probability = np.exp(weights.candidate - total[row])
        candidates = found.lists.averaged(probability)
        orders = [
            _ranked(row, weights.candidate, np.flatnonzero(chosen), len(spectra))
            for chosen in (is_known, is_novel)
        ]
        of_source = [self._of_lists(spectra, decoded, candidates, order) for order in orders]
        answers = []
        for number, (known, novel) in enumerate(zip(*orders, strict=True)):
            if not known and not novel:
                # Both hold what the network found and the constraint ruled out.
                answers.append(replace(of_source[0][number], probability=0.0))
                continue
            best_known, best_novel = (
                each[number] if order else None
                for each, order in zip(of_source, (known, novel), strict=True)
            )
            figures = {
                "log_known": _first(weights.candidate, known),
                "log_novel": _first(weights.candidate, novel),
                "log_decoy": float(weights.decoy[row == number].max(initial=-np.inf)),
                "all_known": float(all_known[number]),
                "all_novel": float(all_novel[number]),
                "rank": self._rank(found, number, known),
                "proteins": self._proteins(found, known),
            }
            figures |= self._variant(
                found, known, novel, figures["log_known"], figures["log_novel"]
            )
            winner = max(
                (each for each in (best_known, best_novel) if each),
                key=lambda each: each.best.probability or 0.0,
            )
            rivals = RivalAnswers(best_known, best_novel, figures)
            answers.append(replace(winner, rivals=rivals))
        return answers

    def _of_lists(
        self,
        spectra: Spectra,
        decoded: Decoded,
        candidates: Sequence[Candidate],
        orders: Sequence[Sequence[int]],
    ) -> list[Answer]:
        """Describe the best candidate of each spectrum; those of the networks if there is none."""
        rescorer = self.search.rescorer
        chosen = [[candidates[number] for number in order] for order in orders]
        answers = answers_of(
            *(decoded, spectra, self.search.vocabulary, rescorer.isotope_errors),
            *(chosen, rescorer.fragment_tolerance),
        )
        return [replace(each, probability=each.best.probability) for each in answers]

    def _variant(
        self,
        found: Candidates,
        known: Sequence[int],
        novel: Sequence[int],
        log_known: float,
        log_novel: float,
    ) -> dict[str, str]:
        """Describe the best novel peptide as a variant of the proteome, where it may win."""
        reference = self.model.novel_share
        if not novel or not may_be_novel(log_known, log_novel, self.novel_share, reference):
            return {}
        peptides = found.lists.peptides
        best_known = peptides[known[0]] if known else ()
        variant = self.find_variant(peptides[novel[0]], best_known)
        return {"variant_of": variant.peptide, "variant": variant.change} if variant else {}

    def _rank(self, found: Candidates, number: int, known: Sequence[int]) -> int | None:
        """Return the place of the best peptide of the proteome by utility, from 1."""
        if not known:
            return None
        others = (found.lists.row == number) & found.is_listed
        return 1 + int((found.utility[others] > found.utility[known[0]]).sum())

    def _proteins(self, found: Candidates, known: Sequence[int]) -> str:
        """Name the proteins of the best peptide of the proteome."""
        if not known:
            return ""
        index, entry = self.search.find.index, int(found.entry[known[0]])
        places = index.within(index.mass[entry] - 1e-4, index.mass[entry] + 1e-4)
        entries = np.arange(places.start, places.stop)
        peptides = index.peptides(entries)
        same = (peptides == peptides[entry - places.start]).all(axis=1)
        names = dict.fromkeys(index.accession_of(int(each)) for each in entries[same])
        return ";".join(sorted(names)[:_MAX_PROTEINS])


def _ranked(
    row: Int[ndarray, " candidate"],
    weight: Float64[ndarray, " candidate"],
    chosen: Int[ndarray, " chosen"],
    n_spectra: int,
) -> list[list[int]]:
    """List the chosen candidates of each spectrum by number, highest weight first."""
    order = chosen[np.lexsort((-weight[chosen], row[chosen]))]
    ends = np.searchsorted(row[order], np.arange(n_spectra), side="right").tolist()
    numbers = order.tolist()
    return [numbers[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _first(weight: Float64[ndarray, " candidate"], order: Sequence[int]) -> float:
    return float(weight[order[0]]) if order else -np.inf
