"""A proteome raises the recall of its peptides, and costs others next to nothing."""

import numpy as np
import pytest

import denovo
from denovo.chemistry import mass_to_mz
from denovo.chemistry.identity import identity
from denovo.curriculum import Noise
from denovo.sequencing.fitting import known_spectra, noisy_batches
from denovo.simulation.proteins import SyntheticProteome

N_SPECTRA = 64
MOST_LOST = 0.02
SEED = 7


@pytest.fixture(scope="module")
def model():
    return denovo.load()


@pytest.fixture(scope="module")
def run(model):
    """Simulate noisy spectra, with the identity of the peptide of each."""
    trained = model.trained
    vocabulary = trained.sequencer.vocabulary
    noise = Noise(**trained.rerankers["full"]["record"]["noise"])
    source = known_spectra(vocabulary, trained.config, N_SPECTRA, SEED)
    spectra, peptides = [], []
    for batch in noisy_batches(source, noise, trained.n_peaks):
        measured = batch.spectra
        for each in range(len(batch)):
            mask, charge = measured.peak_mask[each], int(measured.precursor_charge[each])
            peaks = measured.mz[each][mask].numpy(), measured.intensity[each][mask].numpy()
            precursor_mz = mass_to_mz(float(measured.precursor_mass[each]), charge)
            spectra.append(denovo.spectrum(*peaks, precursor_mz, charge, index=len(spectra)))
            tokens = batch.tokens[each][batch.residue_mask[each]].tolist()
            peptides.append(identity(vocabulary.decode(tokens)))
    return spectra, peptides


@pytest.mark.slow
def test_recall_rises_in_the_proteome_and_stays_outside(model, run, tmp_path, monkeypatch):
    monkeypatch.setenv("DENOVO_CACHE", str(tmp_path))
    spectra, peptides = run
    proteins = [*SyntheticProteome(200, SEED + 1).sequences(), *sorted(set(peptides))[::2]]
    fasta = tmp_path / "p.fasta"
    fasta.write_text("".join(f">P{n}\n{protein}\n" for n, protein in enumerate(proteins)))
    text = " ".join(proteins).replace("I", "L")
    # Some lie within another one that has a missed cleavage.
    is_known = np.array([peptide in text for peptide in peptides])

    def is_right(**options):
        predictions = model.sequence(spectra, **options).predictions
        answers = [identity(each.peptide) for each in predictions]
        return np.array([a == b for a, b in zip(answers, peptides, strict=True)])

    without, beside = is_right(), is_right(proteome=fasta)
    assert beside[is_known].mean() > without[is_known].mean()
    assert beside[~is_known].mean() >= without[~is_known].mean() - MOST_LOST
