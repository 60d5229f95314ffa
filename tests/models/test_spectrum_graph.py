"""The training-free sequencer: likely peptides by counted odds, in either direction of reading."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch

from denovo.chemistry import IonType
from denovo.decoding import DecoderKind, make_decoder
from denovo.models import SpectrumGraphSequencer
from denovo.models.spectrum_graph import sequencer as graph
from denovo.models.spectrum_graph.paths import LOWEST, STEP, log_completions
from denovo.sequencing.networks import load_model
from denovo.sequencing.rescoring import score_peptides
from denovo.spectra.batch import Spectra

PEPTIDE = "SAMPLETVK"


def ladder(vocabulary, peptide=PEPTIDE, without=()):
    """The spectrum of complete b and y ladders, but for the sites left out."""
    tokens = vocabulary.encode(peptide)
    prefix = vocabulary.masses[tokens].cumsum(dim=0)[:-1]
    is_site = ~vocabulary.is_n_terminal[tokens][:-1]
    is_site[list(without)] = False
    total = torch.tensor([vocabulary.peptide_mass(tokens)], dtype=torch.float64)
    mz = torch.cat([IonType.parse(name).mz(prefix[is_site], total) for name in ("b", "y")])
    mz = mz.sort().values.float()[None]
    intensity = torch.linspace(0.2, 1.0, mz.shape[1])[None]
    spectra = Spectra(mz, intensity, mz > 0, total, torch.tensor([2]))
    return spectra, vocabulary.canonical[tokens].tolist()


def backward(sequencer):
    other = SpectrumGraphSequencer(sequencer.vocabulary, "backward", sequencer.temperature)
    other.load_state_dict(sequencer.state_dict())
    return other.eval()


def log_probability(sequencer, spectra, peptide):
    (answer,) = score_peptides(sequencer, spectra, np.zeros(1, np.int64), [peptide])
    return answer.log_probability


@pytest.fixture(scope="module")
def baseline():
    """The counts that come with the package."""
    return load_model("untrained").sequencer


def test_a_complete_ladder_is_read_in_both_directions_without_any_training(baseline):
    spectra, tokens = ladder(baseline.vocabulary)
    for sequencer in (baseline, backward(baseline)):
        decoded = make_decoder(DecoderKind.CONSTRAINED, 8)(sequencer, spectra)
        assert decoded.peptides == [tokens]


@pytest.mark.parametrize("peptide", [PEPTIDE, "[UNIMOD:385]-QTVDSLAR"])
def test_both_directions_give_a_peptide_about_the_same_probability(baseline, peptide):
    # Not the same one: the grid rounds the residues of what is to come.
    spectra, tokens = ladder(baseline.vocabulary, peptide)
    scores = [log_probability(each, spectra, tokens) for each in (baseline, backward(baseline))]
    assert scores[0] == pytest.approx(scores[1], abs=1.0)
    # Even where the first thing read weighs less than nothing.
    assert min(scores) > -8.0


def test_the_ions_of_a_silent_site_make_the_true_peptide_more_probable(baseline):
    scores = []
    for without in ((3, 4), (3,), ()):
        spectra, tokens = ladder(baseline.vocabulary, without=without)
        scores.append(log_probability(baseline, spectra, tokens))
    assert scores == sorted(scores)


def together(*each):
    """Put spectra of as many peaks side by side."""
    return Spectra(*(torch.cat(values) for values in zip(*map(astuple, each), strict=True)))


def test_spectra_are_the_same_however_many_are_computed_at_once(baseline, monkeypatch):
    spectra = together(*(ladder(baseline.vocabulary, p)[0] for p in (PEPTIDE, "KVTELPMAS") * 2))
    whole = baseline.initial_state(spectra).ahead
    monkeypatch.setattr(graph, "_CELLS", 3 * whole.shape[1])
    assert torch.equal(baseline.initial_state(spectra).ahead, whole)


@pytest.mark.parametrize("make", [lambda each: each, backward])
def test_a_precursor_too_heavy_for_a_peptide_costs_no_memory_and_has_no_answer(baseline, make):
    spectra, tokens = ladder(baseline.vocabulary)
    stray = replace(spectra, precursor_mass=torch.tensor([2e6], dtype=torch.float64))
    ahead = make(baseline).initial_state(stray).ahead
    assert ahead.shape[1] < 10_100 / STEP
    assert ahead.max() == LOWEST
    decoded = make_decoder(DecoderKind.CONSTRAINED, 8)(make(baseline), together(spectra, stray))
    assert decoded.is_feasible.tolist() == [True, False]
    assert decoded.peptides[0] == tokens  # which is read beside it as it is alone


def test_completions_add_up_every_way_to_the_end():
    steps, weights, n_bins = (5, 7), (0.5, 0.25), 30
    generator = torch.Generator().manual_seed(0)
    log_site = torch.randn(1, n_bins, generator=generator)
    final = torch.rand(1, n_bins, generator=generator, dtype=torch.float64)
    mass = torch.tensor(steps, dtype=torch.float64) * STEP
    found = log_completions(log_site, final, torch.tensor(weights, dtype=torch.float64).log(), mass)

    def of(place):
        onward = [(place + step, weight) for step, weight in zip(steps, weights, strict=True)]
        more = (w * float(log_site[0, at].exp()) * of(at) for at, w in onward if at < n_bins)
        return float(final[0, place]) + sum(more)

    expected = torch.tensor([of(place) for place in range(n_bins)]).log()
    assert torch.allclose(found[0], expected, atol=1e-4)
