"""Train a sequencer: `python train.py +experiment=curriculum`."""

import sys

import hydra
import lightning as L
from lightning.pytorch.callbacks import Callback, ProgressBar
from omegaconf import DictConfig

from denovo.chemistry import Vocabulary
from denovo.errors import exit_with_message
from denovo.training.callbacks import apply_stage, assemble
from denovo.training.config_checks import check_settings
from denovo.training.configuration import build, plain, quiet_libraries
from denovo.training.fine_tuning import load_start_weights, prepare_config
from denovo.training.modifications import modified
from denovo.training.outputs import Fitted, write_outputs
from denovo.training.overrides import check_command_line
from denovo.training.program_files import config_directory
from denovo.training.run import train_or_resume
from denovo.training.summary import describe_training, write_config
from denovo.training.sweep import run_job
from denovo.training.system import SequencerTraining


def train(cfg: DictConfig) -> float:
    """Fit what the configuration names, test it, and return the best validation recall."""
    quiet_libraries()
    if cfg.finetune:
        cfg = prepare_config(cfg)
    cfg = modified(cfg)
    check_settings(cfg)
    return train_or_resume(cfg, fit, test)


def fit(cfg: DictConfig, *more_callbacks: Callback, checkpoint: str | None = None) -> Fitted:
    """Build everything the configuration names, and train from a checkpoint or ``ckpt_path``."""
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
    parts = {"vocabulary": vocabulary, "sequencer": sequencer, "loss": loss}
    made = {name: build(cfg[name]) for name in ("decoder", "optimizer")}
    made |= {"scheduler": build(cfg.scheduler) if cfg.scheduler else None}
    system = SequencerTraining(**parts, **made, config=plain(cfg))
    loggers = list(build(cfg.get("logger") or {}).values())
    callbacks = assemble(build(cfg.callbacks).values(), curriculum, bool(loggers))
    # Lightning counts batches between validations, the configuration counts steps.
    steps = min(cfg.trainer.val_check_interval, curriculum.n_steps)
    # Without the bar of this program Lightning would show its own.
    has_bar = any(isinstance(callback, ProgressBar) for callback in callbacks)
    trainer = build(
        cfg.trainer,
        enable_progress_bar=has_bar and cfg.trainer.get("enable_progress_bar", True),
        max_steps=curriculum.n_steps,
        val_check_interval=cfg.trainer.accumulate_grad_batches * steps,
        callbacks=[*callbacks, *more_callbacks],
        logger=loggers or False,
    )
    for logger in trainer.loggers:
        logger.log_hyperparams(plain(cfg))
    if trainer.is_global_zero:
        write_config(cfg.run_dir, plain(cfg))
    trainer.fit(system, datamodule=data, ckpt_path=checkpoint or cfg.ckpt_path, weights_only=True)
    return Fitted(system, data, trainer)


def test(cfg: DictConfig, fitted: Fitted) -> float:
    """Test the best checkpoint, write the outputs of the run, and return the best recall."""
    training = describe_training(fitted.trainer, fitted.data.sources)
    checkpoint = training["checkpoint"]
    fitted.trainer.test(
        fitted.system, fitted.data, ckpt_path=checkpoint, verbose=False, weights_only=True
    )
    write_outputs(cfg, fitted, training)
    return training["best_peptide_recall"]


@hydra.main(version_base="1.3", config_path=str(config_directory()), config_name="train")
def main(cfg: DictConfig) -> float | None:
    """Run one job; see `run_job` for faults of the input."""
    return run_job(train, cfg)


if __name__ == "__main__":
    with exit_with_message():
        check_command_line(sys.argv[1:])
        main()
