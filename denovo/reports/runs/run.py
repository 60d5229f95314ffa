"""A finished or interrupted run, read from its folder."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from denovo.errors import InputError

METRICS = Path("metrics") / "metrics.csv"
CONFIG = "config.yaml"
SUMMARY = "summary.json"
OVERRIDES = ".hydra/overrides.yaml"
"""Settings of the command line of a run, after options that name configuration files."""


@dataclass(frozen=True)
class Run:
    """Folder that `train.py` wrote.

    Parameters
    ----------
    path : Path
        Folder of the run.
    config : dict
        Resolved configuration.
    summary : dict
        Content of ``summary.json``; empty if the run is not finished.
    """

    path: Path
    config: dict[str, Any]
    summary: dict[str, Any]

    @classmethod
    def load(cls, path: str | Path) -> "Run":
        """Read the folder of a run; the metrics are read on first use.

        Raises
        ------
        InputError
            If the folder holds no metrics, or if a file is damaged.
        """
        path = Path(path)
        if not (path / METRICS).is_file():
            raise InputError(
                f"{path} holds no {METRICS}; give the folder of a run that has trained at least "
                "one logging interval"
            )
        return cls(path, read_config(path), _read_json(path / SUMMARY))

    @property
    def name(self) -> str:
        """Name of the folder, with the parent folder for a job of a sweep."""
        folder = self.path.resolve()
        return f"{folder.parent.name}/{folder.name}" if folder.name.isdigit() else folder.name

    @property
    def is_finished(self) -> bool:
        """Whether the run was trained to its end and tested."""
        return bool(self.summary)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """All logged figures: a row per logging event, a column per name.

        Raises
        ------
        InputError
            If the file is damaged, or has no step.
        """
        file = self.path / METRICS
        try:
            table = pd.read_csv(file)
        except (ValueError, OSError) as error:
            raise InputError(f"{file} cannot be read: {error}") from error
        steps = pd.Series(table.get("step", []), dtype=None)
        if not pd.api.types.is_numeric_dtype(steps) or not steps.count():
            raise InputError(
                f"{file} is damaged: it has no column `step` with numbers; train the run again, or "
                "leave it out"
            )
        return table

    def curve(self, name: str) -> pd.Series:
        """Return a logged figure by ascending step, without gaps; empty if never logged."""
        if name not in self.metrics:
            return pd.Series(dtype=float, name=name)
        values = self.metrics.set_index("step")[name].dropna()
        return values.loc[~values.index.duplicated(keep="last")].sort_index()


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} is damaged: it must map names to figures, and does not")
    return content


def read_config(path: Path) -> dict[str, Any]:
    """Read the resolved configuration in the folder of a run.

    Raises
    ------
    InputError
        If there is none, or it is damaged.
    """
    file = path / CONFIG
    if not file.is_file():
        raise InputError(f"{path} holds no {CONFIG}, so its settings are unknown")
    config = read_yaml(file)
    if not isinstance(config, dict) or not config:
        raise InputError(f"{file} is damaged: it must map names to settings, and does not")
    return config


def read_yaml(file: Path) -> Any:
    """Read plain values from a YAML file; tags and references are refused."""
    try:
        text = file.read_text(encoding="utf-8")
        has_references = any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text))
        content = None if has_references else yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is damaged: {' '.join(str(error).split())}") from error
    if has_references:
        raise InputError(f"{file} is refused: it holds references (*), which denovo never writes")
    return content


SMOOTHING = 9
"""Number of logged points of a running median, because single batches are noisy."""


def running_median(curve: pd.Series, n_points: int = SMOOTHING) -> pd.Series:
    """Return the median of the last points up to each step."""
    return pd.Series(curve.rolling(n_points, min_periods=1).median())


def curve_with_shared_start(run: Run, name: str) -> pd.Series:
    """Return a logged figure, continued backwards by the shared start of a job."""
    own = run.curve(name)
    shared_start = shared_start_of(run)
    if shared_start is None or own.empty:
        return own
    before = shared_start.curve(name)
    return pd.concat([before.loc[before.index < own.index.min()], own]).sort_index()


def shared_start_of(run: Run) -> Run | None:
    """Return the shared start of a job; it is searched next to the job, then at its old path."""
    if not (run.config.get("shared_start") or {}).get("until") or not run.config.get("ckpt_path"):
        return None
    folder = Path(run.config["ckpt_path"]).parent.parent
    for candidate in (run.path.resolve().parent / folder.parent.name / folder.name, folder):
        if (candidate / METRICS).is_file():
            return Run.load(candidate)
    return None
