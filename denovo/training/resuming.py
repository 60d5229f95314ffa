"""The run folder: its lock, an earlier run in it, the comparison of settings, clean-up."""

import json
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from denovo.errors import InputError
from denovo.io.atomic_outputs import PART_SUFFIX
from denovo.io.remote import exists, local_copy, remove
from denovo.reports.criteria import CRITERIA_FILE
from denovo.reports.runs.run import CONFIG, METRICS, SUMMARY, read_config
from denovo.sequencing.networks import read_checkpoint
from denovo.training.configuration import settings_that_differ

_WITHOUT_INFLUENCE = ("name", "group", "run_dir", "store_dir", "ckpt_path", "resume", "logger")
"""Top-level settings that are names and paths."""
_FREE = {"progress", "n_workers", "processes", "steps_per_stage", "steps_per_unit"}
_FREE |= {"val_check_interval"}
"""Settings of processes and of the number of steps, at any depth."""
_LEFT = (
    *(CONFIG, METRICS, "metrics/hparams.yaml", "checkpoints/best.ckpt", "wandb/id.txt"),
    *("examples.json", "tripwires.jsonl", "model.safetensors", "model.json", "finetune.json"),
    *(SUMMARY, CRITERIA_FILE, "report.html"),
)
"""Files that a run writes into its folder, without the histories of W&B."""

_OUTPUTS = tuple(
    str(name) for name in _LEFT if name not in ("metrics/hparams.yaml", "wandb/id.txt")
)
"""Those that somebody else may have put there, and that a run must not take for its own."""

_TRAINED = ("model.safetensors", SUMMARY)
"""Results of a run that has ended."""

_LEFT_BY_A_START = ("train.log", ".train.lock", CONFIG, "metrics/hparams.yaml")
"""Files of a run that has taken no step, without those of Hydra and W&B."""


@dataclass(frozen=True)
class Earlier:
    """A run of the same settings in the folder, with its last checkpoint.

    ``summary`` is the content of `summary.json`; it is empty if the run has not ended.
    """

    checkpoint: str
    config: dict[str, Any]
    step: int
    summary: dict[str, Any]

    def is_complete(self, n_steps: int) -> bool:
        """Whether all steps are taken and all outputs are written."""
        return self.summary.get("steps") == n_steps == self.step


def find_earlier(config: Mapping[str, Any], last: str, n_steps: int) -> Earlier | None:
    """Return the run to resume in the folder of a configuration; None to start anew.

    ``last`` is the path of its last checkpoint. A run with more steps than ``n_steps``, or with
    other settings that matter, is refused.
    """
    run_dir = Path(config["run_dir"])
    resume = config.get("resume") or "never"
    if resume not in ("auto", "never"):
        raise InputError(f"resume must be auto or never, got {resume!r}")
    if resume == "never":
        return None
    checkpoint = _asked_for(config, last)
    if checkpoint is None:
        _check_without_checkpoint(run_dir, config)
        return None
    with local_copy(checkpoint) as path:
        content = read_checkpoint(path)
    then, step = content["denovo"]["config"], content["global_step"]
    _check_same(run_dir, then, config)
    if step > n_steps:
        raise InputError(
            f"{checkpoint} has taken {step} steps, more than the {n_steps} of this configuration; "
            "train at least as long, choose another run_dir, or replace the run by resume=never"
        )
    return Earlier(checkpoint, then, step, _read_summary(run_dir))


def clear(run_dir: str | Path, last: str, starts: Iterable[str | None] = ()) -> None:
    """Remove the files of an earlier run from a folder where training starts anew.

    ``starts`` are networks that the training reads: if one of them would be removed, nothing is,
    and an InputError is raised.
    """
    left = [Path(run_dir) / name for name in _LEFT]
    lost = {path.resolve() for path in (*left, Path(last))}
    for start in starts:
        if start and Path(start).exists() and Path(start).resolve() in lost:
            raise InputError(
                f"the training starts from {start}, which lies in the run_dir that it replaces; "
                "choose another run_dir, or move that file"
            )
    for path in left:
        path.unlink(missing_ok=True)
    remove(last)


@contextmanager
def claimed(run_dir: str | Path, is_first: bool) -> Iterator[None]:
    """Lock the folder of a run against other trainings, and remove files of a killed one.

    Only the first rank, the process that writes, takes the lock.
    """
    if not is_first:
        yield
        return
    try:
        Path(run_dir).mkdir(parents=True, exist_ok=True)
        lock = FileLock(Path(run_dir) / ".train.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise InputError(
            f"another process trains in {run_dir}; wait for it, or choose another run_dir"
        ) from None
    try:
        for folder in (Path(run_dir), Path(run_dir) / "checkpoints"):
            for path in folder.glob(f".*{PART_SUFFIX}"):
                path.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def remove_failed_start(run_dirs: Iterable[str | Path], since: float) -> None:
    """Remove the folders of a run that failed before it logged anything.

    A folder with any other file, or with one older than ``since`` (seconds since 1970), stays.
    """
    for folder in {Path(path).resolve() for path in run_dirs}:
        files = [path for path in folder.rglob("*") if not path.is_dir()]
        is_free = folder.is_dir() and not Path.cwd().is_relative_to(folder)
        if is_free and all(_is_of_a_start(path, folder, since) for path in files):
            shutil.rmtree(folder, ignore_errors=True)
            # Hydra makes runs/NAME/TIME; empty parents go, but not the working directory.
            for parent in folder.parents[:2]:
                if not Path.cwd().is_relative_to(parent):
                    with suppress(OSError):
                        parent.rmdir()


def _is_of_a_start(path: Path, folder: Path, since: float) -> bool:
    name = path.relative_to(folder).as_posix()
    is_known = name.startswith((".hydra/", "wandb/")) or name in _LEFT_BY_A_START
    return is_known and path.lstat().st_mtime >= since


def how_to_go_on(run_dir: str | Path, last: str) -> str:
    """Return a hint where the last checkpoint of a stopped run lies, and how to go on."""
    if exists(last):
        return f"the last step is in {last}; the same command with run_dir={run_dir} goes on"
    return f"no step is saved in {run_dir} yet; the same command begins again"


def _asked_for(config: Mapping[str, Any], last: str) -> str | None:
    """Return the checkpoint in the folder to go on from: the last or the named one."""
    named = config.get("ckpt_path")
    if named and Path(named).resolve().parent == Path(last).resolve().parent:
        return last if Path(named).name == Path(last).name else str(named)
    return last if exists(last) else None


def _check_without_checkpoint(run_dir: Path, config: Mapping[str, Any]) -> None:
    is_run = (run_dir / CONFIG).is_file()
    if is_run:
        _check_same(run_dir, read_config(run_dir), config)
    kept = _TRAINED if is_run else _OUTPUTS
    if found := [name for name in kept if (run_dir / name).is_file()]:
        whose = "but not the last checkpoint of its run" if is_run else "which is of another run"
        raise InputError(
            f"{run_dir} holds {found[0]}, {whose}; choose another run_dir, or replace what is "
            "there by resume=never"
        )


def _check_same(run_dir: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    ranks_then, ranks_now = _n_ranks(then), _n_ranks(now)
    before, after = _decisive(then), _decisive(now)
    if ranks_then and ranks_now and ranks_then != ranks_now:
        before, after = _over_ranks(before, ranks_then), _over_ranks(after, ranks_now)
    found = settings_that_differ(before, after)
    start = now.get("ckpt_path")
    is_own = start and Path(start).resolve().is_relative_to(run_dir.resolve())
    if start and not is_own and then.get("ckpt_path") != start:
        found.append(f"ckpt_path: {then.get('ckpt_path')} and {start}")
    if found:
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise InputError(
            f"{run_dir} holds another run, which differs in {'; '.join(found[:5])}{more}; choose "
            "another run_dir, give the settings of that run, or replace it by resume=never"
        )


def _n_ranks(config: Mapping[str, Any]) -> int | None:
    """Multiply devices and nodes of a configuration; None if a number is found out at the start."""
    trainer = config.get("trainer", {})
    counts = [str(trainer.get(name, 1)) for name in ("devices", "num_nodes")]
    return math.prod(map(int, counts)) if all(map(str.isdecimal, counts)) else None


def _over_ranks(config: Mapping[str, Any], n_ranks: int) -> dict[str, Any]:
    """Count the spectra of a step over all ranks, whose number then may differ."""
    found = dict(config)
    for name in ("size", "data"):
        section = dict(found.get(name, {}))
        if "batch_size" in section:
            section["batch_size * ranks"] = section.pop("batch_size") * n_ranks
        found[name] = section
    own = ("devices", "num_nodes", "strategy")
    found["trainer"] = {k: v for k, v in found.get("trainer", {}).items() if k not in own}
    return found


def _decisive(config: Mapping[str, Any]) -> Any:
    """Reduce a configuration to the settings that a resumed run must share."""
    relevant = {key: v for key, v in config.items() if key not in _WITHOUT_INFLUENCE}
    text = json.dumps(_pruned(relevant), default=str)
    for name in ("run_dir", "store_dir"):
        if config.get(name):
            text = text.replace(json.dumps(str(config[name]))[1:-1], f"<{name}>")
    return json.loads(text)


def _pruned(node: Any, is_stage: bool = False) -> Any:
    """Leave out settings that may differ: ``_FREE`` anywhere, start and end of stages."""
    if isinstance(node, Mapping):
        dropped = _FREE | ({"start", "end"} if is_stage else set())
        return {k: _pruned(v, k == "stages") for k, v in node.items() if k not in dropped}
    return [_pruned(value, is_stage) for value in node] if isinstance(node, list) else node


def _read_summary(run_dir: Path) -> dict[str, Any]:
    path = run_dir / SUMMARY
    try:
        return json.loads(path.read_text()) if path.is_file() else {}
    except ValueError:
        return {}  # it will be written again
