"""Laws that every sequencer obeys, whatever is inside."""

import pytest
import torch

from denovo.chemistry import EOS, FIRST_RESIDUE, SOS, WATER_MASS
from denovo.errors import InputError
from denovo.models import EvidenceSequencer, TransformerSequencer
from denovo.models.reading_order import reading_positions
from denovo.spectra.batch import LabelledSpectra, Spectra

DIRECTIONS = ["forward", "backward"]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_reading_step_by_step_gives_the_logits_of_training(make_sequencer, make_batch, direction):
    sequencer = make_sequencer(direction)
    batch = make_batch("PEPTIDEK", "[UNIMOD:1]-WGM[UNIMOD:35]K")
    order = reading_positions(batch.n_residues, batch.tokens.shape[1], direction)
    tokens = batch.tokens.gather(1, order)
    with torch.no_grad():
        trained = sequencer(batch)[-1]
        state = sequencer.initial_state(batch.spectra)
        last = torch.full((len(batch),), SOS)
        for step in range(tokens.shape[1]):
            logits, state = sequencer.next_residue_logits(state, last)
            read = batch.target_mask[:, step]
            expected = trained[torch.arange(len(batch)), order[:, step]]
            torch.testing.assert_close(logits[read], expected[read], atol=1e-4, rtol=1e-4)
            last = tokens[:, step]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_position_sees_the_token_it_is_to_predict(make_sequencer, make_batch, direction):
    sequencer = make_sequencer(direction)
    batch = make_batch("PEPTIDEK")
    order = reading_positions(batch.n_residues, batch.tokens.shape[1], direction)[0]
    for step in range(7):
        changed = batch.tokens.clone()
        for later in order[step:8]:
            changed[0, later] = sequencer.vocabulary.index["G"]
        with torch.no_grad():
            before = sequencer(batch)[-1, 0, order[: step + 1]]
            after = sequencer(LabelledSpectra(batch.spectra, changed))[-1, 0, order[: step + 1]]
        torch.testing.assert_close(before, after)


def test_padding_peaks_changes_no_logit(make_sequencer, make_batch):
    sequencer = make_sequencer()
    with torch.no_grad():
        plain = sequencer(make_batch("PEPTIDEK"))
        padded = sequencer(make_batch("PEPTIDEK", n_extra=7))
    torch.testing.assert_close(plain, padded, atol=1e-5, rtol=1e-5)


def test_neighbours_in_a_batch_change_no_logit(make_sequencer, make_batch):
    sequencer = make_sequencer()
    with torch.no_grad():
        alone = sequencer(make_batch("PEPTIDEK"))[-1, 0]
        together = sequencer(make_batch("PEPTIDEK", "AAAAAAAAAAAAWK"))[-1, 0, : len(alone)]
    torch.testing.assert_close(alone, together, atol=1e-4, rtol=1e-4)


def test_only_canonical_residues_and_the_end_can_be_chosen(make_sequencer, make_batch):
    sequencer = make_sequencer()
    vocabulary = sequencer.vocabulary
    with torch.no_grad():
        chosen = sequencer(make_batch("PEPTIDEK"))[-1].softmax(-1).sum((0, 1)).nonzero().flatten()
    assert chosen.tolist() == sorted([EOS, *vocabulary.candidates.tolist()])
    assert vocabulary.index["I"] not in chosen
    assert chosen.min() < FIRST_RESIDUE


def test_selecting_states_equals_selecting_spectra(make_sequencer, make_batch):
    sequencer = make_sequencer()
    batch = make_batch("PEPTIDEK", "GGMAK", "WWK")
    index = torch.tensor([2, 0, 0])
    with torch.no_grad():
        state = sequencer.initial_state(batch.spectra)
        _, state = sequencer.next_residue_logits(state, torch.full((3,), SOS))
        tokens = batch.tokens[:, 0]
        wanted, _ = sequencer.next_residue_logits(state, tokens)
        logits, _ = sequencer.next_residue_logits(state.select(index), tokens[index])
    torch.testing.assert_close(logits, wanted[index], atol=1e-5, rtol=1e-5)


def test_every_weight_gets_a_gradient(make_sequencer, make_batch):
    sequencer = make_sequencer()
    batch = make_batch("PEPTIDEK", "GGMAK")
    logits = sequencer(batch)[-1]
    torch.nn.functional.cross_entropy(
        logits[batch.target_mask], batch.tokens[batch.target_mask]
    ).backward()
    silent = [name for name, p in sequencer.named_parameters() if p.grad is None]
    assert silent == []


def test_a_spectrum_without_peaks_gives_finite_logits(make_sequencer, common):
    nothing = Spectra(
        torch.zeros(1, 1),
        torch.zeros(1, 1),
        torch.zeros(1, 1, dtype=torch.bool),
        torch.tensor([800.0 + WATER_MASS], dtype=torch.float64),
        torch.tensor([2]),
    )
    sequencer = make_sequencer()
    with torch.no_grad():
        state = sequencer.initial_state(nothing)
        logits, _ = sequencer.next_residue_logits(state, torch.tensor([SOS]))
    assert logits.isfinite().all()


def test_half_precision_reads_step_by_step(make_sequencer, make_batch):
    sequencer = make_sequencer()
    batch = make_batch("PEPTIDEK", "GGMAK")
    logits = {}
    for is_half in (False, True):
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=is_half):
            state = sequencer.initial_state(batch.spectra)
            _, state = sequencer.next_residue_logits(state, torch.full((2,), SOS))
            logits[is_half], _ = sequencer.next_residue_logits(state, batch.tokens[:, 0])
    torch.testing.assert_close(logits[True].float(), logits[False], atol=0.1, rtol=0.1)


@pytest.mark.parametrize("kind", [EvidenceSequencer, TransformerSequencer])
def test_an_unknown_direction_is_named(kind, common):
    with pytest.raises(InputError, match="sideways"):
        kind(common, direction="sideways")
