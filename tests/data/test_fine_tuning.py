import numpy as np
import pytest
import torch

from denovo.chemistry import mass_to_mz
from denovo.data import FineTuningData
from denovo.data.fine_tuning import is_measured, measured_before
from denovo.errors import InputError
from denovo.training.callbacks import CurriculumCallback
from tests.helpers.tiny_training import (
    NOISE,
    CutAt,
    SmallSources,
    Witness,
    small_system,
    small_trainer,
    two_stages,
)


@pytest.fixture
def labelled(canonical, tmp_path):
    """A file of forty measured spectra, two of each peptide."""
    rng = np.random.default_rng(1)
    text = []
    for number in range(20):
        peptide = "".join(rng.choice(list("GASPVTLNDQEMHFYW"), 6 + number % 3)) + "K"
        mz = mass_to_mz(canonical.peptide_mass(canonical.encode(peptide)), 2)
        for form in (peptide, peptide.replace("L", "I")):
            peaks = "".join(f"{v:.4f} 1\n" for v in sorted(rng.uniform(150, 900, 12)))
            head = f"BEGIN IONS\nTITLE={len(text)}\nPEPMASS={mz}\nCHARGE=2+\n"
            text.append(f"{head}SEQ={form}\n{peaks}END IONS\n")
    path = tmp_path / "labelled.mgf"
    path.write_text("".join(text))
    return path


def data_of(vocabulary, labelled, curriculum=None, **options):
    settings = {"seed": 0, "batch_size": 4, "n_peaks": 40, "held_out": 0.3, "measured_share": 0.5}
    curriculum = curriculum or two_stages(4, noise=NOISE)
    return FineTuningData(
        vocabulary, SmallSources, curriculum=curriculum, train=str(labelled), **settings | options
    )


def witnessed(vocabulary, labelled, *callbacks, ckpt_path=None, validate=True, **options):
    curriculum, witness = two_stages(4, noise=NOISE), Witness()
    data = data_of(vocabulary, labelled, curriculum, **options)
    trainer = small_trainer(
        curriculum,
        [CurriculumCallback(curriculum), witness, *callbacks],
        limit_val_batches=1.0 if validate else 0,
    )
    trainer.fit(small_system(vocabulary), data, ckpt_path=ckpt_path, weights_only=True)
    return witness


def assert_same(one, other):
    for mine, theirs in zip(one, other, strict=True):
        assert torch.equal(mine.tokens, theirs.tokens)
        assert torch.equal(mine.spectra.mz, theirs.spectra.mz)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 1.0])
def test_a_share_of_the_batches_is_measured(share):
    kinds = [is_measured(number, share) for number in range(200)]
    assert sum(kinds) == 200 * share
    assert [sum(kinds[:n]) for n in range(200)] == [measured_before(n, share) for n in range(200)]


def test_no_peptide_stands_on_two_sides_measured_or_simulated(canonical, labelled):
    sources = data_of(canonical, labelled).sources
    train = sources.open("train")
    val = sources.open("val")
    held = {val.source.identities[row] for row in val.rows}
    seen = {train.measured.source.identities[row] for row in train.measured.rows}
    assert held and seen and held.isdisjoint(seen)  # noqa: PT018
    assert len(val) + len(train.measured) == 40
    assert len(val) == 2 * len(held)


def test_simulated_spectra_of_held_out_peptides_are_left_out(canonical, labelled):
    sources = data_of(canonical, labelled).sources
    sources.open("val")
    simulated = sources.simulated.open("train")
    sources._peptides["val"].add(simulated.identities[5])
    rows = sources.open("train").simulated.rows
    assert 5 not in rows
    assert len(rows) == len(simulated) - 1


def test_measured_spectra_get_no_noise_in_training(canonical, labelled):
    witness = witnessed(canonical, labelled)
    data = data_of(canonical, labelled)
    source = data.sources.open("train").measured
    batch = source.read(np.arange(len(source)))
    known = {round(float(v), 3) for v in batch.spectra.mz.flatten()}
    for batch in witness.batches:
        shown = {round(float(v), 3) for v in batch.spectra.mz.flatten()}
        assert (shown <= known | {0.0}) == is_measured(batch.number, 0.5)


@pytest.mark.slow
def test_a_resumed_run_and_one_with_workers_see_what_an_uninterrupted_one_sees(
    canonical, labelled, tmp_path
):
    whole = witnessed(canonical, labelled, CutAt(3, tmp_path))
    resumed = witnessed(canonical, labelled, ckpt_path=tmp_path / "cut.ckpt")
    assert_same(resumed.batches, whole.batches[3:])
    assert_same(witnessed(canonical, labelled, n_workers=2, validate=False).batches, whole.batches)
    assert {"val/peptide_recall", "val_noisy/peptide_recall", "val_clean/peptide_recall"} <= set(
        whole.validations[-1]
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [({"measured_share": 0}, "measured_share"), ({"held_out": 1.0}, "held_out")],
)
def test_shares_out_of_range_are_refused(canonical, labelled, options, named):
    with pytest.raises(InputError, match=named):
        data_of(canonical, labelled, **options)


def test_a_file_whose_peptides_are_all_for_validation_is_named(canonical, labelled):
    with pytest.raises(InputError, match="no spectrum is left to train on"):
        data_of(canonical, labelled, val=str(labelled)).sources.open("train")
