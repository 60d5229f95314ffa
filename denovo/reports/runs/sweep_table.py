"""Data frames of the jobs of a sweep: settings, final figures, costs, means over seeds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from denovo.reports.figures_logged import Place, shown_in
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.varying_settings import varying_settings

FIGURES = tuple(shown_in(Place.SWEEP_RECALL, Place.SWEEP_COST))
"""Figures that are independent of the loss weights, so that runs can be compared by them."""

COSTS = {"steps": "steps", "seconds": "s", "spectra_per_second": "spectra/s"}
"""Columns of costs and their headings."""
SEED = "seed"


def compare(jobs: Sequence[Job]) -> pd.DataFrame:
    """Make a table of jobs.

    Columns: ``job``, the differing settings (named in ``attrs["settings"]``), ``state``, the last
    value of each of `FIGURES` (missing if never logged), `COSTS`, and ``failure``.
    """
    settings = varying_settings([job.config for job in jobs])
    rows = [
        {"job": name, **{key: _cell(value) for key, value in own.items()}, "state": job.state}
        | _figures(job)
        | {"failure": job.failure}
        for name, job, own in zip(job_names(jobs), jobs, settings, strict=True)
    ]
    table = pd.DataFrame(rows)
    table.attrs["settings"] = list(settings[0])
    return table


def average_over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Average the figures of finished jobs that differ only in their seed.

    Columns: the other settings, ``jobs`` (their number), and for each figure ``<name>``,
    ``<name>_min`` and ``<name>_max``. Empty if no two jobs differ in the seed alone.
    """
    settings = [name for name in table.attrs["settings"] if name != SEED]
    finished = table[table["state"] == "finished"]
    if SEED not in table.attrs["settings"] or finished.empty:
        return pd.DataFrame()
    # A constant to group by where only the seed differs.
    keys = settings or [pd.Series("all", index=finished.index, name="jobs differ in")]
    groups = finished.groupby(keys, sort=False, dropna=False)
    parts = {"jobs": groups.size()}
    for name in FIGURES:
        values = groups[name]
        parts |= {name: values.mean(), f"{name}_min": values.min(), f"{name}_max": values.max()}
    means = pd.DataFrame(parts).reset_index()
    return means if (means["jobs"] > 1).any() else pd.DataFrame()


def job_names(jobs: Sequence[Job]) -> list[str]:
    """Name each job by its folder, with the parent folder if two names are equal."""
    names = [job.name for job in jobs]
    if len(set(names)) == len(names):
        return names
    return ["/".join(job.path.resolve().parts[-2:]) for job in jobs]


def labels_of(jobs: Sequence[Job]) -> list[str]:
    """Describe each job by the settings, without the seed, in which the jobs differ."""
    return [
        ", ".join(f"{k}={_cell(v)}" for k, v in own.items() if k != SEED) or "all"
        for own in varying_settings([job.config for job in jobs])
    ]


def _figures(job: Job) -> dict[str, float | None]:
    if job.run is None:
        return dict.fromkeys((*FIGURES, *COSTS))
    run, summary = job.run, job.run.summary
    found: dict[str, float | None] = {}
    for name in FIGURES:
        curve = run.curve(name)
        found[name] = None if curve.empty else float(curve.iloc[-1])
    pace = run.curve("train/spectra_per_second")
    steps = int(run.metrics["step"].max()) + 1
    return found | {
        "steps": summary.get("steps", steps),
        "seconds": summary.get("seconds"),
        "spectra_per_second": summary.get(
            "spectra_per_second", None if pace.empty else float(pace.iloc[-1])
        ),
    }


def _cell(value: Any) -> Any:
    """Turn a setting into a scalar: a class by its bare name, a list or mapping as JSON."""
    if isinstance(value, str):
        return value.rsplit(".", 1)[-1] if value.startswith("denovo.") else value
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return value
