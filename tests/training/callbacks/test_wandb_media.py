"""What an offline W&B run holds: figures under their names, pictures, tables, the best score."""

import pytest
import wandb
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import CSVLogger

from denovo.reports.dashboard import MEDIA
from denovo.training.callbacks import CurriculumCallback, ExampleSpectra, StageHistory
from denovo.training.callbacks.wandb_media import WandbMedia, WandbRun
from denovo.training.summary import write_config
from tests.helpers.tiny_training import small_data, small_system, small_trainer, two_stages
from tests.helpers.wandb_file import OfflineRun


def trained(vocabulary, run_dir, *more, **options):
    """Fit and test with W&B, as `train.py` does."""
    curriculum = two_stages(3)
    wandb_logger = WandbRun(
        name="small", save_dir=run_dir, project="denovo", **options,
        settings=wandb.Settings(silent=True, x_disable_stats=True),
    )  # fmt: skip
    loggers = [wandb_logger, CSVLogger(run_dir, name="", version="metrics")]
    callbacks = [
        CurriculumCallback(curriculum), StageHistory(curriculum, every_n_steps=1),
        ExampleSpectra(run_dir, n_spectra=4), WandbMedia(run_dir, 2), *more,
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
    assert {n: kind for n, kind in offline.media.items() if n.startswith("media/")} == {
        "media/ppm_error": "image-file",
        "media/learning_curves": "image-file",
        "media/recall_by_length": "image-file",
        "media/spectra": "images/separated",
        "media/examples": "table-file",
        "media/stages": "table-file",
    }
    pictures = {name for name, kind in offline.media.items() if kind.startswith("image")}
    assert pictures <= set(MEDIA)


def test_gradients_of_each_part_are_histograms(offline, canonical):
    sequencer = small_system(canonical).sequencer
    with_parameters = {n for n, part in sequencer.named_children() if list(part.parameters())}
    found = {n for n, kind in offline.media.items() if kind == "histogram"}
    assert found == {f"gradients/of_{name}" for name in with_parameters}


def test_media_are_sent_after_each_validation(offline):
    assert offline.media_steps == {3, 6}


def test_the_summary_holds_the_test(offline):
    assert offline.summary["test"] == offline.summary["test/peptide_recall"]


@pytest.mark.slow
def test_a_run_with_wandb_switched_off_goes_on(canonical, tmp_path):
    assert trained(canonical, tmp_path, mode="disabled").global_step == 6
    assert not list(tmp_path.glob("wandb/*run-*"))


def test_a_picture_that_cannot_be_made_stops_nothing(canonical, tmp_path, caplog):
    (tmp_path / "tripwires.jsonl").write_text("damaged")
    assert trained(canonical, tmp_path, mode="disabled").global_step == 6
    assert "media for W&B could not be made" in caplog.text


class Dies(Callback):
    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == 5:
            raise RuntimeError("the machine is gone")


@pytest.mark.slow
def test_a_run_that_dies_keeps_its_history_and_pictures(canonical, tmp_path):
    with pytest.raises(RuntimeError, match="gone"):
        trained(canonical, tmp_path, Dies(), offline=True, mode="offline")
    run = OfflineRun(tmp_path)
    assert "train/precursor_loss" in run.logged
    assert {"media/learning_curves", "media/examples", "media/stages"} <= set(run.media)


def test_the_id_of_a_run_lies_in_its_folder_and_stays(tmp_path):
    one, again = (WandbRun(tmp_path, project="denovo", offline=True) for _ in range(2))
    other = WandbRun(tmp_path / "other", project="denovo", offline=True)
    assert one.version == again.version != other.version
    assert (tmp_path / "wandb" / "id.txt").read_text() == f"{one.version}\n"


def test_a_history_that_is_gone_on_with_counts_on(tmp_path):
    settings = {"project": "denovo", "offline": True, "mode": "offline"}
    silent = wandb.Settings(silent=True, x_disable_stats=True)
    positions = []
    for rows in (range(3), range(3, 5)):
        logger = WandbRun(tmp_path, settings=silent, **settings)
        if positions:
            logger.go_on_from(positions[-1])
        for step in rows:
            logger.log_metrics({"train/loss": 1.0}, step)
        positions.append(logger.position())
        wandb.finish()
    assert positions == [3, 5]
    # Of two runs within a second, the name of the second folder has another number behind the id.
    assert len({path.name.split("-")[3] for path in tmp_path.glob("wandb/offline-run-*")}) == 1


def test_nothing_that_wandb_warns_of_is_passed_on(tmp_path):
    logger = WandbRun(tmp_path, project="denovo", offline=True)
    assert "anonymous" not in logger._wandb_init
