"""Jobs of Hydra, alone or in a sweep: their faults, their clean-up, and the final comparison."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import wandb
from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from denovo.errors import Stopped, exit_with_message, message_of
from denovo.io.files import write_text
from denovo.reports.runs.jobs import FAILURE, find_jobs
from denovo.reports.sweep_report import write_comparison
from denovo.training.configuration import plain
from denovo.training.resuming import remove_failed_start
from denovo.training.signals import watch
from denovo.training.summary import write_config

log = logging.getLogger(__name__)
BEGAN = time.time()
"""Start of this process; a run that fails at once removes no older file."""


def run_job(job: Callable[[DictConfig], float], cfg: DictConfig) -> float | None:
    """Run a job, alone or as part of a sweep, and end its W&B run.

    A fault of the input ends a job that runs alone with one sentence and status 1, and removes its
    folder if it has logged nothing. In a sweep a failed job returns None: ``failure.txt`` in its
    folder has the cause, a sweeper that searches counts it as failed, and the others go on.
    """
    recall, is_at_fault = None, False
    try:
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            recall = _run_part(job, cfg)
        else:
            with exit_with_message():
                recall = job(cfg)
    except SystemExit as end:
        is_at_fault = end.code == 1
        raise
    finally:
        # A job without a result has failed, and its W&B run gets the status 1.
        wandb.finish(exit_code=int(recall is None))
        if is_at_fault:
            remove_failed_start([cfg.run_dir, HydraConfig.get().runtime.output_dir], BEGAN)
    return recall


def _run_part(job: Callable[[DictConfig], float], cfg: DictConfig) -> float | None:
    """Run a job of a sweep; a fault is written to ``failure.txt`` and stops no other job."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    if watch.asked:
        return None  # the sweep is to end
    (folder / FAILURE).unlink(missing_ok=True)
    try:
        with watch.within_a_job():
            return job(cfg)
    except Stopped as stopped:
        sentence = stopped.sentence
        log.error(sentence)
    except Exception as error:
        sentence = message_of(error)
        if sentence is None:
            sentence = f"{type(error).__name__}: {' '.join(str(error).split())}"
            # The traceback goes to the log of the job.
            log.exception("this job failed, the sweep goes on")
        else:
            log.error("this job failed, the sweep goes on: %s", sentence)
    _write_failure(cfg, sentence)
    return None


def _write_failure(cfg: DictConfig, sentence: str) -> None:
    """Write the cause, and the settings where the job has not written them."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    write_text(folder / FAILURE, f"{sentence}\n")
    if not (folder / "config.yaml").exists():
        try:
            write_config(folder, plain(cfg))
        except OmegaConfBaseException:
            log.warning("the settings of this job cannot be resolved, so none are written")


class SweepComparison(Callback):
    """Compare all jobs once the last one has ended: tables on the console, files, a picture.

    The command ends with status 1 if a job failed. A signal that reaches it ends the whole sweep:
    jobs that run save their last step, and no other begins.
    """

    def __init__(self) -> None:
        self._watching = ExitStack()

    def __reduce__(self) -> tuple[type["SweepComparison"], tuple[()]]:
        # Launchers pickle the callbacks for their workers, which have no sweep to watch.
        return SweepComparison, ()

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Resolve the time in ``group`` once, for all jobs."""
        log.info("the jobs of this sweep form the group %s", config.group)
        self._watching.enter_context(watch.over_jobs())

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Write ``comparison.csv`` and ``comparison.png`` into the folder of the sweep.

        A configuration with ``comparison: reenactment`` adds ``reenactment.csv`` and ``.png``.
        """
        folder = Path(config.hydra.sweep.dir)
        with exit_with_message(), self._watching:
            if watch.asked:
                hint = f"the same command with hydra.sweep.dir={folder} goes on with its jobs"
                raise Stopped(watch.asked, hint)
            jobs = find_jobs([folder])
            for drawing in dict.fromkeys(("jobs", config.comparison)):
                name = "comparison" if drawing == "jobs" else drawing
                write_comparison(jobs, folder / f"{name}.csv", folder / f"{name}.png", drawing)
        if any(job.failure for job in jobs):
            raise SystemExit(1)
