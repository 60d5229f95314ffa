"""Course of the mass error after the precursor loss is switched on."""

from collections.abc import Sequence

import pandas as pd

from denovo.errors import InputError
from denovo.reports.figures_logged import TRAINING_ERROR
from denovo.reports.runs.events import curriculum_of
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.run import SMOOTHING, Run, curve_with_shared_start, running_median
from denovo.reports.runs.sweep_table import job_names
from denovo.reports.runs.varying_settings import varying_settings

PPM_ERROR = TRAINING_ERROR
BOUNDS_PPM = (10_000, 1_000, 100)


def reenact(jobs: Sequence[Job], smoothing: int = SMOOTHING) -> pd.DataFrame:
    """Count the steps from the switch until the mass error of each job falls below bounds.

    Errors are `PPM_ERROR` in ppm, as the median of the last ``smoothing`` logged points. Columns:
    ``job``, the differing settings, ``switch`` (step), ``ppm_at_switch``, ``under_<bound>`` for
    each of `BOUNDS_PPM` (steps, or ``never``), ``ppm_lowest``, ``ppm_end``, ``smoothing``.
    """
    rows = []
    settings = varying_settings([job.config for job in jobs])
    for name, job, own in zip(job_names(jobs), jobs, settings, strict=True):
        if job.run is None:
            continue
        switch = switch_step(job.run)
        error = running_median(curve_with_shared_start(job.run, PPM_ERROR), smoothing)
        after = error.loc[error.index >= switch]
        row = {"job": name, **own, "switch": switch, "ppm_at_switch": _last(error, before=switch)}
        for bound in BOUNDS_PPM:
            steps = steps_until(after, switch, bound)
            row[f"under_{bound}"] = "never" if steps is None else steps
        rows.append(row | {"ppm_lowest": after.min(), "ppm_end": _last(after)})
    if not rows:
        raise InputError("no job has metrics, so there is nothing to re-enact")
    return pd.DataFrame(rows).assign(smoothing=smoothing)


def steps_until(error: pd.Series, switch: int, bound: float | int) -> int | None:
    """Count the steps from the switch to the first error below a bound; None without one."""
    under = error.loc[error < bound]
    return None if under.empty else int(under.index.min()) - switch


def switch_step(run: Run) -> int:
    """Return the first step at which the precursor loss has a weight after having had none."""
    curriculum = curriculum_of(run)
    # A weight leaves 0 at the start of a stage, or one step later if it is ramped up.
    starts = [0, *curriculum.boundaries] if curriculum else []
    for step in sorted({step for start in starts for step in (start, start + 1)} - {0}):
        assert curriculum
        before, now = (curriculum.stage_at(s).weights.get("precursor", 0) for s in (step - 1, step))
        if now > 0 and not before:
            return step
    raise InputError(
        f"{run.path} has no stage that switches the precursor loss on, so there is nothing to "
        "re-enact; use a run of +experiment=clamp_vs_log"
    )


def _last(curve: pd.Series, before: int | None = None) -> float | None:
    chosen = curve if before is None else curve.loc[curve.index < before]
    return None if chosen.empty else float(chosen.iloc[-1])
