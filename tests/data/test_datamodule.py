"""Batches and noise are functions of the step, whoever reads them."""

import numpy as np
import pytest
import torch
from lightning.pytorch.strategies import SingleDeviceStrategy
from omegaconf import OmegaConf

from denovo.curriculum import Curriculum
from denovo.data import AnnotatedData
from denovo.errors import InputError
from denovo.training.callbacks import CurriculumCallback
from denovo.training.configuration import build
from tests.helpers.tiny_training import (
    N_SPECTRA,
    NOISE,
    CutAt,
    Witness,
    small_data,
    small_trainer,
    train_small,
)

MGF = "BEGIN IONS\nTITLE={0}\nPEPMASS=400.2\nCHARGE=2+\nSEQ=GASPK\n100.0 1.0\nEND IONS\n"


def noise_from(step: int, n_steps: int = 6) -> Curriculum:
    """Clean up to a step, noise after it."""
    return Curriculum(
        [
            {"name": "clean", "start": 0, "end": step,
             "weights": {"token": 1.0, "precursor": 0.0}},
            {"name": "noise", "start": step, "end": n_steps, "noise": NOISE},
        ],
    )  # fmt: skip


def attached(vocabulary, curriculum, accumulate=1, strategy="auto", **options):
    """Attach a data module to a trainer that is at its first step."""
    trainer = small_trainer(curriculum, accumulate_grad_batches=accumulate, strategy=strategy)
    data = small_data(vocabulary, curriculum, **options)
    data.trainer, trainer.training = trainer, True
    data.setup("fit")
    return data


def shown(data, number, indices=range(12), loader=0):
    """Let spectra pass as batch ``number``."""
    batch = data._opened["train"].read(np.array(indices))
    numbered = type(batch)(batch.spectra, batch.tokens, number)
    return batch, data.on_after_batch_transfer(numbered, loader)


def equal(one, other):
    tensors = zip(
        (one.tokens, *vars(one.spectra).values()),
        (other.tokens, *vars(other.spectra).values()),
        strict=True,
    )
    return all(a.shape == b.shape and torch.equal(a, b) for a, b in tensors)


@pytest.mark.slow
def test_two_workers_and_none_show_the_same_spectra_with_the_same_noise(canonical):
    curriculum = noise_from(3)
    runs = []
    for n_workers in (0, 2):
        witness = Witness()
        callbacks = [CurriculumCallback(curriculum), witness]
        train_small(canonical, curriculum, callbacks, n_workers=n_workers, limit_val_batches=0)
        runs.append(witness.batches)
    assert len(runs[0]) == 6
    for number, (one, other) in enumerate(zip(*runs, strict=True)):
        assert one.number == other.number == number
        assert equal(one, other)
    assert not any(equal(runs[0][0], batch) for batch in runs[0][1:])


def test_noise_is_the_same_for_the_same_batch_and_other_for_another(canonical):
    data, again = (attached(canonical, noise_from(2)) for _ in range(2))
    _, first = shown(data, 5)
    shown(data, 6)  # what is drawn in between changes nothing
    assert equal(first, shown(data, 5)[1])
    assert equal(first, shown(again, 5)[1])
    assert not equal(first, shown(data, 6)[1])


def test_another_seed_and_another_rank_have_other_noise(canonical):
    _, first = shown(attached(canonical, noise_from(2)), 5)
    assert not equal(first, shown(attached(canonical, noise_from(2), seed=1), 5)[1])
    strategy = SingleDeviceStrategy(torch.device("cpu"))
    strategy.global_rank = 1
    assert not equal(first, shown(attached(canonical, noise_from(2), strategy=strategy), 5)[1])


@pytest.mark.parametrize("accumulate", [1, 2])
def test_noise_begins_at_the_step_of_its_stage(canonical, accumulate):
    data = attached(canonical, noise_from(2), accumulate=accumulate)
    for number in range(4 * accumulate):
        clean, batch = shown(data, number)
        is_noisy = not torch.equal(clean.spectra.precursor_mass, batch.spectra.precursor_mass)
        assert is_noisy == (number >= 2 * accumulate)


def test_accumulated_batches_are_as_many_as_the_steps_need(canonical):
    loader = attached(canonical, noise_from(2), accumulate=2).train_dataloader()
    assert [batch.number for batch in loader] == list(range(12))


def test_a_resumed_run_goes_on_with_the_batch_behind_the_last_accumulated_one(canonical, tmp_path):
    curriculum, cut, witness = noise_from(2), CutAt(2, tmp_path), Witness()
    options = {"accumulate_grad_batches": 2, "limit_val_batches": 0}
    train_small(canonical, curriculum, [cut], **options)
    train_small(canonical, curriculum, [witness], ckpt_path=cut.path, **options)
    assert [batch.number for batch in witness.batches] == list(range(4, 12))


def test_the_noisy_set_has_the_noise_of_the_last_stage_on_every_spectrum(canonical):
    data = attached(canonical, noise_from(5))
    data.trainer.validating = True
    clean, noisy = shown(data, 0, loader=1)
    assert (clean.spectra.precursor_mass != noisy.spectra.precursor_mass).all()
    assert torch.equal(clean.tokens, noisy.tokens)
    assert equal(noisy, shown(data, 0, loader=1)[1])


def test_the_clean_set_is_what_the_source_says(canonical):
    data = attached(canonical, noise_from(5))
    data.trainer.validating = True
    clean, seen = shown(data, 0, loader=0)
    assert equal(clean, seen)


def test_training_leaves_a_share_of_the_spectra_clean(canonical):
    clean, batch = shown(attached(canonical, noise_from(2)), 3, indices=range(96))
    changed = (clean.spectra.precursor_mass != batch.spectra.precursor_mass).double().mean()
    assert 0.3 < changed < 0.7


def test_there_is_a_noisy_set_only_where_there_is_noise_and_it_is_wanted(canonical):
    quiet = Curriculum([{"name": "all", "start": 0, "end": 6, "weights": {"token": 1.0}}])
    assert len(attached(canonical, noise_from(2)).val_dataloader()) == 2
    assert len(attached(canonical, quiet).val_dataloader()) == 1
    assert len(attached(canonical, noise_from(2), evaluate_noisy=False).val_dataloader()) == 1


def test_validation_shows_every_spectrum_once_up_to_its_limit(canonical):
    for n_val, expected in ((1000, N_SPECTRA["val"]), (5, 5)):
        clean, noisy = attached(canonical, noise_from(2), n_val=n_val).val_dataloader()
        assert sum(len(batch) for batch in clean) == sum(len(b) for b in noisy) == expected


def test_overfitting_shows_the_same_few_spectra_everywhere(canonical):
    data = attached(canonical, noise_from(2), n_overfit=8)
    few = {tuple(row) for row in shown(data, 0, indices=range(8))[0].tokens.tolist()}

    def peptides(loader):
        rows = [row for batch in loader for row in batch.tokens.tolist()]
        return {tuple(token for token in row if token) for row in rows}

    few = {tuple(token for token in row if token) for row in few}
    assert peptides(data.train_dataloader()) == few
    assert peptides(data.val_dataloader()[0]) == few


def test_measured_spectra_are_validated_as_they_are(root, canonical, tmp_path):
    """The shipped settings add no simulated noise to what an instrument has measured."""
    file = tmp_path / "a.mgf"
    file.write_text("".join(MGF.format(i) for i in range(16)))
    outer = {"seed": 0, "size": {"batch_size": 8, "val_spectra": 16, "test_spectra": 16}}
    settings = OmegaConf.load(root / "conf" / "data" / "annotated.yaml")
    config = OmegaConf.create(outer | {"data": settings}).data
    config.train = config.val = str(file)
    data = build(config, vocabulary=canonical, curriculum=noise_from(2))
    assert isinstance(data, AnnotatedData)
    data.trainer = small_trainer(noise_from(2))
    data.setup("fit")
    assert len(data.val_dataloader()) == 1
    assert sum(len(batch) for batch in data.val_dataloader()[0]) == 16


def test_a_stage_with_too_few_spectra_is_named_before_training(canonical):
    with pytest.raises(InputError, match="'clean' has 96 spectra"):
        attached(canonical, noise_from(2), batch_size=97).train_dataloader()


@pytest.mark.parametrize(
    "options", [{"n_peaks": 0}, {"eval_batch_size": 0}, {"n_val": 0}, {"n_test": 0}]
)
def test_counts_below_one_are_named(canonical, options):
    with pytest.raises(InputError, match="at least 1"):
        small_data(canonical, noise_from(2), **options)


def test_shuffled_peaks_show_every_peptide_the_noisy_peaks_of_another_in_training_alone(canonical):
    data = attached(canonical, noise_from(2))
    control = attached(canonical, noise_from(2), shuffle_peaks=True)
    (_, plain), (_, shuffled) = shown(data, 5), shown(control, 5)
    assert torch.equal(plain.tokens, shuffled.tokens)
    assert torch.equal(plain.spectra.precursor_mass, shuffled.spectra.precursor_mass)
    rows = plain.spectra.mz.tolist()
    partners = [rows.index(row) for row in shuffled.spectra.mz.tolist()]
    assert sorted(partners) == list(range(12))
    assert all(own != other for own, other in enumerate(partners))
    for module in (data, control):
        module.trainer.training = False
        module.trainer.validating = True
    assert equal(shown(data, 5)[1], shown(control, 5)[1])
