"""Train denovo on the annotated spectra that Casanovo was trained on, and count the CPU time.

Run ``OMP_NUM_THREADS=1 python benchmarks/casanovo/train_denovo.py spectra/ denovo.ckpt`` after
``write_spectra.py``. Cross-entropy alone, no further noise: the same spectra and nothing more. The
clock starts with the first step, as in ``train_casanovo.py``; ``--steps`` is to be chosen so that
both have spent the same, since the learning rate falls over that many.
"""

import argparse
import time
from pathlib import Path

import lightning as L
import torch
from hydra import compose, initialize_config_dir
from lightning.pytorch.callbacks import Callback
from rich.console import Console

from denovo.chemistry import Vocabulary
from denovo.training.callbacks import CurriculumCallback
from denovo.training.configuration import build, plain, quiet_libraries
from denovo.training.program_files import config_directory
from denovo.training.system import SequencerTraining


class Clock(Callback):
    """Measure the CPU time of the training steps, all threads together."""

    start = spent = 0.0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the clock."""
        self.start = time.process_time()

    def on_train_batch_end(self, trainer: L.Trainer, *arguments: object) -> None:
        """Note the time; tell every 1000 steps where training stands."""
        self.spent = time.process_time() - self.start
        if trainer.global_step % 1000 == 0:
            loss = float(trainer.callback_metrics["train/loss"])
            Console().print(f"step {trainer.global_step}, {self.spent:.0f} s, loss {loss:.3f}")


def main() -> None:
    """Train and write the last state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what write_spectra.py wrote")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("overrides", nargs="*", help="settings, such as model=transformer")
    parser.add_argument("--steps", type=int, default=10_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    quiet_libraries()
    overrides = [
        *(
            "+experiment=baseline",
            "data=annotated",
            "noise=none",
            "size.steps_per_stage=1",
        ),
        *(f"data.{name}={arguments.folder / name}.mgf" for name in ("train", "val")),
        *(f"curriculum.stages.0.end={arguments.steps}", "run_dir=/nonexistent"),
        *arguments.overrides,
    ]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=overrides)
    L.seed_everything(config.seed, verbose=False)
    vocabulary = Vocabulary(build(config.residues))
    curriculum = build(config.curriculum)
    system = SequencerTraining(
        vocabulary=vocabulary,
        sequencer=build(config.model, vocabulary=vocabulary),
        loss=build(config.loss, vocabulary=vocabulary),
        decoder=build(config.decoder),
        optimizer=build(config.optimizer),
        scheduler=build(config.scheduler),
        config=plain(config),
    )
    clock = Clock()
    trainer = L.Trainer(
        accelerator="cpu",
        max_steps=curriculum.n_steps,
        limit_val_batches=0,
        gradient_clip_val=config.trainer.gradient_clip_val,
        use_distributed_sampler=False,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[CurriculumCallback(curriculum), clock],
    )
    data = build(config.data, vocabulary=vocabulary, curriculum=curriculum)
    trainer.fit(system, datamodule=data)
    trainer.save_checkpoint(arguments.checkpoint)
    size = sum(p.numel() for p in system.sequencer.parameters())
    spectra = trainer.global_step * config.data.batch_size
    Console().print(f"{size} parameters, {trainer.global_step} steps, {spectra} spectra")
    Console().print(f"{clock.spent:.0f} s, {spectra / clock.spent:.1f} spectra/s")


if __name__ == "__main__":
    main()
