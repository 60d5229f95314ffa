"""Fast scores of many peptides of a proteome: the ranks of the peaks at their fragments."""

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, Tolerance
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import IONS, MIN_CHARGE_OF_DOUBLY
from denovo.typing import Float32, Float64, Int, Shaped, ndarray

_BIN = 0.01
"""Width in Th of a bin of m/z."""
_MAX_MZ = 4000.0


class PeakRanks:
    """Peaks of spectra in bins of m/z, each with a weight that falls with its rank by intensity.

    Parameters
    ----------
    spectra : Spectra
        The spectra, on the CPU.
    tolerance : Tolerance
        Largest distance of a peak from a fragment.
    """

    def __init__(self, spectra: Spectra, tolerance: Tolerance) -> None:
        mask = spectra.peak_mask.numpy()
        mz, intensity = spectra.mz.double().numpy(), spectra.intensity.double().numpy()
        highest = min(float(mz.max(initial=0.0)), _MAX_MZ)
        self.n_bins = int((highest + float(tolerance.half_width(highest))) / _BIN) + 2
        self.weight: Float32[ndarray, "spectrum bin"] = np.zeros(
            (len(mz), self.n_bins), dtype=np.float32
        )
        rank = (-np.where(mask, intensity, -1.0)).argsort(axis=1).argsort(axis=1)
        number = mask.sum(axis=1, keepdims=True)
        weight = np.log((number + 1.0) / (rank + 1.0)) + 0.5
        row, column = (mask & (mz < _MAX_MZ)).nonzero()
        centre = mz[row, column]
        width = tolerance.half_width(centre)
        first = ((centre - width) / _BIN).astype(np.int64)
        last = ((centre + width) / _BIN).astype(np.int64)
        for step in range(int((last - first).max(initial=-1)) + 1):
            inside = first + step <= last
            place = row[inside], np.minimum(first[inside] + step, self.n_bins - 1)
            np.maximum.at(self.weight, place, weight[row, column][inside].astype(np.float32))
        self.is_high = spectra.precursor_charge.numpy() >= MIN_CHARGE_OF_DOUBLY

    def scores(
        self,
        row: Int[ndarray, " form"],
        tokens: Shaped[ndarray, "form length"],
        masses: Float64[ndarray, " token"],
    ) -> Float32[ndarray, " form"]:
        """Sum the weights of the peaks at b and y ions of each peptide, laid out as in `Forms`.

        Forms of one spectrum should follow each other, for speed. Doubly charged ions count from
        precursor charge 3 on.
        """
        summed = np.cumsum(masses[tokens], axis=1)
        # A site lies behind each residue but the last; column 0 is the N-terminus.
        prefix, mass = summed[:, 1:-1], summed[:, -1:] + WATER_MASS
        found = np.zeros(prefix.shape, dtype=np.float32)
        for charge in (1, 2):
            chosen = np.flatnonzero(self.is_high[row]) if charge == 2 else slice(None)
            sites, whole = (torch.from_numpy(each[chosen]) for each in (prefix, mass))
            for ion in IONS:
                if ion.charge == charge:
                    found[chosen] += self._at(row[chosen], ion.mz(sites, whole).numpy())
        return np.where(tokens[:, 2:] > 0, found, 0.0).sum(axis=1, dtype=np.float32)

    def _at(
        self, row: Int[ndarray, " form"], mz: Float64[ndarray, "form site"]
    ) -> Float32[ndarray, "form site"]:
        place = (mz * (1 / _BIN)).astype(np.int64)
        np.minimum(place, self.n_bins - 1, out=place)
        return self.weight.reshape(-1)[row[:, None] * self.n_bins + place]
