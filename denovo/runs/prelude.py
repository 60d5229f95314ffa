"""The steps that a job shared with others, which its own metrics do not hold."""

from pathlib import Path

import pandas as pd

from denovo.runs.run import METRICS, Run


def curve_with_prelude(run: Run, name: str) -> pd.Series:
    """Return a logged figure with what the prelude of the run logged before it.

    Parameters
    ----------
    run : Run
        A job of a sweep; one without a prelude is taken as it is.
    name : str
        Such as ``"train/ppm_error_median"``.

    Returns
    -------
    Series
        Values by step.
    """
    own = run.curve(name)
    prelude = prelude_of(run)
    if prelude is None or own.empty:
        return own
    before = prelude.curve(name)
    return pd.concat([before.loc[before.index < own.index.min()], own]).sort_index()


def prelude_of(run: Run) -> Run | None:
    """Return the run that trained the steps before the switch, if there was one.

    Parameters
    ----------
    run : Run
        A job of a sweep.

    Returns
    -------
    Run or None
        It is looked for beside the job first, so that a sweep may be moved as a whole.
    """
    if not (run.config.get("prelude") or {}).get("until") or not run.config.get("ckpt_path"):
        return None
    folder = Path(run.config["ckpt_path"]).parent.parent
    for candidate in (run.path.resolve().parent / folder.parent.name / folder.name, folder):
        if (candidate / METRICS).is_file():
            return Run.load(candidate)
    return None
