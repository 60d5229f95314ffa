"""Fragments of peptides among the peaks of their spectra, several peptides for each spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import torch

from denovo.chemistry import Da, IonType, Ppm, Tolerance, Vocabulary
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.spectra.cleavage_sites import CleavageSites, max_missing_sites, site_coverage
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Float64, Int, Tensor, ndarray

FRAGMENT_TOLERANCE = Ppm(20.0)
_COARSE, _COARSE_AT = Da(0.1), 500.0
"""Half width in Th from which on a tolerance is one of low resolution, and the m/z of the width."""
IONS = tuple(IonType.parse(name) for name in ("b", "y", "b2", "y2"))
"""Ions that cover a cleavage site, in the order of the axis ``ion``."""
TERMINAL_IONS = tuple(
    IonType.parse(f"{ion}{change}")
    for ions, changes in (
        (("b", "y", "b2", "y2"), ("", "+i", "-H2O", "-NH3")),
        (("a",), ("",)),
    )
    for ion, change in product(ions, changes)
)
"""Ions with a terminus that occur in measured spectra."""
MIN_CHARGE_OF_DOUBLY = 3
"""Smallest precursor charge at which doubly charged fragments cover sites."""


def is_coarse(tolerance: Tolerance) -> bool:
    """Return whether a tolerance of fragments is one of low resolution, as of an ion trap."""
    return tolerance.half_width(_COARSE_AT) >= _COARSE.value


@dataclass(frozen=True)
class FragmentMatches:
    """Peaks at the m/z of the fragments of peptides, computed on first access.

    Parameters
    ----------
    spectra : Spectra
        The batch, on the CPU.
    row : Tensor [peptide], int64
        Spectrum of each peptide.
    tokens : Tensor [peptide, length], int64
        The peptides from the N-terminus, then EOS, then padding.
    vocabulary : Vocabulary
        Masses of the tokens.
    tolerance : Tolerance
        Largest distance of a peak from a fragment.
    """

    spectra: Spectra
    row: Int[Tensor, " peptide"]
    tokens: Int[Tensor, "peptide length"]
    vocabulary: Vocabulary
    tolerance: Tolerance = FRAGMENT_TOLERANCE

    @classmethod
    def of(
        cls,
        spectra: Spectra,
        row: Int[ndarray, " peptide"],
        peptides: Sequence[Sequence[int]],
        vocabulary: Vocabulary,
        tolerance: Tolerance = FRAGMENT_TOLERANCE,
    ) -> "FragmentMatches":
        """Match peptides, as tokens without EOS, with the spectra in the given rows."""
        spectra = spectra.to("cpu")
        return cls(spectra, torch.from_numpy(row), pad_tokens(peptides), vocabulary, tolerance)

    @classmethod
    def of_batch(
        cls,
        batch: LabelledSpectra,
        vocabulary: Vocabulary,
        tolerance: Tolerance = FRAGMENT_TOLERANCE,
    ) -> "FragmentMatches":
        """Match spectra with their peptides."""
        batch = batch.to("cpu")
        return cls(batch.spectra, torch.arange(len(batch)), batch.tokens, vocabulary, tolerance)

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def index(self) -> PeakIndex:
        """Index of the peaks."""
        return PeakIndex.of(self.spectra.mz, self.spectra.peak_mask)

    @cached_property
    def peak_intensity(self) -> Float64[ndarray, " entry"]:
        """Intensity of each entry of the index, 0 in padding."""
        return self.spectra.intensity.double().flatten().numpy()

    @cached_property
    def sites(self) -> CleavageSites:
        """Cleavage sites of the peptides."""
        return CleavageSites.of(self.tokens, self.vocabulary)

    @property
    def is_site(self) -> Bool[ndarray, "peptide site"]:
        """True at cleavage sites, from the N-terminus."""
        return self.sites.is_site.numpy()

    @cached_property
    def intensity(self) -> Float64[ndarray, "peptide ion site"]:
        """Intensity of the peak of each of `IONS` at each site, 0 for a missing peak."""
        intensity = np.zeros((len(self), len(IONS), self.is_site.shape[1]))
        for number, ion in enumerate(IONS):
            entry, is_hit = self._hits[ion]
            intensity[:, number][self.is_site] = np.where(is_hit, self.peak_intensity[entry], 0.0)
        return intensity

    @cached_property
    def is_covered(self) -> Bool[ndarray, "peptide site"]:
        """True at sites with a peak of a b or y ion; doubly charged ions count from charge 3."""
        is_covered = np.zeros_like(self.is_site)
        for ion in IONS:
            is_covered[self.is_site] |= self._hits[ion][1] & self._covers(ion, self._places[0])
        return is_covered

    @cached_property
    def explained_intensity(self) -> Float64[ndarray, " peptide"]:
        """Share of the intensity of the spectrum on ions that cover a site, in [0, 1]."""
        peptide, pairs = self._places[0], []
        for ion in IONS:
            entry, is_hit = self._hits[ion]
            counts = is_hit & self._covers(ion, peptide)
            pairs.append(self.pairs(peptide[counts], entry[counts]))
        owner, entry = np.divmod(np.unique(np.concatenate(pairs)), max(len(self.index), 1))
        on_ions = np.bincount(owner, self.peak_intensity[entry], minlength=len(self))
        mask = self.spectra.peak_mask
        peak_row = torch.arange(len(mask)).repeat_interleave(mask.shape[1]).numpy()
        total = np.bincount(peak_row, self.peak_intensity, minlength=len(mask))
        return on_ions / np.maximum(total[self.row.numpy()], 1e-30)

    @property
    def site_coverage(self) -> Float64[ndarray, " peptide"]:
        """Share of the cleavage sites that are covered; 1 for a peptide without sites."""
        return site_coverage(self.is_covered, self.is_site)

    @property
    def max_missing_sites(self) -> Int[ndarray, " peptide"]:
        """Cleavage sites in the longest run of missing fragmentation sites."""
        return max_missing_sites(self.is_covered, self.is_site)

    @cached_property
    def is_terminal(self) -> Bool[ndarray, "peptide peak"]:
        """True at the peaks of the spectrum of each peptide that are one of its `TERMINAL_IONS`."""
        n_peaks = self.spectra.mz.shape[1]
        is_terminal = np.zeros((len(self), n_peaks), dtype=np.bool_)
        for ion in TERMINAL_IONS:
            entry, is_hit = self._hits[ion] if ion in self._hits else self._match(ion)
            is_terminal[self._places[0][is_hit], entry[is_hit] % n_peaks] = True
        return is_terminal

    def are_terminal(
        self, peptide: Int[ndarray, " hit"], entry: Int[ndarray, " hit"]
    ) -> Bool[ndarray, " hit"]:
        """Check entries of the index for being terminal ions of peptides."""
        return self.is_terminal[peptide, entry % self.spectra.mz.shape[1]]

    def pairs(
        self, peptide: Int[ndarray, " hit"], entry: Int[ndarray, " hit"]
    ) -> Int[ndarray, " hit"]:
        """Return a number for each pair of a peptide and an entry of the index."""
        return peptide * max(len(self.index), 1) + entry

    def are_covered(
        self, peptide: Int[ndarray, " query"], prefix_mass: Float64[ndarray, " query"]
    ) -> Bool[ndarray, " query"]:
        """Check other sites of peptides, given by the mass before each in Da, for coverage."""
        is_covered = np.zeros(len(peptide), dtype=np.bool_)
        owner, prefix = torch.from_numpy(peptide), torch.from_numpy(prefix_mass)
        for ion in IONS:
            mz = ion.mz(prefix, self.sites.peptide_mass[owner])
            is_hit = self.index.match(self.row[owner], mz, self.tolerance)[1].numpy()
            is_covered |= is_hit & self._covers(ion, peptide)
        return is_covered

    @cached_property
    def _places(self) -> tuple[Int[ndarray, " place"], Int[ndarray, " place"]]:
        peptide, site = self.is_site.nonzero()
        return peptide, site

    @cached_property
    def _hits(self) -> dict[IonType, tuple[Int[ndarray, " place"], Bool[ndarray, " place"]]]:
        return {ion: self._match(ion) for ion in IONS}

    def _match(self, ion: IonType) -> tuple[Int[ndarray, " place"], Bool[ndarray, " place"]]:
        """Find the nearest peak of an ion at every site, and whether it is within the tolerance."""
        peptide = torch.from_numpy(self._places[0])
        mz = ion.mz(self.sites.prefix_mass[self.sites.is_site], self.sites.peptide_mass[peptide])
        entry, is_hit = self.index.match(self.row[peptide], mz, self.tolerance)
        return entry.numpy(), is_hit.numpy()

    def _covers(self, ion: IonType, peptide: Int[ndarray, " query"]) -> Bool[ndarray, " query"]:
        charge = self.spectra.precursor_charge[self.row].numpy()
        return (charge[peptide] >= MIN_CHARGE_OF_DOUBLY) | (ion.charge == 1)
