"""Cost of the gradient shares and the tripwires, as a share of the time of a training step.

Run ``python benchmarks/gradient_shares.py``. All variants train the same network on the same
batches, in turns in one process. CPU time is counted, which other load on the machine hardly
changes; only the ratios count. (On a GPU, where the CPU waits, it is the time on the wall.)
"""

import argparse
import logging
import statistics
import time
from collections.abc import Sequence

import lightning as L
import torch
from hydra import compose, initialize_config_dir
from lightning.pytorch.callbacks import Callback
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.table import Table

from denovo.chemistry import Vocabulary
from denovo.curriculum import Curriculum
from denovo.training.callbacks import CurriculumCallback, GradientShares
from denovo.training.configuration import build, quiet_libraries
from denovo.training.program_files import config_directory
from denovo.training.system import SequencerTraining

WARM_UP = 5


class Clock(Callback):
    """Measure the seconds from the end of the warm-up to the end of training."""

    def on_train_batch_end(self, trainer: L.Trainer, *arguments: object) -> None:
        """Start after the warm-up, and note the time ever after."""
        is_cpu = trainer.strategy.root_device.type == "cpu"
        self.end = time.process_time() if is_cpu else time.perf_counter()
        if trainer.global_step == WARM_UP:
            self.start = self.end


def last_stage_alone(config: DictConfig, n_steps: int) -> DictConfig:
    """Let the last stage, in which every term has weight, be the only one."""
    stage = build(config.curriculum).last_stage
    only = {"name": stage.name, "start": 0, "end": n_steps, "weights": dict(stage.weights)}
    only |= {"min_length": stage.min_length, "max_length": stage.max_length}
    only |= {"noise": vars(stage.noise)}
    target = config.curriculum._target_
    return OmegaConf.create(
        {"_target_": target, "_convert_": "all", "steps_per_unit": 1, "stages": [only]}
    )


def seconds_per_step(config: DictConfig, callbacks: Sequence[Callback], n_steps: int) -> float:
    """Train from the seed of the run, and time it."""
    torch.manual_seed(config.seed)
    vocabulary = Vocabulary(build(config.residues))
    curriculum: Curriculum = build(config.curriculum)
    system = SequencerTraining(
        vocabulary=vocabulary,
        sequencer=build(config.model, vocabulary=vocabulary),
        loss=build(config.loss, vocabulary=vocabulary),
        decoder=build(config.decoder),
        optimizer=build(config.optimizer),
    )
    data = build(config.data, vocabulary=vocabulary, curriculum=curriculum)
    clock = Clock()
    trainer = L.Trainer(
        accelerator=config.trainer.accelerator,
        precision=config.trainer.precision,
        gradient_clip_val=config.trainer.gradient_clip_val,
        devices=1,
        max_steps=n_steps,
        max_epochs=1,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[CurriculumCallback(curriculum), *callbacks, clock],
    )
    trainer.fit(system, data)
    return (clock.end - clock.start) / (n_steps - WARM_UP)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", help="settings as for train.py")
    parser.add_argument("--steps", type=int, default=50, help="steps per variant and round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    quiet_libraries()
    n_steps = WARM_UP + arguments.steps
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=["run_dir=/nonexistent", *arguments.overrides])
    config.curriculum = last_stage_alone(config, n_steps)
    variants = {
        "nothing": lambda: [],
        "tripwires": lambda: [build(config.callbacks.tripwires)],
        **{
            f"gradient shares, every {n}": lambda n=n: [GradientShares(every_n_steps=n)]
            for n in (50, 10, 1)
        },
        "as shipped": lambda: [
            build(config.callbacks[name]) for name in ("gradient_shares", "tripwires")
        ],
    }
    logging.getLogger("denovo").setLevel(logging.WARNING)
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(arguments.rounds):
        for name, make in variants.items():
            times[name].append(seconds_per_step(config, make(), n_steps))
    table = Table("", "ms/step", "ratio, median", "lowest", "highest")
    for name, values in times.items():
        ratios = [a / b for a, b in zip(values, times["nothing"], strict=True)]
        figures = (statistics.median(ratios), min(ratios), max(ratios))
        milliseconds = f"{1000 * statistics.median(values):.1f}"
        table.add_row(name, milliseconds, *(f"{figure:.3f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
