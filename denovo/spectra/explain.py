"""What the peaks of a spectrum say about the peptide that was read from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, IonType, Ppm, Tolerance, Vocabulary
from denovo.spectra.batch import Spectra
from denovo.spectra.peak_index import PeakIndex
from denovo.spectra.prediction import Region
from denovo.typing import Bool, Float64, Int, ndarray

FRAGMENT_TOLERANCE = Ppm(20.0)
_SINGLY = tuple(IonType.parse(name) for name in ("b", "y"))
_DOUBLY = tuple(IonType.parse(name) for name in ("b2", "y2"))
_FROM_CHARGE = 3
"""Precursors of lower charge hardly give doubly charged fragments."""
_LISTED = 6
"""Most orders of a region that are told one by one: all those of three residues."""


@dataclass(frozen=True)
class Explanation:
    """How well one peptide explains its spectrum.

    Parameters
    ----------
    is_covered : array [site], bool
        Whether a b or y ion of each cleavage site is among the peaks; sites from the N-terminus.
    explained_intensity : float
        Share of the intensity on b and y ions, in [0, 1].
    regions : tuple of Region
        Residues that the peaks cannot order.
    """

    is_covered: Bool[ndarray, " site"]
    explained_intensity: float
    regions: tuple[Region, ...]

    @property
    def share_of_sites(self) -> float:
        """Covered cleavage sites, in [0, 1]; 1 where there is none to cover."""
        return float(self.is_covered.mean()) if len(self.is_covered) else 1.0

    @property
    def longest_silent_run(self) -> int:
        """Most cleavage sites in a row without an ion."""
        ends = np.flatnonzero(np.concatenate([[True], self.is_covered, [True]]))
        return int(np.diff(ends).max()) - 1


class Explainer:
    """Looks the fragments of peptides up in their spectra, a batch at a time.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    tolerance : Tolerance
        How far a peak may lie from a fragment.
    """

    def __init__(self, vocabulary: Vocabulary, tolerance: Tolerance = FRAGMENT_TOLERANCE) -> None:
        self.vocabulary, self.tolerance = vocabulary, tolerance
        self._masses = vocabulary.masses.numpy()
        self._is_n_terminal = vocabulary.is_n_terminal.tolist()

    def __call__(self, spectra: Spectra, peptides: Sequence[Sequence[int]]) -> list[Explanation]:
        """Explain each spectrum of a batch by a peptide.

        Parameters
        ----------
        spectra : Spectra
            The batch.
        peptides : sequence of sequence of int
            Tokens from the N-terminus, without EOS; at least one for each spectrum.

        Returns
        -------
        list of Explanation
            One for each spectrum.
        """
        index = PeakIndex.of(spectra)
        residues = [self._residues(tokens) for tokens in peptides]
        prefixes = [mass.cumsum() for mass in residues]
        row = np.repeat(np.arange(len(residues)), [len(mass) - 1 for mass in residues])
        site = np.concatenate([prefix[:-1] for prefix in prefixes])
        look = _Look(index, spectra, np.array([p[-1] for p in prefixes]), self.tolerance)
        is_covered, entries = look.up(row, site)
        on_ions = np.zeros(len(index.key))
        on_ions[entries] = index.intensity[entries]
        n_rows = len(residues)
        total = np.bincount(index.row, index.intensity, minlength=n_rows)
        explained = np.bincount(index.row, on_ions, minlength=n_rows) / np.maximum(total, 1e-30)
        covered = np.split(is_covered, np.cumsum([len(mass) - 1 for mass in residues])[:-1])
        regions = self._regions(look, peptides, prefixes, covered)
        return [
            Explanation(*each) for each in zip(covered, explained.tolist(), regions, strict=True)
        ]

    def _residues(self, tokens: Sequence[int]) -> Float64[ndarray, " residue"]:
        """Return the mass of each residue, that of an N-terminal modification in the first."""
        mass = self._masses[list(tokens)]
        if len(mass) > 1 and self._is_n_terminal[tokens[0]]:
            mass = np.concatenate([[mass[0] + mass[1]], mass[2:]])
        return mass

    def _regions(
        self,
        look: "_Look",
        peptides: Sequence[Sequence[int]],
        prefixes: Sequence[Float64[ndarray, " _"]],
        covered: Sequence[Bool[ndarray, " _"]],
    ) -> list[tuple[Region, ...]]:
        spans = [
            (row, *span, list(peptide)[len(peptide) - len(prefix) :])
            for row, (peptide, prefix, seen) in enumerate(
                zip(peptides, prefixes, covered, strict=True)
            )
            for span in _silent_spans(seen)
        ]
        # The orders to be tried of all regions of the batch, and the sites they would leave.
        orders = [_orders(residues[start:end]) for _, start, end, residues in spans]
        rows, sites, owners = [], [], []
        for number, ((row, start, _, _), choices) in enumerate(zip(spans, orders, strict=True)):
            before = prefixes[row][start - 1] if start else self._n_terminal(peptides[row])
            for choice, order in enumerate(choices[1:], start=1):
                inner = before + self._masses[list(order[:-1])].cumsum()
                rows += [row] * len(inner)
                sites += inner.tolist()
                owners += [(number, choice)] * len(inner)
        is_hit, _ = look.up(np.array(rows, dtype=np.int64), np.array(sites, dtype=np.float64))
        spoken_for = {owner for owner, hit in zip(owners, is_hit, strict=True) if hit}
        found: list[list[Region]] = [[] for _ in peptides]
        for number, ((row, start, end, residues), choices) in enumerate(
            zip(spans, orders, strict=True)
        ):
            # An order whose fragments are there, where those of the answer are not, is no equal.
            equal = [o for c, o in enumerate(choices) if (number, c) not in spoken_for]
            if len(equal) > 1 or (not choices and len(set(residues[start:end])) > 1):
                readings = tuple(self.vocabulary.decode(order) for order in equal)
                found[row].append(Region(start + 1, end, readings))
        return [tuple(regions) for regions in found]

    def _n_terminal(self, tokens: Sequence[int]) -> float:
        return float(self._masses[tokens[0]]) if self._is_n_terminal[tokens[0]] else 0.0


class _Look:
    """Looks for the b and y ions of cleavage sites."""

    def __init__(
        self,
        index: PeakIndex,
        spectra: Spectra,
        residue_mass: Float64[ndarray, " batch"],
        tolerance: Tolerance,
    ) -> None:
        self.index, self.tolerance = index, tolerance
        self.charge = spectra.precursor_charge.cpu().numpy()
        # The peptide's own mass: y ions do not know of an error of the measured precursor.
        self.total = residue_mass + WATER_MASS

    def up(
        self, row: Int[ndarray, " query"], site: Float64[ndarray, " query"]
    ) -> tuple[Bool[ndarray, " query"], Int[ndarray, " hit"]]:
        """Tell which sites have an ion, and which peaks are ions."""
        is_covered = np.zeros(len(row), dtype=bool)
        entries = [np.zeros(0, dtype=np.int64)]
        prefix, total = torch.from_numpy(site), torch.from_numpy(self.total[row])
        for ion in (*_SINGLY, *_DOUBLY):
            asked = np.ones(len(row), dtype=bool)
            if ion in _DOUBLY:
                asked = self.charge[row] >= _FROM_CHARGE
            mz = ion.mz(prefix, total).numpy()[asked]
            entry, is_hit = self.index.nearest(row[asked], mz, self.tolerance)
            is_covered[np.flatnonzero(asked)[is_hit]] = True
            entries.append(entry[is_hit])
        return is_covered, np.concatenate(entries)


def _silent_spans(is_covered: Bool[ndarray, " site"]) -> Iterable[tuple[int, int]]:
    """Yield start and end, exclusive, of the residues between neighbouring covered sites."""
    borders = [0, *(np.flatnonzero(is_covered) + 1).tolist(), len(is_covered) + 1]
    for start, end in pairwise(borders):
        if end - start > 1:
            yield start, end


def _orders(residues: Sequence[int]) -> list[tuple[int, ...]]:
    """List the distinct orders of a few residues, the given one first; none of many."""
    if len(residues) > 3:
        return []
    return list(dict.fromkeys(permutations(residues)))[:_LISTED]
