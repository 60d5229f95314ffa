"""The precursor mass of a batch, position by position."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch

from denovo.evaluation.diagnosis.mass import trace_masses
from denovo.losses import PrecursorMassLoss
from tests.helpers.ladder_spectra import ladder_spectra

PEPTIDES = ["PEPTLDE", "[UNIMOD:1]-GASM[UNIMOD:35]K"]


@pytest.fixture
def batch(common):
    return ladder_spectra(PEPTIDES, common).read(np.arange(2))


def logits_saying(tokens, n_tokens, certainty=1e4):
    return torch.nn.functional.one_hot(tokens, n_tokens).float()[None] * certainty


def trace(batch, vocabulary, logits, **settings):
    return trace_masses(logits, batch, PrecursorMassLoss(vocabulary, **settings), ["one", "two"])


def test_a_certain_and_right_sequencer_has_no_error(common, batch):
    logits = logits_saying(batch.tokens, len(common))
    for title, peptide, found in zip(
        ["one", "two"], PEPTIDES, trace(batch, common, logits), strict=True
    ):
        assert (found.title, found.peptide, found.charge) == (title, peptide, 2)
        assert found.error_da == pytest.approx(0, abs=1e-9)
        assert found.error_ppm == pytest.approx(0, abs=1e-6)
        assert found.loss == pytest.approx(0, abs=1e-6)
        assert found.slope == pytest.approx(1)
        assert found.share_right == 1
        assert found.special_probability == 0
        assert found.positions[-1].true == found.positions[-1].top == "<eos>"
    # PEPTIDE, [M+H]+ 800.3672 less a proton.
    first = trace(batch, common, logits)[0]
    assert first.expected_mass == pytest.approx(799.35997, abs=1e-4)


def test_one_wrong_residue_is_off_by_its_mass_from_there_on(common, batch):
    said = batch.tokens.clone()
    said[0, 2] = common.index["A"]  # for P
    found, right = trace(batch, common, logits_saying(said, len(common)))
    off = [p.expected_prefix - p.true_prefix for p in found.positions[:-1]]
    # Proline 97.052764 Da, alanine 71.037114 Da.
    assert off == pytest.approx([0, 0, *[71.037114 - 97.052764] * 5], abs=1e-5)
    assert found.error_da == pytest.approx(-26.01565, abs=1e-5)
    assert found.error_ppm == pytest.approx(-26.01565 / 799.35997 * 1e6, rel=1e-6)
    size = abs(found.error_ppm)
    assert found.loss == pytest.approx(100 * np.log1p(size / 100))
    assert found.slope == pytest.approx(100 / (100 + size))
    assert found.share_right == pytest.approx(7 / 8)
    assert [p.top for p in found.positions] == ["P", "E", "A", "T", "L", "D", "E", "<eos>"]
    assert right.share_right == 1


def test_probability_on_special_tokens_is_shown_and_weighs_nothing(common, batch):
    logits = logits_saying(batch.tokens, len(common))
    logits[..., 0] = 1e4  # PAD as probable as the truth
    found = trace(batch, common, logits)[0]
    assert found.special_probability == pytest.approx(0.5)
    assert found.positions[0].true_probability == pytest.approx(0.5)
    assert found.error_da == pytest.approx(0, abs=1e-9)


def test_prefixes_are_sums_of_masses_and_lead_to_the_expected_mass(common, batch):
    torch.manual_seed(0)
    for found in trace(batch, common, torch.randn(2, *batch.tokens.shape, len(common))):
        for before, after in pairwise(found.positions):
            step = after.expected_prefix - before.expected_prefix
            assert step == pytest.approx(after.expected_mass)
            assert after.true_prefix - before.true_prefix == pytest.approx(after.true_mass)
        water = 18.0105647
        last = found.positions[-1]
        assert found.expected_mass == pytest.approx(last.expected_prefix + water)
        assert found.precursor_mass == pytest.approx(last.true_prefix + water)
        assert found.error_da == pytest.approx(found.expected_mass - found.precursor_mass)


def test_the_clamp_has_lost_its_slope_and_the_unit_is_kept(common, batch):
    said = batch.tokens.clone()
    said[0, 2] = common.index["A"]
    logits = logits_saying(said, len(common))
    clamped = trace(batch, common, logits, penalty="clamp")[0]
    assert (clamped.loss, clamped.slope) == (100, 0)
    in_da = trace(batch, common, logits, penalty="huber", loss_scale=1, unit="Da")[0]
    assert in_da.loss == pytest.approx(26.01565 - 0.5, abs=1e-5)


def test_a_trace_is_plain_data(common, batch):
    found = trace(batch, common, logits_saying(batch.tokens, len(common)))[0]
    assert json.loads(json.dumps(found.as_dict()))["positions"][0]["true"] == "P"
