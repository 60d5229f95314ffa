"""How much is computed for a spectrum, in numbers that no clock takes part in."""

import numpy as np
import pytest

import denovo
from denovo.curriculum import Noise
from denovo.data import prepare_batch
from denovo.models.evidence import EvidenceSequencer, FragmentEvidence
from denovo.sequencing import SequencingSettings
from denovo.simulation import Ms2pipSimulator
from denovo.simulation.predicted import predict_spectra

N_SPECTRA = 32
NOISE = Noise(noisy_fraction=1.0, ion_dropout=0.3, noise_peaks=60.0, detection_limit=0.05)


@pytest.fixture(scope="module")
def batch():
    vocabulary = denovo.load().trained.sequencer.vocabulary
    source = predict_spectra(vocabulary, 64, seed=11)
    return prepare_batch(source.read(np.arange(N_SPECTRA)), NOISE, 0, 150, vocabulary)


def test_full_rescoring_of_a_spectrum_is_bounded(batch, monkeypatch):
    work = {"hypotheses": 0, "prefixes": 0, "calls of MS2PIP": 0}

    def counted(owner, name, kind, number):
        function = getattr(owner, name)

        def count(self, *arguments):
            work[kind] += number(arguments)
            return function(self, *arguments)

        monkeypatch.setattr(owner, name, count)

    counted(EvidenceSequencer, "next_residue_logits", "hypotheses", lambda a: len(a[1]))
    counted(FragmentEvidence, "forward", "prefixes", lambda a: a[1].numel())
    counted(Ms2pipSimulator, "predict", "calls of MS2PIP", lambda a: 1)
    pipeline = SequencingSettings(rescoring="full").pipeline(denovo.load().trained)
    answers = pipeline.answers(batch.spectra)
    assert len(answers) == N_SPECTRA
    # Two beams of 16 over 10 to 20 residues, most hypotheses dropped; without the margin and
    # with each candidate read on its own there were three times as many.
    assert 100 < work["hypotheses"] / N_SPECTRA < 500
    assert work["prefixes"] < 0.75 * work["hypotheses"]
    assert work["calls of MS2PIP"] == 1
