"""Fragments of many peptides looked up in the spectra of a batch, several peptides for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, IonType, Ppm, Tolerance, Vocabulary
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Float64, Int, Tensor, ndarray

IONS = tuple(IonType.parse(name) for name in ("b", "y", "b2", "y2"))
"""Ions that are looked up, in the order of the axis ``ion``."""
DOUBLY_FROM = 3
"""Precursors of lower charge hardly give doubly charged fragments: theirs cover no site."""


@dataclass(frozen=True)
class FragmentMatches:
    """Intensities of the peaks where the fragments of peptides should be.

    Parameters
    ----------
    intensity : array [peptide, ion, site], float64
        Of the nearest peak within the tolerance, 0 without one; ions as in `IONS`, sites from the
        N-terminus.
    is_site : array [peptide, site], bool
        False in padding.
    is_covered : array [peptide, site], bool
        Whether a b or y ion of the site is among the peaks.
    explained_intensity : array [peptide], float64
        Share of the intensity of the spectrum on these ions, in [0, 1].
    """

    intensity: Float64[ndarray, "peptide ion site"]
    is_site: Bool[ndarray, "peptide site"]
    is_covered: Bool[ndarray, "peptide site"]
    explained_intensity: Float64[ndarray, " peptide"]

    @property
    def share_of_sites(self) -> Float64[ndarray, " peptide"]:
        """Covered cleavage sites, in [0, 1]; 1 where there is none to cover."""
        n_sites = self.is_site.sum(axis=1)
        return np.where(n_sites, self.is_covered.sum(axis=1) / np.maximum(n_sites, 1), 1.0)

    @property
    def longest_silent_run(self) -> Int[ndarray, " peptide"]:
        """Most cleavage sites in a row without an ion."""
        longest = running = np.zeros(len(self.is_site), dtype=np.int64)
        for silent in (self.is_site & ~self.is_covered).T:
            running = (running + 1) * silent
            longest = np.maximum(longest, running)
        return longest


def match_fragments(
    spectra: Spectra,
    row: Int[ndarray, " peptide"],
    peptides: Sequence[Sequence[int]],
    vocabulary: Vocabulary,
    tolerance: Tolerance,
) -> FragmentMatches:
    """Look the fragments of peptides up.

    Parameters
    ----------
    spectra : Spectra
        The batch.
    row : array [peptide], int64
        Spectrum of each peptide.
    peptides : sequence of sequence of int
        Tokens from the N-terminus, without EOS; at least one of each.
    vocabulary : Vocabulary
        Masses of the tokens.
    tolerance : Tolerance
        How far a peak may lie from a fragment.

    Returns
    -------
    FragmentMatches
        One entry for each peptide.
    """
    prefix, is_site, total = _sites(peptides, vocabulary)
    index = PeakIndex.of(spectra)
    charge = spectra.precursor_charge.cpu().numpy()[row]
    intensity = np.zeros((len(row), len(IONS), prefix.shape[1]))
    is_covered = np.zeros_like(is_site)
    of_peptide, _ = is_site.nonzero()
    pairs = []
    sites, masses = torch.from_numpy(prefix[is_site]), torch.from_numpy(total[of_peptide])
    for number, ion in enumerate(IONS):
        mz = ion.mz(sites, masses).numpy()
        entry, is_hit = index.nearest(row[of_peptide], mz, tolerance)
        if not len(index.key):
            continue
        intensity[:, number][is_site] = np.where(is_hit, index.intensity[entry], 0.0)
        counts = is_hit & ((ion.charge == 1) | (charge[of_peptide] >= DOUBLY_FROM))
        is_covered[is_site] |= counts
        pairs.append(np.stack([of_peptide[counts], entry[counts]]))
    explained = (
        _explained(np.concatenate(pairs, axis=1), index, row) if pairs else np.zeros(len(row))
    )
    return FragmentMatches(intensity, is_site, is_covered, explained)


def padded(
    peptides: Sequence[Sequence[int]],
) -> tuple[Int[ndarray, "peptide length"], Bool[ndarray, "peptide length"]]:
    """Put peptides into one array.

    Parameters
    ----------
    peptides : sequence of sequence of int
        Tokens.

    Returns
    -------
    tokens : array [peptide, length], int64
        0 in padding; at least one column.
    is_token : array [peptide, length], bool
        False in padding.
    """
    lengths = np.array([len(peptide) for peptide in peptides], dtype=np.int64)
    is_token = np.arange(max(lengths.max(initial=0), 1)) < lengths[:, None]
    tokens = np.zeros(is_token.shape, dtype=np.int64)
    tokens[is_token] = np.concatenate([np.zeros(0, np.int64), *peptides])
    return tokens, is_token


def _sites(
    peptides: Sequence[Sequence[int]], vocabulary: Vocabulary
) -> tuple[
    Float64[ndarray, "peptide site"], Bool[ndarray, "peptide site"], Float64[ndarray, " peptide"]
]:
    """Return the prefix mass of each cleavage site, which are real, and the peptide masses."""
    is_n_terminal = vocabulary.is_n_terminal.numpy()
    tokens, is_token = padded(peptides)
    prefix = vocabulary.masses.numpy()[tokens].cumsum(axis=1)
    # Behind a modification of the N-terminus, a token of its own, nothing is cut.
    is_site = ~is_n_terminal[tokens]
    is_site[:, :-1] &= is_token[:, 1:]
    is_site[:, -1] = False
    return prefix, is_site, prefix[:, -1] + WATER_MASS


def _explained(
    pairs: Int[ndarray, "2 hit"], index: PeakIndex, row: Int[ndarray, " peptide"]
) -> Float64[ndarray, " peptide"]:
    """Add up the peaks that are ions, each once, as a share of all of the spectrum."""
    n_peaks = max(len(index.key), 1)
    peptide, entry = np.divmod(np.unique(pairs[0] * n_peaks + pairs[1]), n_peaks)
    on_ions = np.bincount(peptide, index.intensity[entry], minlength=len(row))
    total = np.bincount(index.row, index.intensity, minlength=row.max(initial=0) + 1)
    return on_ions / np.maximum(total[row], 1e-30)


@dataclass(frozen=True)
class Fragmentation:
    """Which cleavage sites of known peptides have a fragment among the peaks.

    Parameters
    ----------
    is_covered : Tensor [batch, site], bool
        True where a fragment of the site behind each token is there.
    is_site : Tensor [batch, site], bool
        True where a bond is between two residues: not behind a modification of the N-terminus, not
        in padding.
    """

    is_covered: Bool[Tensor, "batch site"]
    is_site: Bool[Tensor, "batch site"]

    @property
    def share(self) -> Float64[Tensor, " batch"]:
        """Share of the sites that are covered, in [0, 1]; 1 for a single residue."""
        n_sites = self.is_site.sum(dim=1)
        share = self.is_covered.sum(dim=1).double() / n_sites.clamp(min=1)
        return share.where(n_sites > 0, 1.0)

    @property
    def longest_silent_run(self) -> Int[Tensor, " batch"]:
        """Most sites in a row that are not covered."""
        run = torch.zeros(len(self.is_site), dtype=torch.int64)
        longest = run
        for silent in (self.is_site & ~self.is_covered).unbind(dim=1):
            run = (run + 1) * silent
            longest = torch.maximum(longest, run)
        return longest


def fragmentation(
    batch: LabelledSpectra,
    vocabulary: Vocabulary,
    ions: Sequence[str] = ("b", "y"),
    tolerance: Tolerance | None = None,
) -> Fragmentation:
    """Look for the fragments of known peptides in the peaks that a sequencer is shown.

    Parameters
    ----------
    batch : LabelledSpectra
        Spectra, cut to the peaks that are shown, and peptides.
    vocabulary : Vocabulary
        Masses of the tokens.
    ions : sequence of str
        Any of these covers a site; see `IonType.parse`.
    tolerance : Ppm or Da, optional
        Largest distance from the theoretical m/z; 20 ppm by default.
    """
    tolerance = tolerance or Ppm(20.0)
    masses = vocabulary.masses.to(batch.tokens.device)[batch.tokens]  # [batch, length]
    peptide_mass = masses.sum(dim=1, keepdim=True) + WATER_MASS
    prefix = masses.cumsum(dim=1)[:, :-1]
    is_residue = batch.residue_mask & ~vocabulary.is_n_terminal[batch.tokens]
    is_site = is_residue[:, :-1] & batch.residue_mask[:, 1:]
    found = torch.zeros_like(is_site)
    for name in ions:
        mz = IonType.parse(name).mz(prefix, peptide_mass)
        found |= _has_peak(batch.spectra, mz, tolerance)
    return Fragmentation(found & is_site, is_site)


def _has_peak(
    spectra: Spectra, mz: Float64[Tensor, "batch site"], tolerance: Tolerance
) -> Bool[Tensor, "batch site"]:
    """Tell whether any peak lies within the tolerance of each m/z."""
    peaks = spectra.mz.double().masked_fill(~spectra.peak_mask, torch.inf)
    low, high = tolerance.bounds(mz)
    first = torch.searchsorted(peaks, low.contiguous(), side="left")
    past = torch.searchsorted(peaks, high.contiguous(), side="right")
    return past > first
