"""Jobs to compare: finished, failed and unfinished runs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from denovo.errors import InputError
from denovo.reports.runs.run import CONFIG, METRICS, Run, read_config

FAILURE = "failure.txt"
SHARED_START = "shared_start"
"""Folder in a sweep with the steps that its jobs share; it is not a job."""


@dataclass(frozen=True)
class Job:
    """A finished, failed or unfinished run.

    The configuration is empty if the job failed early, ``run`` is None if it logged nothing, and
    ``failure`` is empty or the reason in one sentence.
    """

    path: Path
    config: dict[str, Any]
    run: Run | None
    failure: str

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.resolve().name

    @property
    def state(self) -> str:
        """``finished``, ``failed`` or ``unfinished``."""
        if self.failure:
            return "failed"
        return "finished" if self.run and self.run.is_finished else "unfinished"

    @classmethod
    def load(cls, path: Path) -> "Job":
        """Read the folder of a job; all files may be missing."""
        run = Run.load(path) if (path / METRICS).is_file() else None
        failure = path / FAILURE
        config = run.config if run else {}
        if not run and (path / CONFIG).is_file():
            config = read_config(path)
        return cls(path, config, run, failure.read_text().strip() if failure.is_file() else "")


def find_jobs(paths: Iterable[str | Path]) -> list[Job]:
    """Load the runs in folders, and all jobs in folders that are sweeps.

    Parameters
    ----------
    paths : iterable of str or Path
        Folders of runs or of sweeps.

    Returns
    -------
    list of Job
        Jobs in the given order; those of a sweep in the order of their numbers.

    Raises
    ------
    InputError
        If a folder is neither a run with metrics, nor a failed job, nor a sweep.
    """
    jobs = []
    for path in map(Path, paths):
        # The folder .hydra of a run contains a file with the name of a configuration.
        is_run = (path / METRICS).is_file()
        inside = [] if is_run else [child for child in path.glob("*") if _is_job(child)]
        children = sorted(inside, key=lambda child: _natural(child.name))
        if children:
            jobs += [Job.load(child) for child in children]
        elif (path / FAILURE).is_file():
            jobs.append(Job.load(path))
        else:
            run = Run.load(path)
            jobs.append(Job(path, run.config, run, ""))
    if not jobs:
        raise InputError("there is nothing to compare; give folders of runs or of sweeps")
    return jobs


def _is_job(folder: Path) -> bool:
    """Return whether a folder in a sweep is that of a job, even without files."""
    if folder.name == SHARED_START or folder.name.startswith(".") or not folder.is_dir():
        return False
    left = any((folder / name).is_file() for name in (METRICS, FAILURE, CONFIG))
    return left or folder.name.isdecimal()


def _natural(name: str) -> list[str | int]:
    """Return the key of natural order: 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]
