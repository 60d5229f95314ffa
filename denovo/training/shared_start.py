"""First steps of a sweep, trained once for all jobs."""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock
from omegaconf import DictConfig, open_dict

from denovo import __version__
from denovo.curriculum import Curriculum
from denovo.errors import InputError
from denovo.training.callbacks import LAST, StopAt
from denovo.training.configuration import build, plain

log = logging.getLogger(__name__)

_WITHOUT_INFLUENCE = (
    *("name", "group", "run_dir", "store_dir", "ckpt_path", "resume", "logger", "shared_start"),
    "comparison",
    *("penalty", "loss_scale", "calibration_spectra", "rescoring", "branch", "branches"),
)
"""Names and paths, and settings that act through the loss terms alone."""


def start_from_shared_steps(
    cfg: DictConfig, fit: Callable[[DictConfig, StopAt], Any]
) -> DictConfig:
    """Train the steps that jobs of a sweep share, once, and set ``ckpt_path`` to their checkpoint.

    The first job trains the steps before the stage ``shared_start.until``, on the learning rate
    schedule of the whole run; the others wait for it. Jobs share these steps if their versions of
    denovo and all their settings agree, except later stages and settings of loss terms whose
    weight is 0 until then. Shared steps from an earlier sweep are used again, and the log states
    their age: delete them after a change of the code under the same version. ``fit`` trains a
    configuration with a further callback.
    """
    if str(cfg.trainer.devices) != "1":
        raise InputError(
            f"the shared start is trained on one device, but trainer.devices={cfg.trainer.devices}"
            "; set trainer.devices=1 or shared_start.until=null"
        )
    curriculum = build(cfg.curriculum)
    step = first_step_of(curriculum, cfg.shared_start.until)
    folder = Path(cfg.shared_start.dir).resolve() / f"seed={cfg.seed}-{_fingerprint(cfg, step)}"
    checkpoint = folder / "checkpoints" / "shared_start.ckpt"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if checkpoint.is_file():
            age = timedelta(seconds=round(max(time.time() - checkpoint.stat().st_mtime, 0)))
            log.info("%s: %s old, by denovo %s", checkpoint, age, __version__)
        else:
            log.info("training the first %d steps, which jobs share, in %s", step, folder)
            loggers = cfg.get("logger") or {}
            csv_alone = {name: node for name, node in loggers.items() if name == "csv"}
            shared = _changed(cfg, run_dir=str(folder), logger=csv_alone)
            # The checkpoint of an interrupted shared start.
            last = checkpoint.with_name(LAST)
            if last.is_file():
                shared = _changed(shared, ckpt_path=str(last))
            else:
                shutil.rmtree(folder, ignore_errors=True)
            fit(shared, StopAt(step, checkpoint))
    log.info("going on from step %d of %s", step, checkpoint)
    return _changed(cfg, ckpt_path=str(checkpoint))


def first_step_of(curriculum: Curriculum, stage: str) -> int:
    """Return the first step of a stage that is not the first one."""
    starts = {curriculum.stage_at(step).name: step for step in curriculum.boundaries}
    if stage not in starts:
        raise InputError(
            f"shared_start.until={stage} names no stage after the first one; choose from "
            f"{', '.join(starts) or 'none, since the curriculum has a single stage'}"
        )
    return starts[stage]


def _changed(cfg: DictConfig, **values: Any) -> DictConfig:
    changed = cfg.copy()
    with open_dict(changed):
        for name, value in values.items():
            changed[name] = value
    return changed


def _fingerprint(cfg: DictConfig, n_steps: int) -> str:
    settings = {key: v for key, v in plain(cfg).items() if key not in _WITHOUT_INFLUENCE}
    curriculum = build(cfg.curriculum)
    active = _active_terms(curriculum, n_steps)
    terms = {name: term for name, term in settings["loss"]["terms"].items() if name in active}
    settings["loss"] = settings["loss"] | {"terms": terms}
    # Another release may train another network from the same settings.
    settings["denovo"] = __version__
    planned = settings["curriculum"]
    # Later stages act through the length of the learning rate schedule alone. A tripwire holds a
    # copy of the curriculum.
    stages = planned["stages"][: curriculum.stage_at(n_steps).number - 1]
    shared = planned | {"stages": stages, "n_steps": curriculum.n_steps}
    whole, part = (json.dumps(each, sort_keys=True) for each in (planned, shared))
    text = json.dumps(settings, sort_keys=True).replace(whole, part)
    text = text.replace(json.dumps(str(cfg.run_dir))[1:-1], "")
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _active_terms(curriculum: Curriculum, n_steps: int) -> set[str]:
    """Name the loss terms that have a weight at any step before ``n_steps``."""
    # Weights change at boundaries and along ramps, whose ends lie at the last step of a stage.
    edges = {0, n_steps - 1}
    edges |= {step for b in curriculum.boundaries if b < n_steps for step in (b - 1, b)}
    stages = [curriculum.stage_at(step) for step in edges]
    return {name for stage in stages for name, weight in stage.weights.items() if weight > 0}
