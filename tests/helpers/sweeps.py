"""Write folders that look like those of runs: for tests of what reads them back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

STAGES = [
    {"name": "tokens", "start": 0, "end": 2, "weights": {"token": 1.0, "precursor": 0.0}},
    {"name": "masses", "start": 2, "end": 10, "weights": {"token": 1.0, "precursor": 0.2}},
]
CURRICULUM = {"steps_per_unit": 10, "stages": STAGES}


def write_job(
    folder: Path,
    curves: Mapping[str, Mapping[int, float]] | None = None,
    summary: Mapping[str, Any] | None = None,
    failure: str = "",
    **settings: Any,
) -> Path:
    """Write the folder of a run.

    Parameters
    ----------
    folder : Path
        Where to.
    curves : mapping or None
        Value by step of each logged name; None for a job that logged nothing.
    summary : mapping or None
        Content of ``summary.json``; None for a run that did not end well.
    failure : str
        Why it failed.
    **settings : Any
        Its configuration, beside ``run_dir`` and a curriculum of two stages.
    """
    folder.mkdir(parents=True)
    config = {"run_dir": str(folder), "curriculum": CURRICULUM} | settings
    (folder / "config.yaml").write_text(yaml.safe_dump(json.loads(json.dumps(config))))
    if curves is not None:
        (folder / "metrics").mkdir()
        rows = [
            {"step": step, name: value} for name, c in curves.items() for step, value in c.items()
        ]
        pd.DataFrame(rows).to_csv(folder / "metrics" / "metrics.csv", index=False)
    if summary is not None:
        (folder / "summary.json").write_text(json.dumps(summary))
    if failure:
        (folder / "failure.txt").write_text(f"{failure}\n")
    return folder


def write_sweep(folder: Path) -> Path:
    """Write a sweep of two penalties and two seeds, all finished, in which the clamp stands still.

    Both go on from a shared start of 20 steps. After the switch the error stays at 40,000 ppm
    with the clamp, and falls by a factor of 10 every 20 steps with the logarithm.
    """
    before = {"train/ppm_error_median": dict.fromkeys(range(20), 40_000.0)}
    for number, (penalty, seed) in enumerate((p, s) for p in ("clamp", "log") for s in (0, 1)):
        shared_start = folder / "shared_start" / f"seed={seed}-0"
        if not shared_start.exists():
            write_job(shared_start, before, seed=seed)
        is_log = penalty == "log"
        error = {s: 40_000.0 * 0.1 ** ((s - 20) / 20 * is_log) for s in range(20, 100)}
        write_job(
            folder / str(number),
            {
                "train/ppm_error_median": error,
                "train/precursor_loss": dict.fromkeys(range(20, 100), 600.0 if is_log else 100.0),
                "gradients/norm_precursor": dict.fromkeys(range(20, 100, 10), 0.5 * is_log),
                "val/peptide_recall": {59: 0.3 + 0.1 * seed, 99: 0.5 + 0.2 * seed},
                "test/peptide_recall": {100: 0.5 + 0.2 * seed},
            },
            {"steps": 100, "seconds": 2.0, "spectra_per_second": 400.0},
            seed=seed,
            penalty=penalty,
            loss={"terms": {"precursor": {"penalty": penalty}}},
            shared_start={"until": "masses"},
            ckpt_path=str(
                Path("/elsewhere/shared_start") / shared_start.name / "checkpoints" / "c.ckpt"
            ),
        )
    return folder
