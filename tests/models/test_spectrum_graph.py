"""The training-free sequencer: a posterior that does not depend on the direction of reading."""

import numpy as np
import pytest
import torch

from denovo.checkpoint import load_model, load_proposer
from denovo.chemistry import IonType
from denovo.decoding import make_decoder
from denovo.models import SpectrumGraphSequencer
from denovo.rescoring import score_peptides
from denovo.spectra import Spectra

PEPTIDE = "SAMPLETVK"


def ladder(vocabulary, without=()):
    """The spectrum of complete b and y ladders, but for the sites left out."""
    tokens = vocabulary.encode(PEPTIDE)
    prefix = vocabulary.masses[tokens].cumsum(dim=0)[:-1]
    prefix = prefix[[site for site in range(len(prefix)) if site not in without]]
    total = torch.tensor([vocabulary.peptide_mass(tokens)], dtype=torch.float64)
    mz = torch.cat([IonType.parse(name).mz(prefix, total) for name in ("b", "y")])
    mz = mz.sort().values.float()[None]
    intensity = torch.linspace(0.2, 1.0, mz.shape[1])[None]
    return Spectra(mz, intensity, mz > 0, total, torch.tensor([2])), tokens


@pytest.fixture(scope="module")
def baseline():
    """The counts that come with the package."""
    return load_model("evidence").sequencer


def test_a_complete_ladder_is_read_without_any_training(baseline):
    spectra, tokens = ladder(baseline.vocabulary)
    canonical = baseline.vocabulary.canonical[tokens].tolist()
    assert make_decoder("constrained", 8)(baseline, spectra).peptides == [canonical]


def test_both_directions_give_a_peptide_the_same_probability(baseline):
    spectra, tokens = ladder(baseline.vocabulary)
    canonical = baseline.vocabulary.canonical[tokens].tolist()
    backward = SpectrumGraphSequencer(baseline.vocabulary, "backward", baseline.temperature)
    backward.load_state_dict(baseline.state_dict())
    scores = [
        score_peptides(each, spectra, np.zeros(1, np.int64), [canonical])[0].log_probability
        for each in (baseline, backward)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.5)


def test_the_ions_of_a_silent_site_make_the_true_peptide_more_probable(baseline):
    canonical = None
    scores = []
    for without in ((3, 4), (3,), ()):
        spectra, tokens = ladder(baseline.vocabulary, without)
        canonical = baseline.vocabulary.canonical[tokens].tolist()
        answer = score_peptides(baseline, spectra, np.zeros(1, np.int64), [canonical])[0]
        scores.append(answer.log_probability)
    assert scores == sorted(scores)


def test_another_alphabet_takes_the_odds_and_the_priors_it_knows(baseline, canonical):
    proposer = load_proposer(canonical)
    assert torch.equal(proposer.odds, baseline.odds)
    assert (
        proposer.log_inner[canonical.index["K"]]
        == baseline.log_inner[baseline.vocabulary.index["K"]]
    )
