"""The network for ion traps reads spectra of low resolution, which the default one cannot."""

from pathlib import Path

import numpy as np
import pytest
import yaml

import denovo
from denovo.chemistry import PROTON_MASS
from denovo.curriculum import Noise
from denovo.data import prepare_batch
from denovo.metrics import match_residues
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.predicted import predict_spectra

CONF = Path(__file__).parents[3] / "conf"
N_SPECTRA = 60


@pytest.fixture(scope="module")
def ion_trap():
    """Simulated CID spectra of short tryptic peptides, and their masses residue by residue."""
    vocabulary = denovo.load("cid").trained.sequencer.vocabulary
    digest, precursors = Digest(min_length=7, max_length=11), Precursors(charges={2: 1.0})
    source = predict_spectra(vocabulary, N_SPECTRA, "HCDch2", 3, digest, precursors)
    strengths = yaml.safe_load((CONF / "noise/ion_trap.yaml").read_text("utf-8"))
    noise = Noise(**{k: float(v) for k, v in strengths.items() if k != "defaults"})
    batch = prepare_batch(source.read(np.arange(len(source))), noise, 0, 150, vocabulary)
    spectra, charges = batch.spectra, batch.spectra.precursor_charge.tolist()
    shown = [
        denovo.spectrum(
            spectra.mz[row][mask].tolist(),
            spectra.intensity[row][mask].tolist(),
            float(spectra.precursor_mass[row]) / charges[row] + PROTON_MASS,
            charges[row],
        )
        for row, mask in enumerate(spectra.peak_mask)
    ]
    masses = vocabulary.masses.numpy()
    truths = [
        masses[row[mask].numpy()]
        for row, mask in zip(batch.tokens, batch.residue_mask, strict=True)
    ]
    return shown, truths


def n_right(network, ion_trap):
    shown, truths = ion_trap
    loaded = denovo.load(network)
    results, vocabulary = loaded.sequence(shown), loaded.trained.sequencer.vocabulary
    masses = vocabulary.masses.numpy()
    answers = [
        masses[vocabulary.encode(p.peptide)] if p.has_answer else [] for p in results.predictions
    ]
    pairs = zip(answers, truths, strict=True)
    return sum(len(a) > 0 and bool(match_residues(np.array(a), t).all()) for a, t in pairs), results


def test_it_reads_simulated_spectra_of_an_ion_trap_from_end_to_end(ion_trap):
    right, results = n_right("cid", ion_trap)
    assert right > 0.35 * N_SPECTRA
    assert results.settings["fragment_tolerance"] == "0.4 Da"
    confident = [p for p in results.predictions if p.probability and p.probability > 0.9]
    assert confident
    assert np.mean([p.site_coverage for p in confident]) > 0.8


def test_the_default_network_reads_hardly_any_of_them(ion_trap):
    assert n_right("hcd", ion_trap)[0] < 0.1 * N_SPECTRA
