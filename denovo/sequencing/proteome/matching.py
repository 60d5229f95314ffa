"""Fast scores of many peptides of a proteome: the ranks of the peaks at their fragments."""

from collections.abc import Sequence

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, IonType, Tolerance
from denovo.sequencing.proteome.forms import Forms
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import IONS, MIN_CHARGE_OF_DOUBLY
from denovo.typing import Float64, Int, Shaped, ndarray

_BIN = 0.01
"""Width in Th of a bin of m/z."""
_OF_EVERY_PEAK = 3.0
"""Smallest weight of a peak: the number of fragments with a peak says more than their ranks."""
_UNIT = 2**20
"""Weights are whole numbers of 2^-20, so that the same peaks add up to the same score."""


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
    """

    def __init__(self, spectra: Spectra, tolerance: Tolerance, highest: float) -> None:
        mask = spectra.peak_mask.numpy()
        mz, intensity = spectra.mz.double().numpy(), spectra.intensity.double().numpy()
        self.n_bins = int((highest + float(tolerance.half_width(highest))) / _BIN) + 2
        self.weight: Shaped[ndarray, "spectrum bin"] = np.zeros(
            (len(mz), self.n_bins), dtype=np.uint32
        )
        rank = (-np.where(mask, intensity, -1.0)).argsort(axis=1).argsort(axis=1)
        number = mask.sum(axis=1, keepdims=True)
        weight = np.round(_UNIT * (np.log((number + 1.0) / (rank + 1.0)) + _OF_EVERY_PEAK))
        row, column = (mask & (mz <= highest)).nonzero()
        centre = mz[row, column]
        width = tolerance.half_width(centre)
        first = ((centre - width) / _BIN).astype(np.int64)
        last = ((centre + width) / _BIN).astype(np.int64)
        for step in range(int((last - first).max(initial=-1)) + 1):
            inside = first + step <= last
            place = row[inside], first[inside] + step
            np.maximum.at(self.weight, place, weight[row, column][inside].astype(np.uint32))
        self.is_high = spectra.precursor_charge.numpy() >= MIN_CHARGE_OF_DOUBLY

    def scores(
        self, forms: Forms, masses: Float64[ndarray, " token"]
    ) -> tuple[Float64[ndarray, " form"], Float64[ndarray, " form"]]:
        """Sum the weights of the peaks at the b and y ions of peptides, and of their reverses.

        Doubly charged ions count from precursor charge 3 on.
        """
        length, is_high = forms.length, self.is_high[forms.row]
        summed = np.zeros((2, len(forms)), dtype=np.int32)
        # Longest first, so that those with a further site are the first ones.
        order = np.lexsort((forms.row, -length))
        for max_charge, chosen in ((1, order[~is_high[order]]), (2, order[is_high[order]])):
            ions = [ion for ion in IONS if ion.charge <= max_charge]
            tokens = forms.tokens.take(chosen, axis=0)
            summed[:, chosen] = self._sums(forms.row[chosen], tokens, length[chosen], masses, ions)
        return summed[0] / _UNIT, summed[1] / _UNIT

    def _sums(
        self,
        row: Int[ndarray, " form"],
        tokens: Shaped[ndarray, "form length"],
        length: Int[ndarray, " form"],
        masses: Float64[ndarray, " token"],
        ions: Sequence[IonType],
    ) -> Int[ndarray, "2 form"]:
        """Sum the weights at some ions for peptides, longest first, and for their reverses.

        Behind each residue but the last lies a site. The prefix of a site of the reversed peptide
        is that of a site of the peptide, subtracted from that of its last site and the modification
        of its N-terminus, which stays in place. So the bins of both follow from the same sums.
        """
        summed = np.zeros((2, len(row)), dtype=np.int32)
        steps = masses.take(np.ascontiguousarray(tokens.T))
        whole = steps.sum(axis=0)
        mirror = steps[0] + whole - masses[tokens[np.arange(len(row)), length]]
        n_longer = np.searchsorted(-length, -np.arange(len(steps) + 1))
        lanes = []
        for ion in ions:
            empty, mass = (torch.from_numpy(each) for each in (0 * whole, whole + WATER_MASS))
            start = ion.mz(empty, mass).numpy() / _BIN + row * self.n_bins
            slope = (1 if ion.is_n_terminal else -1) / (ion.charge * _BIN)
            lanes += [(0, start, slope), (1, start + slope * mirror, -slope)]
        weight, prefix = self.weight.reshape(-1), np.zeros(len(row))
        for site, step in enumerate(steps[:-1]):
            prefix += step
            for is_reverse, start, slope in lanes:
                # The last site of the reverse is before the first residue.
                if is_reverse or site:
                    n = n_longer[site + is_reverse]
                    place = slope * prefix[:n]
                    place += start[:n]
                    summed[is_reverse, :n] += weight.take(place.astype(np.int64))
        return summed
