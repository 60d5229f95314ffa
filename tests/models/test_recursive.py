"""The recursive sequencer: drafts weighed from both ends, refined, and left alone in time."""

from dataclasses import replace

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from denovo.chemistry import EOS, SOS, WATER_MASS, Vocabulary
from denovo.errors import InputError
from denovo.models import RecursiveSequencer
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.recursive.draft import draft_of
from denovo.models.recursive.evidence import DraftEvidence
from denovo.spectra.batch import LabelledSpectra

PEPTIDE = "SAMPLEK"


def certain(vocabulary: Vocabulary, tokens: torch.Tensor) -> torch.Tensor:
    """Say each token beyond doubt."""
    return 50.0 * torch.nn.functional.one_hot(tokens, len(vocabulary)).float()


def small(vocabulary: Vocabulary, **options) -> RecursiveSequencer:
    torch.manual_seed(0)
    sizes = {"n_refinements": 4, "d_model": 16, "d_scorer": 8}
    return RecursiveSequencer(vocabulary, **(sizes | options)).eval()


def test_a_certain_draft_weighs_what_stands_before_and_behind_each_position(common, make_batch):
    batch = make_batch(PEPTIDE)
    draft = draft_of(certain(common, batch.tokens), common.masses, sharpness=1.0)
    masses = common.masses[batch.tokens[0]]
    for position in range(len(masses)):
        assert float(draft.prefix[0, position]) == pytest.approx(float(masses[:position].sum()))
        behind = float(masses[position + 1 :].sum())
        assert float(draft.suffix[0, position]) == pytest.approx(behind, abs=1e-6)
    assert float(draft.prefix_spread.max()) < 1e-3


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), sharpness=st.sampled_from([0.1, 1.0, 10.0, 100.0, None]))
def test_before_the_position_and_behind_make_the_whole(canonical, seed, sharpness):
    logits = torch.randn(2, 9, len(canonical), generator=torch.Generator().manual_seed(seed))
    draft = draft_of(logits, canonical.masses, sharpness)
    last = draft_of(logits.flip(1)[:, :1], canonical.masses, sharpness)
    assert torch.isfinite(draft.prefix_spread).all()
    assert (draft.prefix.diff(dim=1) > -1e-9).all()
    assert (draft.suffix.diff(dim=1) < 1e-9).all()
    own = draft.prefix.diff(dim=1)  # mass of each position but the last
    whole = draft.prefix[:, :-1] + own + draft.suffix[:, :-1]
    torch.testing.assert_close(whole, whole[:, :1].expand_as(whole))
    assert last.prefix.abs().max() == 0


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_the_rounding_of_logits_moves_no_mass(canonical, seed):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 9, len(canonical), generator=generator)
    rounded = logits + 1e-6 * torch.randn(logits.shape, generator=generator)
    assume(torch.equal(logits.argmax(-1), rounded.argmax(-1)))
    one, other = (draft_of(each, canonical.masses, None) for each in (logits, rounded))
    assert torch.equal(one.prefix, other.prefix)
    assert torch.equal(one.suffix, other.suffix)


def test_nothing_counts_behind_the_end(common, make_batch):
    tokens = make_batch(PEPTIDE).tokens
    longer = torch.cat([tokens, torch.full((1, 3), common.index["W"])], dim=1)
    draft = draft_of(certain(common, longer), common.masses, sharpness=1.0)
    assert float(draft.suffix[0, tokens.shape[1] - 1]) == pytest.approx(0, abs=1e-6)
    assert common.index["W"] != EOS


def test_a_residue_in_doubt_shows_in_the_spread_behind_it(common, make_batch):
    tokens = make_batch(PEPTIDE).tokens
    logits = certain(common, tokens)
    logits[0, 2] = 0.0
    logits[0, 2, [common.index["G"], common.index["W"]]] = 20.0
    draft = draft_of(logits, common.masses, sharpness=1.0)
    # Half G and half W: the standard deviation is half of their difference.
    half = float(common.masses[common.index["W"]] - common.masses[common.index["G"]]) / 2
    assert float(draft.prefix_spread[0, 2]) < 1e-3
    assert float(draft.prefix_spread[0, 3]) == pytest.approx(half, rel=1e-3)


def test_the_residue_that_completes_the_mass_fits(common, make_batch):
    batch = make_batch(PEPTIDE)
    evidence = DraftEvidence(common, False, ["b"], ["15 ppm"], [], [], "15 ppm", "5 ppm")
    logits = certain(common, batch.tokens)
    draft = draft_of(logits, common.masses, sharpness=1.0)
    features = evidence(
        PeakLookup.of(batch.spectra, evidence.reach), draft, batch.spectra.precursor_mass
    )  # [1, length, candidate, 2]
    for position, token in enumerate(batch.tokens[0, :-1].tolist()):
        fitting = features[0, position, :, 0] > 0.9
        assert common.candidates[fitting[:-1]].tolist() == [token]


def test_the_peptide_of_a_batch_changes_no_logit(common, make_batch):
    sequencer = small(common)
    batch = make_batch(PEPTIDE)
    other = LabelledSpectra(batch.spectra, make_batch("GGGGGGGG").tokens)
    with torch.no_grad():
        assert torch.equal(sequencer(batch)[:, :, :8], sequencer(other)[:, :, :8])


def test_positions_follow_from_the_precursor_mass(common, make_batch):
    sequencer = small(common, min_mean_residue_mass=100.0)
    batch = make_batch(PEPTIDE)
    heavy = replace(batch.spectra, precursor_mass=torch.tensor([WATER_MASS + 1050.0]).double())
    state = sequencer.initial_state(heavy)
    assert state.logits.shape[1] == 11
    assert state.logits[0, -1].argmax() == EOS


def test_a_peptide_ends_at_its_last_position_at_the_latest(common, make_batch):
    sequencer = small(common)
    state = sequencer.initial_state(make_batch(PEPTIDE).spectra)
    for _ in range(state.logits.shape[1] + 3):
        logits, state = sequencer.next_residue_logits(state, torch.tensor([SOS]))
    assert logits.argmax() == EOS


def test_a_peptide_too_light_for_its_positions_is_trained_without_harm(common, make_batch):
    sequencer = small(common, min_mean_residue_mass=500.0)
    logits = sequencer(make_batch(PEPTIDE)).detach()
    assert logits.shape == (4, 1, 8, len(common))
    assert torch.isfinite(logits.logsumexp(-1)).all()
    assert float(logits[-1, 0, -1].softmax(-1).max()) < 0.1


def test_leaving_finished_spectra_alone_changes_no_other(common, make_batch):
    batch = make_batch(PEPTIDE, "GGMAK", "WWK", "PEPTLDEK")
    patient, eager = small(common, patience=None), small(common, patience=1)
    with torch.no_grad():
        every = list(patient._refine(batch.spectra))
        logits = eager.initial_state(batch.spectra).logits
    # Each row is what some step said of it, and the same as a batch of that row alone.
    for row in range(len(batch)):
        alone = eager.initial_state(batch.spectra.select(torch.tensor([row]))).logits[0]
        n = len(alone)
        torch.testing.assert_close(logits[row, :n], alone, atol=1e-4, rtol=1e-4)
        steps = [torch.allclose(step[row, : n - 1], alone[: n - 1], atol=1e-3) for step in every]
        assert any(steps)


def test_patience_beyond_the_last_step_is_no_patience(common, make_batch):
    batch = make_batch(PEPTIDE, "GGMAK")
    with torch.no_grad():
        one = small(common, patience=None).initial_state(batch.spectra).logits
        other = small(common, patience=9).initial_state(batch.spectra).logits
    assert torch.equal(one, other)


def test_without_evidence_the_peaks_are_still_seen(common, make_batch):
    sequencer = small(common, evidence=False)
    batch = make_batch(PEPTIDE)
    moved = replace(batch.spectra, mz=batch.spectra.mz + 3.0)
    with torch.no_grad():
        one = sequencer.initial_state(batch.spectra).logits
        other = sequencer.initial_state(moved).logits
    assert (one - other).abs().max() > 1e-4


def test_each_step_learns_from_its_own_logits(common, make_batch):
    sequencer = small(common)
    logits = sequencer(make_batch(PEPTIDE))
    for step in range(4):
        sequencer.zero_grad()
        logits[step].square().clamp(max=100).sum().backward(retain_graph=True)
        gradient = sequencer.step_embedding.weight.grad
        assert (gradient[: step + 1].abs().sum(1) > 0).all()
        assert (gradient[step + 1 :] == 0).all()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_refinements": 0}, "n_refinements must be at least 1"),
        ({"ions": []}, "at least one ion type"),
        ({"evidence": False, "n_peak_layers": 0}, "without input"),
        ({"sharpness": 0}, "must be positive"),
        ({"patience": 0}, "patience must be at least 1"),
        ({"ions": ["q"]}, "q"),
    ],
)
def test_settings_that_cannot_work_are_named(common, options, sentence):
    with pytest.raises(InputError, match=sentence):
        small(common, **options)
