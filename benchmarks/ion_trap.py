"""What CID spectra of an ion trap show, beside simulated ones of the same peptides.

Run ``python benchmarks/ion_trap.py nist-bsa_consensus.msp.gz --folder halves``. The spectra of the
library with 6 to 25 residues, charges 1 to 4 and all cysteines carbamidomethylated are divided by
peptide, with I as L, into ``first.msp`` and ``second.msp``. For the first half, measured ~
simulated with ``noise=ion_trap``, it prints for each ion and charge how often a peak lies within
0.4 Th of it, and the mean height of the highest such peak relative to the base peak, and for
strong ions the error of the m/z. The second half is for tests that these figures did not shape.
"""

import argparse
import gzip
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from annotated_files import batches

from denovo.chemistry import (
    AMMONIA_MASS,
    PROTON_MASS,
    WATER_MASS,
    IonType,
    Vocabulary,
)
from denovo.cli.diagnosis_input import settings_of
from denovo.curriculum import Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.evaluation.sets import open_sources
from denovo.simulation import make_simulator
from denovo.simulation.predicted import spectra_of
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build, override
from denovo.typing import Float64, ndarray

HALVES = ("first.msp", "second.msp")
LENGTHS, CHARGES = range(6, 26), range(1, 5)
LEFT_OUT = ("Pyro-carbamidomethyl", "Glu->pyro-Glu")
"""Modifications whose spectra are left out."""
TOLERANCE, FURTHEST = 0.4, 0.9
"""Th from an ion within which a peak counts, and within which its error is looked at."""
STRONG = 0.1
"""Height of the peaks whose error counts, relative to the base peak."""
CUTOFF = 0.28
"""Share of the precursor m/z below which no ion is looked for."""
_NAMES = [f"{s}{z}{lost}" for lost in ("", "+i", "-H2O", "-NH3") for z in ("", 2, 3) for s in "by"]
FRAGMENTS = tuple(map(IonType.parse, [*_NAMES, "a"]))
WITH_ERROR = ("b", "y", "b2", "y2")
LOST = {
    "M": 0.0,
    "M-H2O": WATER_MASS,
    "M-NH3": AMMONIA_MASS,
    "M-2H2O": 2 * WATER_MASS,
    "M-H2O-NH3": WATER_MASS + AMMONIA_MASS,
}

Seen = dict[tuple[str, int], list[Float64[ndarray, " ion"]]]
"""Heights at the ions of each kind by charge of the precursor, 0 where there is no peak."""


def main() -> None:
    """Divide the library and compare its first half with simulated spectra."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("halves"))
    given = parser.parse_args()
    first = divide(given.library, given.folder)
    settings = settings_of([override("noise", "ion_trap")])
    vocabulary = Vocabulary(build(settings.residues))
    [source] = open_sources([str(first)], vocabulary, []).values()
    stage = build(settings.curriculum).last_stage
    noise = Noise(**{**vars(stage.noise), "noisy_fraction": 1.0})
    simulated = predicted(source, vocabulary)
    rows = np.arange(len(simulated))
    noisy = [prepare_batch(simulated.read(rows), noise, 0, 150, vocabulary)]
    both = [measure(each, vocabulary) for each in (batches(source), noisy)]
    print("ion: share seen, mean height; measured ~ simulated; charges 1 | 2 | 3 | 4")
    for kind in dict.fromkeys(kind for kind, _ in both[0][0]):
        cells = [
            " ~ ".join(_cell(seen.get((kind, charge), [])) for seen, _ in both)
            for charge in CHARGES
        ]
        print(f"{kind:10s} {' | '.join(cells)}")
    for name, (_, errors) in zip(("measured", "simulated"), both, strict=True):
        for kind, found in errors.items():
            low, middle, high = np.percentile(found, [5, 50, 95])
            print(f"{name} error of {kind}, Th: {middle:+.2f} ({low:+.2f} to {high:+.2f})")


def divide(library: Path, folder: Path) -> Path:
    """Write both halves, and return the path of the first."""
    opened = gzip.open if library.suffix == ".gz" else open
    with opened(library, "rt", encoding="utf-8") as file:
        entries = re.split(r"^(?=Name: )", file.read(), flags=re.M)
    halves: tuple[list[str], ...] = ([], [])
    for entry in entries:
        match = re.match(r"Name: (\S+)/(\d+)", entry)
        if match is None:
            continue
        peptide, head = re.sub("[^A-Z]", "", match[1]), entry.partition("Num peaks")[0]
        is_whole = peptide.count("C") == head.count(",C,Carbamidomethyl")
        is_whole &= not any(name in head for name in LEFT_OUT)
        if is_whole and len(peptide) in LENGTHS and int(match[2]) in CHARGES:
            digest = hashlib.sha256(peptide.replace("I", "L").encode()).digest()
            halves[digest[0] % 2].append(entry)
    folder.mkdir(parents=True, exist_ok=True)
    for name, half in zip(HALVES, halves, strict=True):
        (folder / name).write_text("".join(half), encoding="utf-8")
    return folder / HALVES[0]


def predicted(source: SpectrumSource, vocabulary: Vocabulary) -> SpectrumSource:
    """Predict the spectra of the peptides and charges of a source."""
    batch = source.read(np.arange(len(source)))
    texts = [vocabulary.decode(row) for row in batch.tokens.tolist()]
    charges = batch.spectra.precursor_charge.tolist()
    intensities = make_simulator("HCDch2").predict(texts, charges, vocabulary.alphabet)
    return spectra_of(texts, charges, intensities, vocabulary)


def measure(
    found: Iterable[LabelledSpectra], vocabulary: Vocabulary
) -> tuple[Seen, dict[str, list[float]]]:
    """Look up all ions; returns their heights, and the errors of strong ones in Th."""
    seen: Seen = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    for batch in found:
        spectra = batch.spectra
        for row, charge in enumerate(spectra.precursor_charge.tolist()):
            mask = spectra.peak_mask[row]
            mz = spectra.mz[row][mask].double().numpy()
            height = spectra.intensity[row][mask].numpy()
            ions, total = _ions(batch, row, charge, vocabulary)
            lowest = CUTOFF * (total / charge + PROTON_MASS)
            for kind, places in ions.items():
                at = places[places > lowest]
                apart = mz - at[:, None]
                near = np.where(np.abs(apart) <= TOLERANCE, height, 0.0).max(axis=1, initial=0.0)
                seen[kind, charge].append(near)
                if kind in WITH_ERROR:
                    around = np.where(np.abs(apart) <= FURTHEST, height, 0.0)
                    highest = around.argmax(axis=1)
                    strong = np.flatnonzero(around.max(axis=1, initial=0.0) > STRONG)
                    errors[kind] += apart[strong, highest[strong]].tolist()
    return seen, errors


def _ions(
    batch: LabelledSpectra, row: int, charge: int, vocabulary: Vocabulary
) -> tuple[dict[str, Float64[ndarray, " ion"]], float]:
    """List the m/z of the ions of a peptide by kind, and return its mass."""
    tokens = batch.tokens[row][batch.residue_mask[row]]
    masses = vocabulary.masses[tokens].cumsum(dim=0)
    is_site = ~vocabulary.is_n_terminal[tokens][:-1]
    prefix, total = masses[:-1][is_site], masses[-1] + WATER_MASS
    ions = {ion.name: ion.mz(prefix, total).numpy() for ion in FRAGMENTS}
    for name, lost in LOST.items():
        ions[name] = np.array([(float(total) - lost) / charge + PROTON_MASS])
    return ions, float(total)


def _cell(heights: list[Float64[ndarray, " ion"]]) -> str:
    every = np.concatenate(heights) if heights else np.zeros(0)
    return f"{(every > 0).mean():.2f} {every.mean():.3f}" if len(every) else "-"


if __name__ == "__main__":
    main()
