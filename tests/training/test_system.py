"""What training logs, and that all its parts speak of the same residues."""

from functools import partial

import pytest
import torch

from denovo.chemistry import ResidueAlphabet, Vocabulary
from denovo.data import SequencingData
from denovo.decoding import GreedyDecoder
from denovo.errors import InputError
from denovo.losses import CompositeLoss, PrecursorMassLoss, TokenLoss
from denovo.training.system import SequencerTraining
from denovo.typing import Tensor
from tests.helpers.tiny_training import (
    Recorder,
    SmallSources,
    small_data,
    small_system,
    small_trainer,
    two_stages,
)


def rotated(vocabulary: Vocabulary) -> Vocabulary:
    """As many residues, of which two have changed places."""
    other = Vocabulary(ResidueAlphabet("rotated", list("AGSPVTCLINDQKEMHFRYW")))
    assert len(other) == len(vocabulary)
    return other


def heavier(vocabulary: Vocabulary) -> Vocabulary:
    """The same tokens, of which one has another mass."""
    other = Vocabulary(vocabulary.alphabet)
    other.masses = vocabulary.masses.clone()
    other.masses[4] += 0.5
    return other


OTHERS = pytest.mark.parametrize(
    ("make_other", "difference"),
    [(rotated, "'G' here, 'A' there"), (heavier, "'G' weighs 57.021464 Da here, 57.521464 Da")],
)


def loss_of(vocabulary: Vocabulary) -> CompositeLoss:
    return CompositeLoss(vocabulary, {"token": TokenLoss, "precursor": PrecursorMassLoss})


def system_of(vocabulary: Vocabulary, sequencer: torch.nn.Module, loss: CompositeLoss) -> None:
    SequencerTraining(
        vocabulary, sequencer, loss, GreedyDecoder(), partial(torch.optim.SGD, lr=0.01)
    )


@OTHERS
def test_a_loss_of_another_vocabulary_is_refused(canonical, make_other, difference):
    loss, sequencer = loss_of(make_other(canonical)), small_system(canonical).sequencer
    message = f"^the system and the loss term token number residues.*{difference}"
    with pytest.raises(InputError, match=message):
        system_of(canonical, sequencer, loss)
    # One term among good ones is found too.
    mixed = loss_of(canonical)
    mixed.terms["precursor"] = loss.terms["precursor"]
    with pytest.raises(InputError, match="the loss term precursor"):
        system_of(canonical, sequencer, mixed)


@OTHERS
def test_a_sequencer_of_another_vocabulary_is_refused(canonical, make_other, difference):
    sequencer = small_system(make_other(canonical)).sequencer
    with pytest.raises(InputError, match=f"^the system and the sequencer.*{difference}"):
        system_of(canonical, sequencer, loss_of(canonical))


@OTHERS
@pytest.mark.parametrize("start", ["fit", "validate", "test"])
def test_data_of_another_vocabulary_are_refused(canonical, make_other, difference, start):
    curriculum = two_stages(1)
    data, trainer = small_data(make_other(canonical), curriculum), small_trainer(curriculum)
    with pytest.raises(InputError, match=f"^the system and the data .*{difference}"):
        getattr(trainer, start)(small_system(canonical), datamodule=data)
    assert trainer.global_step == 0


@OTHERS
def test_spectra_of_another_vocabulary_than_their_data_are_refused(
    canonical, make_other, difference
):
    curriculum = two_stages(1)

    def sources(vocabulary: Vocabulary) -> SmallSources:
        return SmallSources(make_other(vocabulary))

    data = SequencingData(canonical, sources, curriculum, seed=0, batch_size=8)
    with pytest.raises(InputError, match=f"^the data and its spectra for train .*{difference}"):
        small_trainer(curriculum).fit(small_system(canonical), datamodule=data)


@pytest.fixture(scope="module")
def first_step(canonical):
    """What the first training step logs, and the masses that it is computed from."""
    system, logged, curriculum = small_system(canonical), Recorder(), two_stages(1)
    system.loss.set_weights({"token": 1.0, "precursor": 0.25})
    seen: list[tuple[Tensor, Tensor]] = []
    forward = system.sequencer.forward

    def witnessed(batch):
        logits = forward(batch)
        probability = logits[-1][..., 4:].detach().double().softmax(-1)
        masses = torch.where(batch.residue_mask, probability @ canonical.masses[4:], 0.0)
        seen.append((masses.sum(-1) + 18.010564684, batch.spectra.precursor_mass))
        return logits

    system.sequencer.forward = witnessed
    trainer = small_trainer(curriculum, logger=logged, limit_val_batches=0)
    trainer.fit(system, small_data(canonical, curriculum))
    expected, observed = seen[0]
    difference = expected - observed
    assert difference.min() < 0 < difference.max()  # else signed and absolute errors would agree
    return {name: values[0] for name, values in logged.values.items()}, expected, observed


def test_the_logged_ppm_error_is_absolute_and_in_parts_per_million(first_step):
    logged, expected, observed = first_step
    ppm = ((expected - observed) / observed * 1e6).abs()
    assert logged["train/ppm_error"] == pytest.approx(ppm.mean().item(), rel=1e-5)
    assert logged["train/ppm_error_median"] == pytest.approx(ppm.median().item(), rel=1e-5)


def test_the_logged_mass_error_is_absolute_and_in_dalton(first_step):
    logged, expected, observed = first_step
    mean = (observed - expected).abs().mean().item()
    assert logged["train/mass_error_da"] == pytest.approx(mean, rel=1e-5)


def test_the_logged_terms_are_unweighted_and_the_loss_is_weighted(first_step):
    logged, _, _ = first_step
    token, precursor = logged["train/loss_token"], logged["train/loss_precursor"]
    assert logged["train/precursor_loss"] == precursor > 0
    assert logged["train/loss"] == pytest.approx(token + 0.25 * precursor, rel=1e-5)
