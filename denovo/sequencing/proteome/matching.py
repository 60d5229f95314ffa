"""Fast scores of many peptides of a proteome: the ranks of the peaks at their fragments."""

from collections.abc import Sequence

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, Tolerance
from denovo.sequencing.proteome.forms import Forms
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import IONS, MIN_CHARGE_OF_DOUBLY
from denovo.typing import Float64, Int, Shaped, ndarray

_BIN = 0.01
"""Width in Th of a bin of m/z."""
_OF_EVERY_PEAK = 3.0
"""Smallest weight: the number of fragments with a peak says more than their ranks."""
_UNIT = 2**20
"""Weights are whole numbers of 2^-20, so that the same peaks add up to the same score."""
_BLOCK = 4096
"""Most peptides that are summed at a time, so that a processor's cache holds what they need."""


class PeakRanks:
    """Peaks of spectra in bins of m/z, each with a weight that falls with its rank by intensity.

    Parameters
    ----------
    spectra : Spectra
        The spectra, on the CPU.
    tolerance : Tolerance
        Largest distance of a peak from a fragment.
    highest : float
        Largest neutral mass of a peptide in Da, to which m/z matter.
    of_every_peak : float
        Smallest weight of a peak.
    """

    def __init__(
        self,
        spectra: Spectra,
        tolerance: Tolerance,
        highest: float,
        of_every_peak: float = _OF_EVERY_PEAK,
    ) -> None:
        mask = spectra.peak_mask.numpy()
        mz, intensity = spectra.mz.double().numpy(), spectra.intensity.double().numpy()
        self.n_bins = int((highest + float(tolerance.half_width(highest))) / _BIN) + 2
        self.weight: Shaped[ndarray, "spectrum bin"] = np.zeros(
            (len(mz), self.n_bins), dtype=np.int32
        )
        rank = (-np.where(mask, intensity, -1.0)).argsort(axis=1).argsort(axis=1)
        number = mask.sum(axis=1, keepdims=True)
        weight = np.round(_UNIT * (np.log((number + 1.0) / (rank + 1.0)) + of_every_peak))
        row, column = (mask & (mz <= highest)).nonzero()
        centre = mz[row, column]
        width = tolerance.half_width(centre)
        first = ((centre - width) / _BIN).astype(np.int64)
        last = ((centre + width) / _BIN).astype(np.int64)
        for step in range(int((last - first).max(initial=-1)) + 1):
            inside = first + step <= last
            place = row[inside], first[inside] + step
            np.maximum.at(self.weight, place, weight[row, column][inside].astype(np.int32))
        self.is_high = spectra.precursor_charge.numpy() >= MIN_CHARGE_OF_DOUBLY

    def scores(
        self, forms: Forms, masses: Float64[ndarray, " token"]
    ) -> tuple[Float64[ndarray, " form"], Float64[ndarray, " form"]]:
        """Sum the weights of the peaks at the b and y ions of peptides, and of their reverses.

        Doubly charged ions count from precursor charge 3 on.
        """
        summed = np.zeros((2, len(forms)), dtype=np.int32)
        # A sort of numbers of 16 bits is a count.
        order = np.argsort(forms.row.astype(np.int16), kind="stable")
        is_high, in_bins = self.is_high[forms.row[order]], masses / _BIN
        for max_charge, chosen in ((1, order[~is_high]), (2, order[is_high])):
            ions = _in_bins(max_charge)
            for start in range(0, len(chosen), _BLOCK):
                block = chosen[start : start + _BLOCK]
                tokens = np.ascontiguousarray(forms.tokens.take(block, axis=0).T)
                length = (tokens[1:] != 0).sum(axis=0, dtype=np.int8)
                # Longest first, so that those with a further site are the first ones.
                longest = np.argsort(-length, kind="stable")
                block, length = block[longest], length[longest]
                tokens = tokens[: length[0] + 1].take(longest, axis=1)
                summed[:, block] = self._sums(forms.row[block], tokens, length, in_bins, ions)
        return summed[0] / _UNIT, summed[1] / _UNIT

    def _sums(
        self,
        row: Int[ndarray, " form"],
        tokens: Shaped[ndarray, "length form"],
        length: Int[ndarray, " form"],
        masses: Float64[ndarray, " token"],
        ions: Sequence[tuple[float, float]],
    ) -> Int[ndarray, "2 form"]:
        """Sum the weights at the ions of peptides, longest first, and at those of their reverses.

        Masses are in bins. Behind each residue but the last lies a site. The prefix of a site of
        the reversed peptide is that of a site of the peptide, subtracted from that of its last site
        and the modification of its N-terminus, which stays in place. So the bins of both follow
        from the same sums.
        """
        # Results are written to the same memory throughout, as new memory takes longer.
        prefix, number = np.empty(tokens.shape), np.empty(len(row), dtype=np.int64)
        place, found = np.empty(len(row)), np.empty(len(row), dtype=np.int32)
        for site, token in enumerate(tokens):
            np.copyto(number, token)
            masses.take(number, out=place, mode="clip")
            np.add(prefix[site - 1] if site else 0.0, place, out=prefix[site])
        whole = prefix[-1]
        mirror = prefix[0] + whole - masses[tokens[length, np.arange(len(row))]]
        lanes = []
        for of_water, slope in ions:
            start = row * self.n_bins + of_water - min(slope, 0.0) * whole
            lanes += [(0, start, slope), (1, start + slope * mirror, -slope)]
        n_longer = np.searchsorted(-length, -np.arange(len(tokens) + 1)).tolist()
        weight, summed = self.weight.reshape(-1), np.zeros((2, len(row)), dtype=np.int32)
        for site, read in enumerate(prefix[:-1]):
            for is_reverse, start, slope in lanes:
                # The last site of the reverse is before the first residue.
                if is_reverse or site:
                    n = n_longer[site + is_reverse]
                    np.multiply(read[:n], slope, out=place[:n])
                    place[:n] += start[:n]
                    np.copyto(number[:n], place[:n], casting="unsafe")
                    weight.take(number[:n], out=found[:n], mode="clip")
                    summed[is_reverse, :n] += found[:n]
        return summed


def _in_bins(max_charge: int) -> list[tuple[float, float]]:
    """Describe the ions up to a charge: the bin without residues, and bins by bin of the prefix."""
    nothing, water = (torch.tensor(each, dtype=torch.float64) for each in (0.0, WATER_MASS))
    return [
        (ion.mz(nothing, water).item() / _BIN, (1 if ion.is_n_terminal else -1) / ion.charge)
        for ion in IONS
        if ion.charge <= max_charge
    ]
