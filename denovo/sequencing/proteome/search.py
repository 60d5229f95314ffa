"""Candidates of spectra out of a proteome, beside those that the networks propose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, Vocabulary
from denovo.choices import DecoyKind
from denovo.decoding import Decoded
from denovo.decoding.mass_constraint import MassConstraint
from denovo.proteins.digest_index import DigestIndex
from denovo.sequencing.proteome.forms import FormFinder, Forms, rows_of
from denovo.sequencing.proteome.matching import PeakRanks
from denovo.sequencing.rescoring import CandidateLists, Rescorer
from denovo.spectra.batch import Spectra
from denovo.typing import Bool, Float64, Int, Shaped, ndarray

N_KEPT = 3
"""Most candidates of the proteome and decoys of a spectrum that all networks score."""
LEAST_SCORE = 0.8
"""Smallest fast score of these, relative to the best one of the proteome and the decoys."""
_GROUP = 16
"""Spectra whose peptides of the proteome are in memory at a time."""


@dataclass(frozen=True)
class Candidates:
    """All candidates of a batch of spectra, with what their probabilities depend on.

    Parameters
    ----------
    lists : CandidateLists
        Candidates of the networks, and those of the proteome that they do not propose.
    utility : array [candidate], float64
        Utility by the reranker.
    outside : array [spectrum], float64
        Utility of none being right, by the candidates of the networks.
    log_share : array [candidate], float64
        Natural logarithm of the share of a peptide of the proteome among all that weigh as much,
        each counted with the rate of its modifications; -inf for others.
    decoy_share : array [candidate], float64
        The same of the decoys of the peptides, for candidates that are one.
    is_listed : array [candidate], bool
        False for decoys that no network proposes, which are no answers.
    log_number : array [spectrum], float64
        Natural logarithm of the sum of the rates of all peptides of the proteome that weigh as
        much; -inf without any.
    entry : array [candidate], int64
        An entry of the digest index for peptides of the proteome, -1 for others.
    """

    lists: CandidateLists
    utility: Float64[ndarray, " candidate"]
    outside: Float64[ndarray, " spectrum"]
    log_share: Float64[ndarray, " candidate"]
    decoy_share: Float64[ndarray, " candidate"]
    is_listed: Bool[ndarray, " candidate"]
    log_number: Float64[ndarray, " spectrum"]
    entry: Int[ndarray, " candidate"]


class ProteomeSearch:
    """Finds the peptides of a proteome that fit spectra best, and scores them as all candidates.

    Parameters
    ----------
    index : DigestIndex
        The digest.
    rescorer : Rescorer
        Scores candidates; with a reranker.
    rates : mapping of str to float
        See `FormFinder`.
    constraint : MassConstraint
        Agreement of masses.
    decoys : DecoyKind
        How the decoys are made.
    """

    def __init__(
        self,
        index: DigestIndex,
        rescorer: Rescorer,
        rates: Mapping[str, float],
        constraint: MassConstraint,
        decoys: DecoyKind = DecoyKind.REVERSED,
    ) -> None:
        self.rescorer, self.constraint, self.decoys = rescorer, constraint, decoys
        self.vocabulary: Vocabulary = rescorer.vocabulary
        self.find = FormFinder(index, self.vocabulary, rates)
        self._masses = self.vocabulary.masses.numpy()

    def __call__(self, spectra: Spectra, decoded: Decoded) -> Candidates:
        """Collect and score the candidates of a batch; see `Rescorer`."""
        rescorer = self.rescorer
        assert rescorer.reranker is not None
        lists = rescorer.lists(spectra, decoded)
        table = rescorer.table(lists, spectra)
        utility, outside = rescorer.reranker.utilities(table)
        own = self._own(lists)
        cpu = spectra.to("cpu")
        groups = [self._of_group(cpu, start, own) for start in range(0, len(cpu), _GROUP)]
        log_number = np.concatenate([group.log_number for group in groups])
        log_share, decoy_share, entry = (
            np.concatenate([getattr(group, name) for group in groups])
            for name in ("log_share", "decoy_share", "entry")
        )
        row = np.concatenate([group.kept.row for group in groups])
        shares = np.concatenate([group.kept_share for group in groups])
        is_decoy = np.concatenate([group.is_decoy for group in groups])
        peptides = [peptide for group in groups for peptide in _peptides(group.kept)]
        others = rescorer.score(spectra, row, peptides)
        beside = rescorer.beside(lists, table, others, spectra)
        more = rescorer.reranker.utilities(beside)[0]
        entries = np.concatenate([group.kept.entry for group in groups])
        nothing = np.full(len(row), -np.inf)
        return Candidates(
            CandidateLists(
                np.concatenate([lists.row, others.row]),
                [*lists.peptides, *others.peptides],
                [[*a, *b] for a, b in zip(lists.by_network, others.by_network, strict=True)],
                lists.n_spectra,
            ),
            np.concatenate([utility, more]),
            outside,
            np.concatenate([log_share, np.where(is_decoy, nothing, shares)]),
            np.concatenate([decoy_share, np.where(is_decoy, shares, nothing)]),
            np.concatenate([np.ones(len(lists), dtype=np.bool_), ~is_decoy]),
            log_number,
            np.concatenate([entry, np.where(is_decoy, -1, entries)]),
        )

    def _own(self, lists: CandidateLists) -> Forms:
        """Lay the candidates of the networks out as forms, of no entry."""
        tokens = rows_of(lists.peptides, self.vocabulary)
        return Forms(lists.row, tokens, np.full(len(lists), -1), np.ones(len(lists)))

    def _of_group(self, spectra: Spectra, start: int, all_own: Forms) -> "_Group":
        """Find the peptides of some spectra, and the best that the networks do not propose."""
        chosen = np.arange(start, min(start + _GROUP, len(spectra)))
        group = spectra.select(torch.from_numpy(chosen))
        own = all_own.take(np.flatnonzero(np.isin(all_own.row, chosen)))
        own = replace(own, row=own.row - start)
        low, high = (
            bound.numpy() + WATER_MASS for bound in self.constraint.windows(group.precursor_mass)
        )
        forms = self.find(low, high)
        number = np.bincount(forms.row, forms.rate, minlength=len(chosen))
        with np.errstate(divide="ignore"):
            log_number = np.log(number)
        share = np.log(forms.rate) - log_number[forms.row]
        keys = forms.keys
        # A candidate is a decoy if it is made of a peptide that is in the proteome.
        of_decoys = own.decoys(self.decoys, is_back=True)
        at, at_decoyed = (_places(keys, each.keys) for each in (own, of_decoys))
        peaks = PeakRanks(
            group, self.rescorer.fragment_tolerance, float(high[number > 0].max(initial=0.0))
        )
        kept, is_decoy = self._best(forms, peaks, (at, at_decoyed), keys)
        both = Forms(
            forms.row[kept] + start,
            np.where(
                is_decoy[:, None], forms.take(kept).decoys(self.decoys).tokens, forms.tokens[kept]
            ),
            forms.entry[kept],
            forms.rate[kept],
        )
        return _Group(
            *(both, share[kept], is_decoy, log_number),
            *(_values(share, at, -np.inf), _values(share, at_decoyed, -np.inf)),
            _values(forms.entry, at, -1),
        )

    def _best(
        self,
        forms: Forms,
        peaks: PeakRanks,
        own: tuple[Int[ndarray, " candidate"], Int[ndarray, " candidate"]],
        keys: Shaped[ndarray, " form"],
    ) -> tuple[Int[ndarray, " kept"], Bool[ndarray, " kept"]]:
        """Choose forms and decoys by their fast scores, and say which are decoys.

        ``own`` holds the forms that the networks propose, and those whose decoys they do, -1 for
        none. A decoy is numbered by its form.
        """
        of_forms, of_decoys = peaks.scores(forms, self._masses)
        if self.decoys is not DecoyKind.REVERSED:
            of_decoys, _ = peaks.scores(forms.decoys(self.decoys), self._masses)
        score = np.concatenate([of_forms, of_decoys])
        row = np.concatenate([forms.row, forms.row])
        best = np.zeros(len(peaks.weight))
        np.maximum.at(best, row, score)
        is_usable = score >= LEAST_SCORE * best[row]
        for first, places in zip((0, len(forms)), own, strict=True):
            is_usable[first + places[places >= 0]] = False
        usable = np.flatnonzero(is_usable)
        # A decoy that is in the proteome follows its equal, so that some twice as many suffice.
        usable = usable[_best_of(row[usable], score[usable], 2 * N_KEPT)]
        number, is_decoy = usable % max(len(forms), 1), usable >= len(forms)
        is_target = is_decoy & (_places(keys, forms.take(number).decoys(self.decoys).keys) >= 0)
        usable = usable[~is_target]
        usable = usable[_best_of(row[usable], score[usable], N_KEPT)]
        return usable % max(len(forms), 1), usable >= len(forms)


@dataclass(frozen=True)
class _Group:
    """What was found for some spectra; the last three fields describe their own candidates."""

    kept: Forms
    kept_share: Float64[ndarray, " form"]
    is_decoy: Bool[ndarray, " form"]
    log_number: Float64[ndarray, " spectrum"]
    log_share: Float64[ndarray, " candidate"]
    decoy_share: Float64[ndarray, " candidate"]
    entry: Int[ndarray, " candidate"]


def _places(
    keys: Shaped[ndarray, " form"], asked: Shaped[ndarray, " candidate"]
) -> Int[ndarray, " candidate"]:
    """Return the number of the form with each key, -1 for none; the keys ascend."""
    if not len(keys):
        return np.full(len(asked), -1)
    place = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
    return np.where(keys[place] == asked, place, -1)


def _values(
    values: Shaped[ndarray, " form"], places: Int[ndarray, " candidate"], missing: float | int
) -> Shaped[ndarray, " candidate"]:
    """Return the value at each place, and ``missing`` at -1."""
    if not len(values):
        return np.full(len(places), missing, dtype=values.dtype)
    return np.where(places >= 0, values[places], missing)


def _best_of(
    row: Int[ndarray, " form"], score: Shaped[ndarray, " form"], n_most: int
) -> Int[ndarray, " best"]:
    """Return the numbers of the forms of highest score of each spectrum."""
    order = np.lexsort((-score, row))
    start = np.searchsorted(row[order], row[order])
    return order[np.arange(len(order)) - start < n_most]


def _peptides(forms: Forms) -> list[list[int]]:
    return [[token for token in tokens if token] for tokens in forms.tokens.tolist()]
