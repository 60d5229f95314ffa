"""Write spectra as annotated MGF files that denovo and Casanovo both read.

Run ``python benchmarks/casanovo/write_spectra.py spectra/ store_dir=stores``. Training and
validation spectra carry the noise of the last stage of ``curriculum=none`` as a batch of training
does (a share of them stays clean); the test peptides are written twice, clean and with noise on
every spectrum, as denovo's own two test sets are. Every peptide of the training split is written
``--draws`` times, each time with other noise, since denovo never shows the same noise twice.

``--measured sample.mgf:2`` writes a measured file in the same spelling, intensities to the power
of 2, which undoes a square root: Casanovo takes one of its own.
"""

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
from hydra import compose, initialize_config_dir
from rich.console import Console

from denovo.chemistry import PROTON_MASS, Vocabulary
from denovo.curriculum import Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.data.batches import derive_seed
from denovo.errors import InputError
from denovo.io import MeasuredSpectrum, open_spectra
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build
from denovo.training.program_files import config_directory
from denovo.typing import Int, ndarray

BATCH_SIZE = 256


def batches(
    source: SpectrumSource, rows: Int[ndarray, " chosen"], noise: Noise, n_peaks: int, seed: int
) -> Iterator[tuple[LabelledSpectra, list[str]]]:
    """Read spectra in this order, most intense peaks alone, with their peptides in ProForma."""
    for start in range(0, len(rows), BATCH_SIZE):
        indices = rows[start : start + BATCH_SIZE]
        batch = replace(source.read(indices), number=start)
        own_seed = derive_seed(seed, start)
        drawn = prepare_batch(batch, noise, own_seed, n_peaks, source.vocabulary)
        yield drawn, source.identifiers(indices)


def write_entry(
    file: IO[str],
    title: str,
    precursor: tuple[float, int],
    peptide: str,
    peaks: Iterable[tuple[float, float]],
) -> None:
    """Write one MGF entry; ``precursor`` is m/z in Th and charge."""
    lines = "\n".join(f"{mz:.5f} {intensity:.6g}" for mz, intensity in peaks)
    file.write(
        f"BEGIN IONS\nTITLE={title}\nPEPMASS={precursor[0]:.6f}\nCHARGE={precursor[1]}+\n"
        f"RTINSECONDS=0\nSEQ={peptide}\n{lines}\nEND IONS\n"
    )


def write_batch(file: IO[str], batch: LabelledSpectra, peptides: list[str], title: str) -> None:
    """Write each spectrum of a batch as an MGF entry."""
    spectra = batch.spectra
    for row, peptide in enumerate(peptides):
        charge = int(spectra.precursor_charge[row])
        precursor_mz = float(spectra.precursor_mass[row]) / charge + PROTON_MASS
        mask = spectra.peak_mask[row]
        mz, intensity = (values[row][mask].tolist() for values in (spectra.mz, spectra.intensity))
        name, peaks = f"{title}-{batch.number + row}", zip(mz, intensity, strict=True)
        write_entry(file, name, (precursor_mz, charge), peptide, peaks)


class Spelling:
    """Write modifications by name, ``M[Oxidation]``, which both programs understand.

    Parameters
    ----------
    vocabulary : Vocabulary
        The alphabet.
    names : dict of str to str
        Name of each accession.
    """

    def __init__(self, vocabulary: Vocabulary, names: dict[str, str]) -> None:
        self.vocabulary, self.names = vocabulary, names

    def measured(self, peptide: str) -> str:
        """Write a peptide in whatever spelling, with the modifications that are implied."""
        return self.named(self.vocabulary.decode(self.vocabulary.encode(peptide)))

    def named(self, peptide: str) -> str:
        """Write a peptide that has accessions."""
        return re.sub(r"UNIMOD:\d+", lambda match: self.names[match[0]], peptide)


def write_measured(path: Path, power: float, folder: Path, spell: Spelling) -> None:
    """Write a measured file anew, without spectra that the alphabet cannot write."""
    n_left_out = 0
    with (folder / path.name).open("w") as file:
        for spectrum in open_spectra(path):
            assert isinstance(spectrum, MeasuredSpectrum), spectrum.sentence
            try:
                peptide = spell.measured(spectrum.peptide or "")
            except InputError:
                n_left_out += 1
                continue
            assert spectrum.precursor_charge is not None
            precursor = spectrum.precursor_mz, spectrum.precursor_charge
            heights = (spectrum.intensity / spectrum.intensity.max()) ** power
            peaks = zip(spectrum.mz.tolist(), heights.tolist(), strict=True)
            write_entry(file, spectrum.title, precursor, peptide, peaks)
    Console().print(f"{path.name}: {n_left_out} spectra left out")


def main() -> None:
    """Write training, validation and test spectra."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("overrides", nargs="*", help="settings of store and noise")
    parser.add_argument("--draws", type=int, default=3, help="times each peptide is trained on")
    parser.add_argument("--val", type=int, default=500)
    parser.add_argument("--test", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measured", nargs="*", default=[], help="FILE or FILE:POWER")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    overrides = ["run_dir=/nonexistent", "curriculum=none", *arguments.overrides]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=overrides)
    vocabulary = Vocabulary(build(config.residues))
    # The names of modifications are what both programs know them by.
    names = {accession: entry.name for accession, entry in config.residues.modifications.items()}
    spell = Spelling(vocabulary, names)
    for entry in arguments.measured:
        path, _, power = entry.partition(":")
        write_measured(Path(path), float(power or 1), arguments.folder, spell)
    sources = build(config.data.sources)(vocabulary=vocabulary)
    sources.prepare()
    noise = build(config.curriculum).last_stage.noise
    always = replace(noise, noisy_fraction=1.0)
    rng = np.random.default_rng(arguments.seed)
    for name, split, kind, count, draws in (
        ("train", "train", noise, None, arguments.draws),
        ("val", "val", noise, arguments.val, 1),
        ("test_noisy", "test", always, arguments.test, 1),
        ("test_clean", "test", Noise(), arguments.test, 1),
    ):
        source = sources.open(split)
        with (arguments.folder / f"{name}.mgf").open("w") as file:
            for draw in range(draws):
                rows = np.arange(len(source))[:count]
                rows = rng.permutation(rows) if split == "train" else rows
                seed = derive_seed(arguments.seed, draw, len(name))
                for batch, peptides in batches(source, rows, kind, config.data.n_peaks, seed):
                    written = [spell.named(peptide) for peptide in peptides]
                    write_batch(file, batch, written, f"{name}-{draw}")


if __name__ == "__main__":
    main()
