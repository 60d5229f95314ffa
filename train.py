"""Train a sequencer: `python train.py +experiment=curriculum`."""

import logging
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hydra
import lightning as L
import wandb
from hydra.core.hydra_config import HydraConfig
from lightning.pytorch.callbacks import Callback, LearningRateMonitor
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from omegaconf import DictConfig
from rich.console import Console

from denovo.chemistry import Vocabulary
from denovo.data import FineTuningData, SequencingData
from denovo.decoding import BeamDecoder
from denovo.errors import InputError, Stopped, best_effort, exit_with_message
from denovo.evaluation import compare_networks
from denovo.io import write_text
from denovo.io.plain_json import as_json
from denovo.io.remote import local_copy
from denovo.reports.evaluation_tables import difference_table, score_table
from denovo.reports.html import REPORT, write_report
from denovo.reports.runs import Run
from denovo.reports.runs.run import METRICS
from denovo.reports.table import print_tables
from denovo.sequencing.export import EXPORTED, ORIGIN, export_checkpoint
from denovo.sequencing.networks import load_sequencer
from denovo.training.callbacks import (
    LAST,
    CurriculumCallback,
    LastCheckpoint,
    Pace,
    StageHistory,
    apply_stage,
)
from denovo.training.config_checks import check_settings
from denovo.training.configuration import build, config_directory, plain, quiet_libraries
from denovo.training.fine_tuning import load_start_weights, prepare_config
from denovo.training.modifications import modified
from denovo.training.overrides import check_command_line
from denovo.training.resuming import claimed, clear, find_earlier, how_to_go_on, remove_failed_start
from denovo.training.shared_start import start_from_shared_steps
from denovo.training.stopping import watch
from denovo.training.summary import describe_training, print_summary, write_config, write_summary
from denovo.training.sweep import run_job
from denovo.training.system import SequencerTraining

log = logging.getLogger(__name__)
BEGAN = time.time()
"""When this process began; what is older was not left by it."""
FINE_TUNED = "finetune.json"
"""File of the run with the evaluation before and after fine-tuning."""


@dataclass(frozen=True)
class Fitted:
    """A trained system and what was at work around it."""

    system: SequencerTraining
    data: SequencingData
    trainer: L.Trainer
    history: StageHistory
    pace: Pace
    last: LastCheckpoint | None


def train(cfg: DictConfig) -> float:
    """Fit what the configuration names, test the best checkpoint, report.

    Returns
    -------
    float
        Best validation peptide recall on clean spectra, what a sweep maximises.
    """
    quiet_libraries()
    cfg = modified(cfg)
    if cfg.finetune:
        cfg = prepare_config(cfg)
    check_settings(cfg)
    last = last_checkpoint(cfg)
    is_first = rank_zero_only.rank == 0  # pyright: ignore[reportFunctionMemberAccess]
    with watch, claimed(cfg.run_dir, is_first):
        try:
            return begin_or_go_on(cfg, last, is_first)
        except Stopped as stopped:
            stopped.hint = how_to_go_on(cfg.run_dir, last)
            raise


def begin_or_go_on(cfg: DictConfig, last: str, is_first: bool) -> float:
    """Train from the start, or go on with the run in the folder, if only with what follows."""
    n_steps = build(cfg.curriculum).n_steps
    earlier = find_earlier(plain(cfg), last, n_steps)
    if earlier is not None and earlier.is_complete(n_steps):
        log.info("%s holds this run, complete; resume=never trains it anew", cfg.run_dir)
        print_summary(cfg.run_dir, earlier.summary)
        draw_report(cfg.run_dir, anew=False)
        return earlier.summary["best_peptide_recall"]
    if earlier is not None:
        log.info("going on from step %d of %s", earlier.step, earlier.checkpoint)
        cfg = cfg.copy()
        cfg.ckpt_path, cfg.group = earlier.config.get("ckpt_path"), earlier.config["group"]
        return finish(cfg, fit(cfg, checkpoint=earlier.checkpoint))
    if is_first:
        clear(cfg.run_dir, last)
    if cfg.shared_start.until and not cfg.ckpt_path:
        cfg = start_from_shared_steps(cfg, fit)
    return finish(cfg, fit(cfg))


def finish(cfg: DictConfig, fitted: Fitted) -> float:
    """Test the best checkpoint, export it and report."""
    trainer, system, data = fitted.trainer, fitted.system, fitted.data
    kept = fitted.last.metrics if fitted.last else None
    training = describe_training(trainer, data.sources, fitted.history, fitted.pace, kept)
    trainer.test(system, data, ckpt_path=training["checkpoint"], verbose=False, weights_only=True)
    if trainer.is_global_zero:
        with local_copy(training["checkpoint"]) as checkpoint:
            if cfg.finetune:
                compare_with_start(cfg, fitted, checkpoint)
            with best_effort("the exported network"):
                export_network(cfg, training, checkpoint)
        # Written late: a run with a summary has nothing left to do but its report.
        write_summary(cfg.run_dir, training, trainer.callback_metrics, system.by_length)
        draw_report(cfg.run_dir)
    return training["best_peptide_recall"]


def draw_report(run_dir: str, anew: bool = True) -> None:
    """Write the report, if there is anything to draw, or only where there is none yet."""
    if (Path(run_dir) / METRICS).is_file() and (anew or not (Path(run_dir) / REPORT).is_file()):
        with best_effort("the report"):
            write_report(Run.load(run_dir))


def last_checkpoint(cfg: DictConfig) -> str:
    """Return where the last checkpoint of a run lies, or would lie."""
    node = cfg.callbacks.get("last")
    return build(node).path if node else f"{cfg.run_dir}/checkpoints/{LAST}"


def fit(cfg: DictConfig, *more_callbacks: Callback, checkpoint: str | None = None) -> Fitted:
    """Build everything the configuration names, and train it.

    It goes on from ``checkpoint``, or else from ``ckpt_path``, if there is one.
    """
    L.seed_everything(cfg.seed, workers=True, verbose=False)
    vocabulary = Vocabulary(build(cfg.residues))
    curriculum = build(cfg.curriculum)
    loss = build(cfg.loss, vocabulary=vocabulary)
    for step in (*curriculum.boundaries, 0):
        apply_stage(loss, curriculum.stage_at(step))
    data = build(cfg.data, vocabulary=vocabulary, curriculum=curriculum)
    sequencer = build(cfg.model, vocabulary=vocabulary)
    if cfg.finetune:
        load_start_weights(cfg, sequencer)
    system = SequencerTraining(
        vocabulary=vocabulary,
        sequencer=sequencer,
        loss=loss,
        decoder=build(cfg.decoder),
        optimizer=build(cfg.optimizer),
        scheduler=build(cfg.scheduler) if cfg.scheduler else None,
        config=plain(cfg),
    )
    history, pace = StageHistory(curriculum), Pace()
    own = [CurriculumCallback(curriculum), history, pace]
    loggers = list(build(cfg.get("logger") or {}).values())
    callbacks = [
        callback
        for callback in build(cfg.callbacks).values()
        # Lightning refuses this one where there is nothing to log to.
        if loggers or not isinstance(callback, LearningRateMonitor)
    ]
    last = next((each for each in callbacks if isinstance(each, LastCheckpoint)), None)
    # What the others do at the start of a step belongs to that step.
    callbacks.sort(key=lambda callback: callback is not last)
    trainer = build(
        cfg.trainer,
        max_steps=curriculum.n_steps,
        # Lightning counts batches here, the configuration counts steps.
        val_check_interval=cfg.trainer.accumulate_grad_batches
        * min(cfg.trainer.val_check_interval, curriculum.n_steps),
        callbacks=[*callbacks[:1], *own, *callbacks[1:], *more_callbacks],
        logger=loggers or False,
    )
    for logger in trainer.loggers:
        logger.log_hyperparams(plain(cfg))
    if trainer.is_global_zero:
        write_config(cfg.run_dir, plain(cfg))
    trainer.fit(system, datamodule=data, ckpt_path=checkpoint or cfg.ckpt_path, weights_only=True)
    return Fitted(system, data, trainer, history, pace, last)


def compare_with_start(cfg: DictConfig, fitted: Fitted, checkpoint: Path) -> None:
    """Score the network before and after fine-tuning, on measured and on simulated spectra."""
    system, data = fitted.system, fitted.data
    assert isinstance(data, FineTuningData)
    assert isinstance(system.decoder, BeamDecoder)
    before = build(cfg.model, vocabulary=system.vocabulary)
    load_start_weights(cfg, before)
    after, _ = load_sequencer(checkpoint)
    found = compare_networks(before, after, system.decoder, data, cfg.data.n_test)
    path = Path(cfg.run_dir) / FINE_TUNED
    write_text(path, as_json({"networks": {each.name: each.as_dict() for each in found}}))
    figures = {
        f"before/{kind}_peptide_recall": score.figures["peptide_recall"]
        for score in found[0].scores
        for kind in [score.name.removeprefix("simulated, ")]
    }
    for logger in fitted.trainer.loggers:
        logger.log_metrics(figures, fitted.trainer.global_step)
    console = Console()
    print_tables([*map(score_table, found), difference_table(found[1])], console)
    console.print(f"before and after  {path}", soft_wrap=True)


def export_network(cfg: DictConfig, training: dict[str, Any], checkpoint: Path) -> None:
    """Write the best checkpoint in the form that is passed on, with probabilities if it can be."""
    output = Path(cfg.run_dir) / EXPORTED
    partner = cfg.rescoring.partner
    options = {
        "record": {key: training[key] for key in ORIGIN},
        "others": [partner] if partner else [],
        "rescoring": cfg.rescoring.kind,
    }
    try:
        export_checkpoint(checkpoint, output, cfg.calibration_spectra, **options)
    except InputError as error:
        log.warning("%s is written without probabilities: %s", output, error)
        export_checkpoint(checkpoint, output, 0, **options)


@hydra.main(version_base="1.3", config_path=str(config_directory()), config_name="train")
def main(cfg: DictConfig) -> float | None:
    """Run one job; faults of the input end it, or its part of a sweep, with one sentence."""
    recall, is_at_fault = None, False
    try:
        recall = run_job(train, cfg)
    except SystemExit as end:
        is_at_fault = end.code == 1
        raise
    finally:
        # A job that failed has no figure to return, and its W&B run is to say so.
        wandb.finish(exit_code=int(recall is None))
        if is_at_fault:
            remove_failed_start([cfg.run_dir, HydraConfig.get().runtime.output_dir], BEGAN)
    return recall


if __name__ == "__main__":
    with exit_with_message():
        check_command_line(sys.argv[1:])
        main()
