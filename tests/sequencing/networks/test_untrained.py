"""The training-free baseline that comes with the package: whole, described, and able to read."""

import json

import numpy as np
import pytest
from safetensors.torch import load_file

import denovo
from denovo.models import SpectrumGraphSequencer
from denovo.sequencing.networks import load_model
from denovo.sequencing.networks.description import digest_of
from denovo.sequencing.networks.loading import packaged

UNTRAINED = packaged("untrained")
CARD = UNTRAINED.with_name("README.md")


@pytest.fixture(scope="module")
def baseline():
    return load_model("untrained")


def test_its_card_names_the_file_it_describes(baseline):
    description = json.loads(UNTRAINED.with_suffix(".json").read_text())
    assert description["sha256"] == digest_of(load_file(UNTRAINED))
    assert description["sha256"] in CARD.read_text()
    assert not any(
        place in json.dumps(description) for place in ("/home", "/root", "/tmp", "/work")
    )


def test_it_has_probabilities_and_rerankers(baseline):
    assert isinstance(baseline.sequencer, SpectrumGraphSequencer)
    assert set(baseline.calibrations) == {"constrained", "beam", "greedy"}
    assert set(baseline.rerankers) == {"joint", "full"}
    for state in (*baseline.calibrations.values(), *baseline.rerankers.values()):
        assert state["record"]["expected_calibration_error"] < 0.05


def test_golden_answers():
    # y and b ions of equal height, from pyteomics' masses.
    model = denovo.load("untrained")
    peptides = ["SAMPLETVK", "LVNELTEFAK"]
    spectra = [_ladder(peptide) for peptide in peptides]
    for rescoring in ("none", "full"):
        answers = model.sequence(spectra, rescoring=rescoring).predictions
        assert [answer.peptide for answer in answers] == peptides


def _ladder(peptide):
    from pyteomics import mass

    sites = range(1, len(peptide))
    mz = [mass.fast_mass(peptide[:site], ion_type="b", charge=1) for site in sites]
    mz += [mass.fast_mass(peptide[site:], ion_type="y", charge=1) for site in sites]
    return denovo.spectrum(mz, np.ones(len(mz)), mass.fast_mass(peptide, charge=2), 2, peptide)
