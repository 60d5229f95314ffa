"""What annotated spectra show at cleavage sites where they show no b or y ion.

Run ``python benchmarks/silent_sites.py casanovo.mgf hela.mgf pepnet.mgf
--sqrt-intensity casanovo.mgf``.
For each kind of ion it prints the share of the missing sites that have one, and the share that has
one by chance: at the m/z of sites that lie some 3 to 30 Da beside the true ones.
"""

from collections import defaultdict

import numpy as np
import torch
from annotated_files import batches, open_files

from denovo.chemistry import PROTON_MASS, WATER_MASS, IonType, Ppm, Vocabulary
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Float64, ndarray

TOLERANCE = Ppm(15.0)
COVERING = tuple(IonType.parse(name) for name in ("b", "y", "b2", "y2"))
NAMES = ("a", "b-H2O", "b-NH3", "y-H2O", "y-NH3", "b+i", "y+i", "b2+i", "y2+i")
OTHERS = (*map(IonType.parse, NAMES), IonType("b", 3), IonType("y", 3))
INTERNAL = "fragment from the middle"
FURTHEST = 6
"""Residues that a fragment from the middle spans at most."""

Counts = dict[str, Float64[ndarray, " 3"]]
"""For each kind: missing sites, those with such an ion, and those with one by chance."""


def main() -> None:
    """Count over all files, spectra of charge 2 and of more apart."""
    model, sources = open_files(__doc__)
    vocabulary = model.sequencer.vocabulary
    generator = np.random.default_rng(0)
    counts: dict[bool, Counts] = {is_high: defaultdict(lambda: np.zeros(3)) for is_high in (0, 1)}
    for source in sources.values():
        for batch in batches(source):
            for row in range(len(batch)):
                is_high = int(batch.spectra.precursor_charge[row]) > 2
                count(counts[is_high], batch, row, vocabulary, generator)
    for is_high, of_kind in counts.items():
        print("charge 3 and more" if is_high else "charge 2 and less")
        for kind, (n, seen, by_chance) in of_kind.items():
            print(f"  {kind}: {seen / n:.3f} of {n:.0f}, {by_chance / n:.3f} by chance")


def count(
    counts: Counts,
    batch: LabelledSpectra,
    row: int,
    vocabulary: Vocabulary,
    generator: np.random.Generator,
) -> None:
    """Add the missing sites of one spectrum."""
    look = _Look(batch, row)
    masses = vocabulary.masses[batch.tokens[row][batch.residue_mask[row]]].cumsum(dim=0).numpy()
    site, total = masses[:-1], masses[-1] + WATER_MASS
    is_covered = look.any_of(COVERING, site, total)
    sign = generator.choice([-1, 1], len(site))
    beside = site + sign * generator.integers(3, 30, len(site)) * 1.0005
    silent = ~is_covered
    for ion in OTHERS:
        if ion.charge < 3 or look.charge > 2:
            pair = look.any_of((ion,), site, total), look.any_of((ion,), beside, total)
            counts[ion.name] += [silent.sum(), *(found[silent].sum() for found in pair)]
    inner = [look.internal(place, site, is_covered) for place in (site, beside)]
    counts[INTERNAL] += [silent.sum(), *(found[silent].sum() for found in inner)]


class _Look:
    """Looks ions up in one spectrum of a batch."""

    def __init__(self, batch: LabelledSpectra, row: int) -> None:
        spectra = batch.spectra.select(torch.tensor([row]))
        self.index = PeakIndex.of(spectra.mz, spectra.peak_mask)
        self.charge = int(spectra.precursor_charge[0])

    def any_of(
        self, ions: tuple[IonType, ...], site: Float64[ndarray, " site"], total: float
    ) -> Bool[ndarray, " site"]:
        """Tell at which sites one of the ions is seen."""
        prefix, precursor = torch.from_numpy(site), torch.tensor(total, dtype=torch.float64)
        found = [self._near(ion.mz(prefix, precursor).numpy()) for ion in ions]
        return np.any(found, axis=0)

    def internal(
        self,
        place: Float64[ndarray, " site"],
        site: Float64[ndarray, " site"],
        is_covered: Bool[ndarray, " site"],
    ) -> Bool[ndarray, " site"]:
        """Tell between which places and some covered site there is a fragment from the middle."""
        apart = np.abs(np.subtract.outer(np.arange(len(site)), np.arange(len(site))))
        asked = (apart >= 2) & (apart <= FURTHEST) & is_covered
        mz = np.abs(np.subtract.outer(place, site)) + PROTON_MASS
        return (self._near(mz.ravel()).reshape(mz.shape) & asked).any(axis=1)

    def _near(self, mz: Float64[ndarray, " query"]) -> Bool[ndarray, " query"]:
        row = torch.zeros(len(mz), dtype=torch.int64)
        return self.index.match(row, torch.from_numpy(mz), TOLERANCE)[1].numpy()


if __name__ == "__main__":
    main()
