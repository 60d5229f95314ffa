"""Train a sequencer: `python train.py +experiment=curriculum`."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hydra
import lightning as L
import wandb
from lightning.pytorch.callbacks import Callback, LearningRateMonitor
from omegaconf import DictConfig
from rich.console import Console

from denovo.callbacks import CurriculumCallback, Pace, StageHistory, apply_stage
from denovo.checkpoint import load_sequencer
from denovo.chemistry import Vocabulary
from denovo.configuration import (
    build,
    config_directory,
    faults_as_sentences,
    plain,
    quiet_libraries,
)
from denovo.data import FineTuningData, SequencingData
from denovo.errors import InputError, spared
from denovo.export import EXPORTED, ORIGIN, export_checkpoint
from denovo.finetuning import (
    begin,
    compare,
    comparison_table,
    starting_network,
    write_comparison,
)
from denovo.html import write_report
from denovo.modify import modified
from denovo.preflight import check_settings
from denovo.prelude import start_from_prelude
from denovo.report import describe_training, write_config, write_summary
from denovo.runs import Run
from denovo.runs.run import METRICS
from denovo.sweep import run_job
from denovo.system import Sequencing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fitted:
    """A trained system and what was at work around it."""

    system: Sequencing
    data: SequencingData
    trainer: L.Trainer
    history: StageHistory
    pace: Pace


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
        cfg = begin(cfg)
    check_settings(cfg)
    if cfg.prelude.until and not cfg.ckpt_path:
        cfg = start_from_prelude(cfg, fit)
    fitted = fit(cfg)
    trainer, system, data = fitted.trainer, fitted.system, fitted.data
    training = describe_training(trainer, data.sources, fitted.history, fitted.pace)
    trainer.test(system, data, ckpt_path=training["checkpoint"], verbose=False, weights_only=True)
    if trainer.is_global_zero:
        write_summary(cfg.run_dir, training, trainer.callback_metrics, system.by_length)
        if cfg.finetune:
            compare_with_start(cfg, fitted, training["checkpoint"])
        with spared("the exported network"):
            export_network(cfg, training)
        if (Path(cfg.run_dir) / METRICS).is_file():
            with spared("the report"):
                write_report(Run.load(cfg.run_dir))
    return training["best_peptide_recall"]


def fit(cfg: DictConfig, *more_callbacks: Callback) -> Fitted:
    """Build everything the configuration names, and train it from step 0 or ``ckpt_path`` on."""
    L.seed_everything(cfg.seed, workers=True, verbose=False)
    vocabulary = Vocabulary(build(cfg.residues))
    curriculum = build(cfg.curriculum)
    loss = build(cfg.loss, vocabulary=vocabulary)
    for step in (*curriculum.boundaries, 0):
        apply_stage(loss, curriculum.stage_at(step))
    data = build(cfg.data, vocabulary=vocabulary, curriculum=curriculum)
    sequencer = build(cfg.model, vocabulary=vocabulary)
    if cfg.finetune:
        starting_network(cfg, sequencer)
    system = Sequencing(
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
    trainer = build(
        cfg.trainer,
        max_steps=curriculum.n_steps,
        # Lightning counts batches here, the configuration counts steps.
        val_check_interval=cfg.trainer.accumulate_grad_batches
        * min(cfg.trainer.val_check_interval, curriculum.n_steps),
        callbacks=[*own, *callbacks, *more_callbacks],
        logger=loggers or False,
    )
    for logger in trainer.loggers:
        logger.log_hyperparams(plain(cfg))
    if trainer.is_global_zero:
        write_config(cfg.run_dir, plain(cfg))
    trainer.fit(system, datamodule=data, ckpt_path=cfg.ckpt_path, weights_only=True)
    return Fitted(system, data, trainer, history, pace)


def compare_with_start(cfg: DictConfig, fitted: Fitted, checkpoint: str) -> None:
    """Score the network before and after fine-tuning, on measured and on simulated spectra."""
    system, data = fitted.system, fitted.data
    assert isinstance(data, FineTuningData)
    before = build(cfg.model, vocabulary=system.vocabulary)
    starting_network(cfg, before)
    after, _ = load_sequencer(checkpoint)
    rows = compare(before, after, system.decoder, data, cfg.data.n_test)
    path = write_comparison(cfg.run_dir, rows)
    for logger in fitted.trainer.loggers:
        figures = {
            f"before/{kind}_peptide_recall": row["before"]["peptide_recall"]
            for kind, row in rows.items()
        }
        logger.log_metrics(figures, fitted.trainer.global_step)
    console = Console()
    console.print(comparison_table(rows))
    console.print(f"before and after  {path}", soft_wrap=True)


def export_network(cfg: DictConfig, training: dict[str, Any]) -> None:
    """Write the best checkpoint in the form that is passed on, with probabilities if it can be."""
    checkpoint, output = training["checkpoint"], Path(cfg.run_dir) / EXPORTED
    partner = cfg.rescoring.partner
    options = {
        "record": {key: training[key] for key in ORIGIN},
        "others": [partner] if partner else [],
        "rescoring": cfg.rescoring.kind,
        "evidence_candidates": cfg.rescoring.evidence_candidates,
    }
    try:
        export_checkpoint(checkpoint, output, cfg.calibration_spectra, **options)
    except InputError as error:
        log.warning("%s is written without probabilities: %s", output, error)
        export_checkpoint(checkpoint, output, 0, **options)


@hydra.main(version_base="1.3", config_path=str(config_directory()), config_name="train")
def main(cfg: DictConfig) -> float | None:
    """Run one job; faults of the input end it, or its part of a sweep, with one sentence."""
    recall = None
    try:
        recall = run_job(train, cfg)
    finally:
        # A job that failed has no figure to return, and its W&B run is to say so.
        wandb.finish(exit_code=int(recall is None))
    return recall


if __name__ == "__main__":
    with faults_as_sentences():
        main()
