"""Example spectra of a run: kept after every validation, without a trace in the training."""

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from denovo.errors import InputError
from denovo.reports.runs import read_examples
from denovo.training.callbacks import CurriculumCallback, ExampleSpectra
from tests.helpers.tiny_training import NOISE, Witness, train_small, two_stages


def trained(vocabulary, *others, **options):
    curriculum = two_stages(3, noise=NOISE)
    witness = Witness()
    callbacks = [CurriculumCallback(curriculum), witness, *others]
    trainer = train_small(vocabulary, curriculum, callbacks, **options)
    return witness, trainer


def test_the_first_right_and_wrong_answers_are_kept(canonical, tmp_path):
    trained(canonical, ExampleSpectra(tmp_path, n_wrong=3), val_check_interval=3)
    kept = read_examples(tmp_path)
    assert (kept.step, kept.spectra) == (6, "noisy")
    assert len(kept.examples) == 3  # six steps teach nothing, so all are wrong
    assert all(len(example.mz) > 0 for example in kept.examples)


def test_the_same_spectra_are_shown_every_time(canonical, tmp_path):
    for name, interval in (("often", 2), ("once", 6)):
        trained(canonical, ExampleSpectra(tmp_path / name), val_check_interval=interval)
    assert read_examples(tmp_path / "often") == read_examples(tmp_path / "once")


def test_training_that_went_on_after_the_last_validation_is_shown_too(canonical, tmp_path):
    trained(canonical, ExampleSpectra(tmp_path), val_check_interval=4)
    assert read_examples(tmp_path).step == 6


def test_a_run_with_examples_equals_one_without(canonical, tmp_path):
    runs = [
        trained(canonical, *callbacks, val_check_interval=2)
        for callbacks in ((), (ExampleSpectra(tmp_path),))
    ]
    (plain, one), (watched, other) = runs
    assert plain.logged == watched.logged
    weights = [trainer.lightning_module.state_dict() for trainer in (one, other)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


class AfterSanityCheck(Callback):
    """Look whether there are examples before training has begun."""

    def __init__(self, run_dir):
        self.run_dir, self.found = run_dir, None

    def on_sanity_check_end(self, trainer, pl_module):
        self.found = (self.run_dir / "examples.json").exists()


def test_a_sanity_check_leaves_nothing(canonical, tmp_path):
    after = AfterSanityCheck(tmp_path)
    trained(canonical, ExampleSpectra(tmp_path), after, max_steps=1, num_sanity_val_steps=1)
    assert after.found is False


@pytest.mark.parametrize("fault", [{"n_spectra": 0}, {"n_right": -1}, {"n_wrong": -1}])
def test_counts_that_make_no_sense_are_refused(tmp_path, fault):
    with pytest.raises(InputError, match="n_spectra must be at least 1"):
        ExampleSpectra(tmp_path, **fault)
