"""Course of the mass error after the precursor loss is switched on."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from denovo.errors import InputError
from denovo.reports.figures_logged import RECALL, TRAINING_ERROR
from denovo.reports.runs.events import curriculum_of
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.run import SMOOTHING, Run, curve_with_shared_start, running_median
from denovo.reports.runs.sweep_table import SEED, job_names
from denovo.reports.runs.varying_settings import varying_settings

PPM_ERROR = TRAINING_ERROR
BOUNDS_PPM = (10_000, 1_000, 100)
GRADIENT_NORM, GRADIENT_SHARE = "gradients/norm_precursor", "gradients/share_precursor"
MEDIANS = {"gradient_norm": GRADIENT_NORM, "gradient_share": GRADIENT_SHARE}
"""Figures of which the table holds the median after the switch."""
LAST = {
    "soft_ppm": "val/soft_ppm_error_abs_median",
    "aa_recall": "val/aa_recall",
    "peptide_recall": RECALL,
}
"""Figures of which the table holds the last value."""


def reenact(jobs: Sequence[Job], smoothing: int = SMOOTHING) -> pd.DataFrame:
    """Count the steps from the switch until the mass error of each job falls below bounds.

    Errors are `PPM_ERROR` in ppm, as the median of the last ``smoothing`` logged points. Columns:
    ``job``, the differing settings, ``switch`` (step), ``ppm_at_switch``, ``under_<bound>`` for
    each of `BOUNDS_PPM` (steps, or ``never``), ``ppm_lowest``, ``ppm_end``; ``gradient_norm`` and
    ``gradient_share`` of the precursor loss, as medians after the switch; ``soft_ppm``,
    ``aa_recall`` and ``peptide_recall`` at the last validation; ``smoothing``.
    """
    rows = []
    settings = varying_settings([job.config for job in jobs])
    switches = switch_steps([job.run for job in jobs if job.run is not None])
    for name, job, own in zip(job_names(jobs), jobs, settings, strict=True):
        if job.run is None:
            continue
        switch = switches[job.run.path]
        error = running_median(curve_with_shared_start(job.run, PPM_ERROR), smoothing)
        after = error.loc[error.index >= switch]
        row = {"job": name, **own, "switch": switch, "ppm_at_switch": _last(error, before=switch)}
        for bound in BOUNDS_PPM:
            steps = steps_until(after, switch, bound)
            row[f"under_{bound}"] = "never" if steps is None else steps
        row |= {"ppm_lowest": after.min(), "ppm_end": _last(after)}
        for column, logged in MEDIANS.items():
            curve = job.run.curve(logged)
            row[column] = curve.loc[curve.index >= switch].median()
        rows.append(row | {column: _last(job.run.curve(name)) for column, name in LAST.items()})
    return pd.DataFrame(rows).assign(smoothing=smoothing)


def steps_until(error: pd.Series, switch: int, bound: float | int) -> int | None:
    """Count the steps from the switch to the first error below a bound; None without one."""
    under = error.loc[error < bound]
    return None if under.empty else int(under.index.min()) - switch


def average_over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Average what `reenact` found over jobs that differ in their seed alone.

    Columns: the other settings, ``jobs``, and the mean and the standard error ``<name>_error`` of
    each figure that is a number. Empty if no two jobs differ in the seed alone.
    """
    figures = ["ppm_at_switch", "ppm_lowest", "ppm_end", *MEDIANS, *LAST]
    ends = ("job", SEED, "switch", "smoothing")
    keys = [name for name in table if name not in (*figures, *ends) and "under_" not in str(name)]
    if SEED not in table or not keys:
        return pd.DataFrame()
    groups = table.groupby(keys, sort=False, dropna=False)
    parts = {"jobs": groups.size()}
    for name in figures:
        parts |= {name: groups[name].mean(), f"{name}_error": groups[name].sem()}
    means = pd.DataFrame(parts).reset_index()
    return means if (means["jobs"] > 1).any() else pd.DataFrame()


def switch_steps(runs: Sequence[Run]) -> dict[Path, int]:
    """Return the step of each run, by its folder, at which the precursor loss is switched on.

    A run that has none throughout is compared from the earliest step of the others.
    """
    if not runs:
        raise InputError("no job has metrics, so there is nothing to re-enact")
    steps = {run.path: switch_step(run) for run in runs}
    known = [step for step in steps.values() if step is not None]
    if not known:
        raise InputError(
            f"{runs[0].path} has no stage that switches the precursor loss on, so there is nothing "
            "to re-enact; use a run of +experiment=clamp_vs_log"
        )
    return {path: min(known) if step is None else step for path, step in steps.items()}


def switch_step(run: Run) -> int | None:
    """Return the first step at which the precursor loss has a weight after having had none."""
    curriculum = curriculum_of(run)
    # A weight leaves 0 at the start of a stage, or one step later if it is ramped up.
    starts = [0, *curriculum.boundaries] if curriculum else []
    for step in sorted({step for start in starts for step in (start, start + 1)} - {0}):
        assert curriculum
        before, now = (curriculum.stage_at(s).weights.get("precursor", 0) for s in (step - 1, step))
        if now > 0 and not before:
            return step
    return None


def _last(curve: pd.Series, before: int | None = None) -> float | None:
    chosen = curve if before is None else curve.loc[curve.index < before]
    return None if chosen.empty else float(chosen.iloc[-1])
