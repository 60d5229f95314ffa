"""Train a sequencer: `python train.py +experiment=curriculum`."""

import hydra
import lightning as L
import wandb
from omegaconf import DictConfig

from denovo.callbacks import CurriculumCallback, Pace, StageHistory
from denovo.checkpoint import read_checkpoint
from denovo.chemistry import Vocabulary
from denovo.configuration import (
    build,
    config_directory,
    faults_as_sentences,
    plain,
    quiet_libraries,
)
from denovo.errors import InputError
from denovo.report import describe_training, write_summary
from denovo.system import Sequencing


def train(cfg: DictConfig) -> float:
    """Build everything the configuration names, fit, test the best checkpoint, report.

    Returns
    -------
    float
        Best validation peptide recall on clean spectra, what a sweep maximises.
    """
    quiet_libraries()
    if cfg.ckpt_path:
        read_checkpoint(cfg.ckpt_path)  # a file that cannot be resumed is a fault to report first
    L.seed_everything(cfg.seed, workers=True, verbose=False)
    vocabulary = Vocabulary(build(cfg.residues))
    curriculum = build(cfg.curriculum)
    if curriculum.n_steps is None:
        raise InputError("the last stage of the curriculum must have an end, to know when to stop")
    data = build(cfg.data, vocabulary=vocabulary, curriculum=curriculum)
    system = Sequencing(
        vocabulary=vocabulary,
        sequencer=build(cfg.model, vocabulary=vocabulary),
        loss=build(cfg.loss, vocabulary=vocabulary),
        decoder=build(cfg.decoder),
        optimizer=build(cfg.optimizer),
        scheduler=build(cfg.scheduler) if cfg.scheduler else None,
        config=plain(cfg),
    )
    history, pace = StageHistory(curriculum), Pace()
    callbacks = [CurriculumCallback(curriculum), history, pace, *build(cfg.callbacks).values()]
    loggers = list(build(cfg.logger).values()) if cfg.logger else False
    trainer = build(cfg.trainer, max_steps=curriculum.n_steps, callbacks=callbacks, logger=loggers)
    trainer.fit(system, datamodule=data, ckpt_path=cfg.ckpt_path, weights_only=True)
    training = describe_training(trainer, data.sources, history, pace)
    best = trainer.checkpoint_callback
    test = trainer.test(
        system, data, ckpt_path=best.best_model_path, verbose=False, weights_only=True
    )
    if trainer.is_global_zero:
        write_summary(cfg.run_dir, training, test)
    return float(best.best_model_score)


@hydra.main(version_base="1.3", config_path=str(config_directory()), config_name="train")
def main(cfg: DictConfig) -> float:
    """Run one job; faults of the input end it with one sentence."""
    with faults_as_sentences():
        try:
            return train(cfg)
        finally:
            wandb.finish()


if __name__ == "__main__":
    main()
