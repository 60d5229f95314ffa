"""Write the files of the tutorials: example.fasta (invented proteins) and example.mgf (spectra).

The spectra are those that MS2PIP predicts for peptides of the first proteins, under the noise that
the network was trained with. ``SEQ=`` in the file names the true peptide; ``denovo sequence`` does
not read it. With ``--checkpoint`` the modifications are those of the training of that network.
"""

from argparse import ArgumentParser
from pathlib import Path
from textwrap import fill

import numpy as np
from pyteomics import mgf

import denovo
from denovo.chemistry import Vocabulary, mass_to_mz
from denovo.data import prepare_batch
from denovo.sequencing.fitting import training_noise
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.predicted import spectra_of
from denovo.simulation.proteins import SyntheticProteome
from denovo.simulation.simulator import make_simulator

N_PROTEINS, N_IN_SAMPLE, N_SPECTRA = 400, 30, 300

parser = ArgumentParser(description=__doc__)
parser.add_argument("--checkpoint", help="a network; by default the one of the package")
parser.add_argument("--name", default="example", help="of the files, without suffix")
parser.add_argument("--seed", type=int, default=2026, help="of proteins, modifications and noise")
options = parser.parse_args()
name, seed = options.name, options.seed

model = denovo.load(options.checkpoint)
alphabet = model.alphabet
modifications = {"M[UNIMOD:35]": 0.2}
if options.checkpoint:
    recipe = model.trained.config["data"]["sources"]["recipe"]
    modifications = recipe["precursors"]["modifications"]

proteins = SyntheticProteome(N_PROTEINS, seed).sequences()
entries = [f">EX{n:03} invented protein\n{fill(s, 60)}\n" for n, s in enumerate(proteins, 1)]
Path(f"{name}.fasta").write_text("".join(entries))

sample = SyntheticProteome(N_IN_SAMPLE, seed)
sequences = Digest().peptides(sample, alphabet)[:N_SPECTRA]
drawn = Precursors(modifications=modifications).draw(sequences, alphabet, seed)
peptides, charges = [p.peptide for p in drawn], [p.charge for p in drawn]
intensities = make_simulator("HCDch2").predict(peptides, charges, alphabet)
vocabulary = Vocabulary(alphabet)
clean = spectra_of(peptides, charges, intensities, vocabulary).read(np.arange(len(peptides)))
noise = training_noise(model.trained.config)
spectra = prepare_batch(clean, noise, seed, model.trained.n_peaks, vocabulary).spectra

written = []
for row, (peptide, charge) in enumerate(zip(peptides, charges, strict=True)):
    mask = spectra.peak_mask[row]
    settings = {
        "TITLE": f"{name}.{row + 1}",
        "PEPMASS": mass_to_mz(float(spectra.precursor_mass[row]), charge),
        "CHARGE": charge,
        "SEQ": peptide,
    }
    peaks = {
        "m/z array": spectra.mz[row][mask].numpy(),
        "intensity array": 1e6 * spectra.intensity[row][mask].numpy(),
    }
    written.append({"params": settings, **peaks})
mgf.write(written, f"{name}.mgf", file_mode="w")
