"""Train Casanovo on annotated spectra for a fixed CPU time.

Run in an environment of its own with Casanovo in it, one thread, after ``write_spectra.py``::

    OMP_NUM_THREADS=1 python train_casanovo.py spectra/ casanovo.ckpt --seconds 1200

Settings are those Casanovo ships but for ``settings.yaml``. The clock starts with the first step,
when the spectra have been read and preprocessed.
"""

import argparse
import logging
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
import yaml
from casanovo.config import Config
from casanovo.denovo.model_runner import ModelRunner
from lightning.pytorch.callbacks import ModelCheckpoint

HERE = Path(__file__).parent


class Deadline(pl.Callback):
    """Stop after so many seconds of CPU time, all threads together."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.start, self.spent = seconds, 0.0, 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self.start = time.process_time()

    def on_train_batch_end(self, trainer: pl.Trainer, *args: object) -> None:
        """Stop when the time is spent; tell every 200 steps how far it is."""
        self.spent = time.process_time() - self.start
        if trainer.global_step % 200 == 0:
            logging.info("step %d, %.0f s", trainer.global_step, self.spent)
        trainer.should_stop = trainer.should_stop or self.spent >= self.seconds


def shipped() -> dict[str, Any]:
    """Return the settings that Casanovo ships."""
    return yaml.safe_load(Path(Config._default_config).read_text())


def configuration(folder: Path, **changes: object) -> Config:
    """Put the settings over those that Casanovo ships."""
    settings = shipped() | yaml.safe_load((HERE / "settings.yaml").read_text()) | changes
    path = folder / "casanovo.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    return Config(str(path))


def main() -> None:
    """Train and write the last state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what write_spectra.py wrote")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--seconds", type=float, default=1200.0)
    parser.add_argument("--period", type=int, help="steps over which the learning rate falls to 0")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    changes = {"cosine_schedule_period_iters": arguments.period} if arguments.period else {}
    config = configuration(arguments.checkpoint.parent, **changes)
    pl.seed_everything(config["random_seed"])
    deadline = Deadline(arguments.seconds)
    with ModelRunner(config) as runner:
        # Without one of this kind Lightning would write checkpoints into the working folder.
        runner.callbacks = [deadline, ModelCheckpoint(save_top_k=0)]
        train, val = (str(arguments.folder / f"{name}.mgf") for name in ("train", "val"))
        runner.train([train], [val])
        steps = runner.trainer.global_step
        runner.trainer.save_checkpoint(arguments.checkpoint)
        size = sum(p.numel() for p in runner.model.parameters())
    spectra = steps * config["train_batch_size"]
    logging.info("%d parameters, %d steps, %d spectra", size, steps, spectra)
    logging.info("%.0f s, %.1f spectra/s", deadline.spent, spectra / deadline.spent)


if __name__ == "__main__":
    main()
