"""Rescoring of candidates by all networks, by their peaks and by predicted spectra."""

from collections.abc import Sequence

import numpy as np

from denovo.chemistry import ISOTOPE_SPACING, Tolerance, Vocabulary
from denovo.decoding import BeamDecoder, Candidate, Decoded
from denovo.sequencing.rescoring.features import candidate_features, describe, describe_lists
from denovo.sequencing.rescoring.lists import CandidateLists, merge_lists, score_peptides
from denovo.sequencing.rescoring.reranker import ListTable, Reranker
from denovo.sequencing.rescoring.similarity import Similarity
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE, FragmentMatches
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.typing import Bool, Float64, Int, ndarray


class Rescorer:
    """Ranks the candidates of all networks by the scores of all networks.

    The networks share one device and one vocabulary; the first is the one whose candidates are
    passed in. Without a reranker, the mean log-probability ranks.
    """

    def __init__(
        self,
        sequencers: Sequence[Sequencer],
        decoder: BeamDecoder,
        reranker: Reranker | None = None,
        similarity: Similarity | None = None,
        n_candidates: int = 16,
        fragment_tolerance: Tolerance = FRAGMENT_TOLERANCE,
    ) -> None:
        self.sequencers, self.decoder = list(sequencers), decoder
        self.reranker, self.similarity, self.n_candidates = reranker, similarity, n_candidates
        self.fragment_tolerance = fragment_tolerance
        self.vocabulary = self.sequencers[0].vocabulary
        for other in self.sequencers[1:]:
            self.vocabulary.check_same(other.vocabulary, "the first network", "another one")
        constraint = decoder.constraint
        self.isotope_errors = constraint.isotope_errors if constraint else (0,)
        directions = [sequencer.direction for sequencer in self.sequencers]
        self.names = candidate_features(directions, similarity is not None)

    def __call__(self, spectra: Spectra, decoded: Decoded) -> list[list[Candidate]]:
        """Return the valid candidates of each spectrum, best first; some may have none.

        ``decoded`` is the output of the decoder for the first network. Scores are averaged over the
        networks; a reranker adds probabilities, whose sum over a spectrum is at most 1.
        """
        lists, probability = self.lists(spectra, decoded), None
        if self.reranker is not None:
            probability = self.reranker.probabilities(self.table(lists, spectra))
            order = np.lexsort((-probability, lists.row))
            lists, probability = lists.select(order), probability[order]
        candidates = lists.averaged(probability)
        ends = np.searchsorted(lists.row, np.arange(lists.n_spectra), side="right").tolist()
        return [candidates[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def lists(self, spectra: Spectra, decoded: Decoded) -> CandidateLists:
        """Collect the candidates of all networks, score each by each, and keep the best by mean."""
        others = (self.decoder(sequencer, spectra) for sequencer in self.sequencers[1:])
        found = [_valid_candidates(each, self.vocabulary) for each in (decoded, *others)]
        united = merge_lists(found)
        row = np.repeat(np.arange(len(united)), [len(by_peptide) for by_peptide in united])
        peptides = [peptide for by_peptide in united for peptide in by_peptide]
        scored = [each for by_peptide in united for each in by_peptide.values()]
        for network, sequencer in enumerate(self.sequencers):
            missing = [number for number, each in enumerate(scored) if each[network] is None]
            asked, floor = [peptides[number] for number in missing], self._floor(row, scored)
            answers = score_peptides(sequencer, spectra, row[missing], asked, floor[missing])
            for number, answer in zip(missing, answers, strict=True):
                scored[number][network] = answer
        lists = CandidateLists.of(row, scored, len(self.sequencers), len(spectra))
        return lists.best(lists.joint, self.n_candidates, self.decoder.margin)

    def _floor(
        self, row: Int[ndarray, " candidate"], scored: Sequence[Sequence[Candidate | None]]
    ) -> Float64[ndarray, " candidate"]:
        """Return the log-probability below which a further network rules each candidate out.

        The mean over the networks is then too far below that of a candidate that all have scored.
        """
        known = np.array(
            [[each.log_probability if each else np.nan for each in of_one] for of_one in scored]
        ).reshape(len(row), len(self.sequencers))
        best = np.full(row.max(initial=-1) + 1, -np.inf)
        np.fmax.at(best, row, known.sum(axis=1))
        # No log-probability is above 0.
        margin = len(self.sequencers) * self.decoder.margin
        return best[row] - margin - np.nansum(known, axis=1)

    def table(self, lists: CandidateLists, spectra: Spectra) -> ListTable:
        """Compute the features of candidates, in the order of `names`."""
        matches = FragmentMatches.of(
            spectra, lists.row, lists.peptides, self.vocabulary, self.fragment_tolerance
        )
        similarity = None
        if self.similarity is not None:
            charge = spectra.precursor_charge.cpu().numpy()[lists.row]
            similarity = self.similarity(matches.intensity, lists.peptides, charge)
        ppm = self._ppm_error(lists, spectra)
        features = describe(lists, matches, ppm, similarity)
        return ListTable(lists.row, features, describe_lists(spectra))

    def beside(
        self, lists: CandidateLists, table: ListTable, others: CandidateLists, spectra: Spectra
    ) -> ListTable:
        """Compute the features of further candidates of the same spectra.

        They are first by a score if it is at least that of all candidates of ``lists``, whose
        features ``table`` holds; those stay as they are.
        """
        found = self.table(others, spectra)
        theirs, known = self._scores(others, found), self._scores(lists, table)
        best = np.full((len(known), len(spectra)), -np.inf)
        for of_scorer, score in zip(best, known, strict=True):
            np.maximum.at(of_scorer, lists.row, score)
        found.features[:, -len(best) :] = (theirs >= best[:, others.row]).T
        return found

    def score(
        self, spectra: Spectra, row: Int[ndarray, " candidate"], peptides: Sequence[Sequence[int]]
    ) -> CandidateLists:
        """Score given peptides by all networks; ``row``, ascending, is the spectrum of each."""
        answers = [score_peptides(each, spectra, row, peptides) for each in self.sequencers]
        scored = list(zip(*answers, strict=True))
        return CandidateLists.of(row, scored, len(self.sequencers), len(spectra))

    def _scores(
        self, lists: CandidateLists, table: ListTable
    ) -> Float64[ndarray, "scorer candidate"]:
        """Return the scores by which a candidate may be first, in the order of the features."""
        columns = [*lists.log_probability, *([lists.joint] if len(self.sequencers) > 1 else [])]
        if self.similarity is not None:
            columns.append(table.features[:, self.names.index("similarity")])
        return np.stack(columns)

    def _ppm_error(self, lists: CandidateLists, spectra: Spectra) -> Float64[ndarray, " candidate"]:
        """Compute the absolute precursor error in ppm for the closest isotope."""
        measured = spectra.precursor_mass.cpu().numpy()[lists.row]
        mass = np.array([self.vocabulary.peptide_mass(peptide) for peptide in lists.peptides])
        errors = np.array(self.isotope_errors) * ISOTOPE_SPACING
        off = np.abs(measured[:, None] - errors - mass.reshape(-1, 1)).min(axis=1)
        return off / np.maximum(mass, 1.0) * 1e6


def _valid_candidates(decoded: Decoded, vocabulary: Vocabulary) -> list[list[Candidate]]:
    """Keep whole peptides that meet the mass constraint, if there is one."""
    is_valid: Bool[ndarray, " batch"] = decoded.is_complete.cpu().numpy()
    if decoded.is_feasible is not None:
        is_valid = is_valid & decoded.is_feasible.cpu().numpy()
    return [
        [each for each in candidates if vocabulary.n_residues(each.peptide)] if ok else []
        for candidates, ok in zip(decoded.candidates, is_valid.tolist(), strict=True)
    ]
