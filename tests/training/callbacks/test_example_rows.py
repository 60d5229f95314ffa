"""Spectra read for people to look at: what is kept, and that no label gets in."""

import pytest
import torch
from torch import nn

from denovo.chemistry import EOS, ppm_error
from denovo.decoding import GreedyDecoder
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.training.callbacks.examples import read_as_examples
from tests.helpers.tiny_training import small_system

TRUTH = "PEPTLDEK"
DRAFTS = ("PEPK", "PEPTLDEG", "PEPTLDEK")


class Refiner(nn.Module):
    """Says ``DRAFTS`` in three steps, whatever it is shown, and keeps the tokens it was shown."""

    direction = "forward"
    n_refinements = len(DRAFTS)

    def __init__(self, vocabulary, answer=DRAFTS[-1]):
        super().__init__()
        self.vocabulary, self.answer, self.shown = vocabulary, answer, []
        self.dropout = nn.Dropout(0.5)

    def forward(self, batch):
        self.shown.append(batch.tokens)
        width = batch.tokens.shape[1]
        steps = [self._sure(draft, width) for draft in DRAFTS]
        return torch.stack([step.expand(len(batch), -1, -1) for step in steps])

    def _sure(self, peptide, width):
        tokens = [*self.vocabulary.encode(peptide), EOS]
        tokens += [EOS] * (width - len(tokens))
        return 50.0 * nn.functional.one_hot(torch.tensor(tokens[:width]), len(self.vocabulary))

    def initial_state(self, spectra):
        assert not self.training
        return 0

    def next_residue_logits(self, state, last_token):
        logits = self._sure(self.answer, len(self.answer) + 1)[state]
        return logits.expand(len(last_token), -1).float(), state + 1


@pytest.fixture
def batch(canonical):
    tokens = canonical.encode(TRUTH)
    mass = canonical.peptide_mass(tokens)
    spectra = Spectra(
        torch.tensor([[147.0, 300.0, 0.0]] * 2),
        torch.tensor([[1.0, 0.5, 0.0]] * 2),
        torch.tensor([[True, True, False]] * 2),
        torch.full((2,), mass, dtype=torch.float64),
        torch.tensor([2, 3]),
    )
    return LabelledSpectra(spectra, pad_tokens([tokens, tokens[::-1]]))


def read(sequencer, batch):
    return read_as_examples(sequencer, GreedyDecoder(), batch, ["one", "two"])


def test_right_and_wrong_answers_are_told_apart(canonical, batch):
    right, wrong = read(Refiner(canonical), batch)
    assert (right.is_right, wrong.is_right) == (True, False)
    assert (right.prediction, right.truth, right.identifier) == (TRUTH, TRUTH, "one")
    assert wrong.truth == TRUTH[::-1]
    assert all(residue.is_right for residue in right.residues)
    assert not all(residue.is_right for residue in wrong.residues)


def test_an_example_holds_the_spectrum_without_padding(canonical, batch):
    first, second = read(Refiner(canonical), batch)
    assert (first.mz, first.intensity) == ((147.0, 300.0), (1.0, 0.5))
    assert (first.precursor_charge, second.precursor_charge) == (2, 3)
    # PEPTLDEK with two protons, from pyteomics.mass.calculate_mass.
    assert first.precursor_mz == pytest.approx(464.7347, abs=1e-4)
    assert first.ppm_error == pytest.approx(0, abs=1e-6)
    assert first.log_probability == pytest.approx(0, abs=1e-6)
    assert first.residues[0].mass == pytest.approx(97.05276, abs=1e-5)


def test_each_refinement_step_is_an_answer_with_its_soft_error(canonical, batch):
    example = read(Refiner(canonical), batch)[0]
    said = ["".join(residue.name for residue in step.residues) for step in example.refinements]
    assert said == list(DRAFTS)
    masses = [canonical.peptide_mass(canonical.encode(draft)) for draft in DRAFTS]
    true = torch.tensor(canonical.peptide_mass(canonical.encode(TRUTH)), dtype=torch.float64)
    expected = [float(ppm_error(true, torch.tensor(m, dtype=torch.float64))) for m in masses]
    assert [step.ppm_error for step in example.refinements] == pytest.approx(expected, abs=1e-3)
    verdicts = ["".join("01"[r.is_right] for r in step.residues) for step in example.refinements]
    assert verdicts == ["1111", "11111110", "11111111"]


def test_the_sequencer_is_never_shown_the_label(canonical, batch):
    sequencer = Refiner(canonical, answer="GGK")
    read(sequencer, batch)
    assert [tokens.tolist() for tokens in sequencer.shown] == [
        pad_tokens([canonical.encode("GGK")] * 2).tolist()
    ]


def test_the_network_is_left_in_the_mode_it_was_in(canonical, batch):
    sequencer = Refiner(canonical).train()
    sequencer.dropout.eval()
    read(sequencer, batch)
    assert (sequencer.training, sequencer.dropout.training) == (True, False)


def test_a_sequencer_of_one_step_has_no_refinements_and_the_same_answer_twice(canonical, batch):
    sequencer = small_system(canonical).sequencer.train()
    state = torch.get_rng_state()
    first, second = read(sequencer, batch), read(sequencer, batch)
    assert first == second
    assert all(example.refinements == () for example in first)
    assert torch.equal(torch.get_rng_state(), state)
