"""When things happened in a run: its stages, and the tripwires that fired."""

import json
from dataclasses import dataclass

from denovo.errors import InputError
from denovo.runs.run import Run

TRIPWIRES = "tripwires.jsonl"


@dataclass(frozen=True)
class StageSpan:
    """A stage of the curriculum in optimizer steps.

    Parameters
    ----------
    number : int
        From 1.
    name : str
        As the curriculum calls it.
    start : int
        First step.
    """

    number: int
    name: str
    start: int


@dataclass(frozen=True)
class Tripwire:
    """A tripwire that fired.

    Parameters
    ----------
    step : int
        Optimizer step.
    name : str
        Which one.
    message : str
        What it found, in one sentence.
    """

    step: int
    name: str
    message: str


def stages_of(run: Run) -> list[StageSpan]:
    """Return the stages of a run, as its configuration plans them.

    Parameters
    ----------
    run : Run
        The run; one without a curriculum has no stages.

    Returns
    -------
    list of StageSpan
        In order.
    """
    curriculum = run.config.get("curriculum") or {}
    unit = curriculum.get("steps_per_unit", 1)
    return [
        StageSpan(number, str(stage["name"]), round(stage["start"] * unit))
        for number, stage in enumerate(curriculum.get("stages") or (), start=1)
    ]


def tripwires_of(run: Run) -> list[Tripwire]:
    """Return the tripwires that fired in a run.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    list of Tripwire
        In the order in which they fired; empty if none did.

    Raises
    ------
    InputError
        If a line of ``tripwires.jsonl`` cannot be read.
    """
    path = run.path / TRIPWIRES
    if not path.is_file():
        return []
    fired = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            fired.append(Tripwire(int(entry["step"]), str(entry["name"]), str(entry["message"])))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number} is damaged: {error}") from error
    return fired
