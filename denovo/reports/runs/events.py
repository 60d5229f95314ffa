"""Stages of a run, and the tripwires that fired."""

import json
from dataclasses import dataclass

from denovo.curriculum import Curriculum
from denovo.errors import InputError
from denovo.reports.runs.run import CONFIG, Run

TRIPWIRES = "tripwires.jsonl"


@dataclass(frozen=True)
class StageSpan:
    """Number (from 1), name and first optimizer step of a stage."""

    number: int
    name: str
    start: int


@dataclass(frozen=True)
class TripwireEvent:
    """Optimizer step, name and message of a tripwire that fired."""

    step: int
    name: str
    message: str


def curriculum_of(run: Run) -> Curriculum | None:
    """Return the curriculum in the configuration of a run; None without one."""
    planned = run.config.get("curriculum")
    if not planned:
        return None
    # Names with a leading underscore are instructions to Hydra.
    arguments = {name: value for name, value in planned.items() if not name.startswith("_")}
    try:
        return Curriculum(**arguments)
    except (InputError, TypeError) as error:
        raise InputError(f"{run.path / CONFIG} is damaged: {error}") from error


def stages_of(run: Run) -> list[StageSpan]:
    """Return the planned stages of a run in order; none without a curriculum."""
    curriculum = curriculum_of(run)
    if curriculum is None:
        return []
    stages = [(start, curriculum.stage_at(start)) for start in (0, *curriculum.boundaries)]
    return [StageSpan(stage.number, stage.name, start) for start, stage in stages]


def tripwires_of(run: Run) -> list[TripwireEvent]:
    """Return the tripwires that fired, in order of time."""
    path = run.path / TRIPWIRES
    if not path.is_file():
        return []
    fired = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            fired.append(
                TripwireEvent(int(entry["step"]), str(entry["name"]), str(entry["message"]))
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number} is damaged: {error}") from error
    return fired
