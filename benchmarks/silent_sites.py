"""What annotated spectra show at cleavage sites where the network is shown no b or y ion.

Run ``python benchmarks/silent_sites.py casanovo.mgf hela.mgf pepnet.mgf massivekb_human_hcd.mgf
--sqrt-intensity casanovo.mgf``. A site is missing if none of the 150 strongest peaks is one of its
b, y, b2 and y2 ions within 15 ppm. For each charge it prints the share of the sites that are
missing; then, for each thing that the network might have been shown, the share of these that have
it, and the share that has it by chance: at the m/z of sites that lie some 3 to 30 Da beside. The
last line counts triply charged y ions at all sites, missing or not, for `noise.triply_charged`.
"""

from collections import Counter, defaultdict

import numpy as np
import torch
from annotated_files import batches, open_files

from denovo.chemistry import PROTON_MASS, WATER_MASS, IonType, Ppm, Tolerance, Vocabulary
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Float64, ndarray

TOLERANCE = Ppm(15.0)
WIDE = Ppm(40.0)
COVERING = tuple(IonType.parse(name) for name in ("b", "y", "b2", "y2"))
NAMES = ("a", "b-H2O", "b-NH3", "y-H2O", "y-NH3", "b+i", "y+i", "b2+i", "y2+i")
OTHERS = (*map(IonType.parse, NAMES), IonType("b", 3), IonType("y", 3))
INTERNAL = "fragment from the middle"
WEAK = "b, y, b2, y2 among weaker peaks"
FAR = "b, y, b2, y2 within 40 ppm"
HEAVY_Y3 = "y3 at all sites with a y ion above 1,400 Da"
SHOWN, ALL = 150, 10_000
HIGH = 4
"""Charge from which on spectra are counted together."""
FURTHEST = 6
"""Residues that a fragment from the middle spans at most."""

Counts = dict[str, Float64[ndarray, " 3"]]
"""For each kind: missing sites, those with such an ion, and those with one by chance."""


def main() -> None:
    """Count over all files, by charge."""
    model, sources = open_files(__doc__, is_comparable=False)
    vocabulary = model.sequencer.vocabulary
    generator = np.random.default_rng(0)
    counts: dict[int, Counts] = defaultdict(lambda: defaultdict(lambda: np.zeros(3)))
    n_sites: Counter[int] = Counter()
    for source in sources.values():
        for shown, whole in zip(batches(source, SHOWN), batches(source, ALL), strict=True):
            for row in range(len(shown)):
                charge = min(max(int(shown.spectra.precursor_charge[row]), 2), HIGH)
                looks = _Look(shown, row), _Look(whole, row)
                n_sites[charge] += count(counts[charge], shown, row, looks, vocabulary, generator)
    for charge, of_kind in sorted(counts.items()):
        n_missing = int(next(iter(of_kind.values()))[0])
        print(f"charge {charge}: {n_missing / n_sites[charge]:.3f} of {n_sites[charge]} missing")
        for kind, (n, seen, by_chance) in of_kind.items():
            print(f"  {kind}: {seen / n:.3f}, {by_chance / n:.3f} by chance")


def count(
    counts: Counts,
    batch: LabelledSpectra,
    row: int,
    looks: tuple["_Look", "_Look"],
    vocabulary: Vocabulary,
    generator: np.random.Generator,
) -> int:
    """Add the missing sites of one spectrum; returns the number of all its sites.

    ``looks`` are those at the peaks that are shown, and at all.
    """
    look, whole = looks
    masses = vocabulary.masses[batch.tokens[row][batch.residue_mask[row]]].cumsum(dim=0).numpy()
    site, total = masses[:-1], masses[-1] + WATER_MASS
    is_covered = look.any_of(COVERING, site, total)
    sign = generator.choice([-1, 1], len(site))
    beside = site + sign * generator.integers(3, 30, len(site)) * 1.0005
    silent = ~is_covered
    ways = ((WEAK, whole, TOLERANCE), (FAR, look, WIDE))
    for kind, each, tolerance in ways:
        pair = (each.any_of(COVERING, at, total, tolerance) for at in (site, beside))
        counts[kind] += [silent.sum(), *(found[silent].sum() for found in pair)]
    for ion in OTHERS:
        if ion.charge < 3 or look.charge > 2:
            pair = look.any_of((ion,), site, total), look.any_of((ion,), beside, total)
            counts[ion.name] += [silent.sum(), *(found[silent].sum() for found in pair)]
    inner = [look.internal(place, site, is_covered) for place in (site, beside)]
    counts[INTERNAL] += [silent.sum(), *(found[silent].sum() for found in inner)]
    heavy = total - site > 1400
    pair = (look.any_of((IonType("y", 3),), at[heavy], total) for at in (site, beside))
    counts[HEAVY_Y3] += [heavy.sum(), *(found.sum() for found in pair)]
    return len(site)


class _Look:
    """Looks ions up in one spectrum of a batch."""

    def __init__(self, batch: LabelledSpectra, row: int) -> None:
        spectra = batch.spectra.select(torch.tensor([row]))
        self.index = PeakIndex.of(spectra.mz, spectra.peak_mask)
        self.charge = int(spectra.precursor_charge[0])

    def any_of(
        self,
        ions: tuple[IonType, ...],
        site: Float64[ndarray, " site"],
        total: float,
        tolerance: Tolerance = TOLERANCE,
    ) -> Bool[ndarray, " site"]:
        """Tell at which sites one of the ions is seen."""
        prefix, precursor = torch.from_numpy(site), torch.tensor(total, dtype=torch.float64)
        found = [self._near(ion.mz(prefix, precursor).numpy(), tolerance) for ion in ions]
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

    def _near(
        self, mz: Float64[ndarray, " query"], tolerance: Tolerance = TOLERANCE
    ) -> Bool[ndarray, " query"]:
        row = torch.zeros(len(mz), dtype=torch.int64)
        return self.index.match(row, torch.from_numpy(mz), tolerance)[1].numpy()


if __name__ == "__main__":
    main()
