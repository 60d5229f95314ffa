"""What an offline W&B run holds: figures under their names, pictures, tables, the best score."""

import pytest
import wandb
from lightning.pytorch.loggers import CSVLogger, WandbLogger

from denovo.callbacks import CurriculumCallback, ExampleSpectra, StageHistory
from denovo.callbacks.wandb_media import WandbMedia
from denovo.dashboard import MEDIA
from denovo.report import write_config
from tests.small import small_data, small_system, small_trainer, two_stages
from tests.wandb_file import OfflineRun


def trained(vocabulary, run_dir, **options):
    """Fit and test with W&B, as `train.py` does."""
    curriculum = two_stages(3)
    wandb_logger = WandbLogger(
        name="small", save_dir=run_dir, project="denovo", **options,
        settings=wandb.Settings(silent=True, x_disable_stats=True),
    )  # fmt: skip
    loggers = [wandb_logger, CSVLogger(run_dir, name="", version="metrics")]
    callbacks = [
        CurriculumCallback(curriculum), StageHistory(curriculum, every_n_steps=1),
        ExampleSpectra(run_dir, n_spectra=4), WandbMedia(run_dir),
    ]  # fmt: skip
    data, system = small_data(vocabulary, curriculum), small_system(vocabulary)
    trainer = small_trainer(
        curriculum, callbacks, logger=loggers, val_check_interval=3, default_root_dir=run_dir
    )
    write_config(run_dir, {"name": "small"})
    try:
        trainer.fit(system, data)
        trainer.test(system, data, verbose=False)
    finally:
        wandb.finish()
    return trainer


@pytest.fixture(scope="module")
def offline(canonical, tmp_path_factory):
    """A run that never saw a network."""
    run_dir = tmp_path_factory.mktemp("offline")
    trained(canonical, run_dir, offline=True, mode="offline")
    return OfflineRun(run_dir)


def test_the_figures_that_dashboards_rely_on_have_their_names(offline):
    named = {"train/precursor_loss", "train/ppm_error", "train/mass_error_da", "val/peptide_recall"}
    assert named | {"curriculum/stage", "trainer/global_step"} <= offline.logged


def test_steps_are_those_of_the_optimizer(offline):
    assert offline.step_of["*"] == "trainer/global_step"
    assert offline.step_of["val/peptide_recall"] == "trainer/global_step"


def test_pictures_and_tables_are_there(offline):
    assert offline.media == {
        "media/ppm_error": "image-file",
        "media/learning_curves": "image-file",
        "media/recall_by_length": "image-file",
        "media/spectra": "images/separated",
        "media/examples": "table-file",
        "media/stages": "table-file",
    }
    assert set(offline.media) - {"media/examples", "media/stages"} <= set(MEDIA)


def test_the_summary_holds_the_test(offline):
    assert offline.summary["test"] == offline.summary["test/peptide_recall"]


def test_a_run_with_wandb_switched_off_goes_on(canonical, tmp_path):
    assert trained(canonical, tmp_path, mode="disabled").global_step == 6
    assert not list(tmp_path.glob("wandb/*run-*"))


def test_a_picture_that_cannot_be_made_stops_nothing(canonical, tmp_path, caplog):
    (tmp_path / "tripwires.jsonl").write_text("damaged")
    assert trained(canonical, tmp_path, mode="disabled").global_step == 6
    assert "media for W&B could not be made" in caplog.text
