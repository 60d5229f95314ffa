"""`Curriculum`: reads a sequence of stages, and returns the stage of a step."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from denovo.curriculum.stage import NOISE_FIELDS, READERS, Noise, Stage, read_number, read_stage
from denovo.errors import InputError, check_names

_Value = TypeVar("_Value")
_FIELDS = ("name", "start", "end", *READERS, "ramp", "ramp_steps")
_RAMPS = {
    "constant": lambda _: 1.0,
    "linear": lambda share: share,
    "cosine": lambda share: 0.5 * (1 - math.cos(math.pi * share)),
}


@dataclass(frozen=True)
class _Segment:
    """A stage with its place in time, in steps: from ``start`` to before ``end``."""

    start: int
    end: int | None
    ramp: str
    ramp_steps: int
    before: Stage
    stage: Stage

    def at(self, step: int) -> Stage:
        if not self.ramp_steps:
            return self.stage
        share = min((step - self.start) / self.ramp_steps, 1.0)
        before = replace(self.before, name=self.stage.name, number=self.stage.number)
        return _blend(before, self.stage, _RAMPS[self.ramp](share))


class Curriculum:
    """A sequence of stages, each with its loss weights, peptide lengths and noise.

    Parameters
    ----------
    stages : sequence of mappings
        In order and without gaps, each with

        - ``name``, and ``start`` and ``end`` in units of ``steps_per_unit``, the end exclusive; the
          last may leave it out and then never ends;
        - any settings of `Stage`, such as ``weights``. Each value left out, also of a single
          weight, stays as in the stage before; later stages add no weights or settings of terms to
          those of ``base`` and the first stage;
        - ``ramp``: ``constant`` (default: the values hold from the first step), ``linear`` or
          ``cosine``, the way from the final values of the stage before to those of this one;
        - ``ramp_steps``: length of the ramp, in the same units; the whole stage by default.
    steps_per_unit : int
        Optimizer steps in one unit, so that one curriculum serves short and long training.
    base : mapping or None
        Values of the fields that the first stage leaves out, and the start of its ramp.

    Raises
    ------
    InputError
        If a stage cannot be read, naming the stage and the fault.

    Examples
    --------
    >>> curriculum = Curriculum(
    ...     [
    ...         {"name": "tokens", "start": 0, "end": 2, "weights": {"token": 1, "precursor": 0}},
    ...         {"name": "masses", "start": 2, "weights": {"precursor": 0.2}},
    ...     ],
    ...     steps_per_unit=100,
    ... )
    >>> curriculum.stage_at(199).name, curriculum.stage_at(200).weights
    ('tokens', {'token': 1.0, 'precursor': 0.2})
    """

    def __init__(
        self,
        stages: Sequence[Mapping[str, Any]],
        steps_per_unit: int = 1,
        base: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(steps_per_unit, int) or steps_per_unit < 1:
            raise InputError(
                f"curriculum: steps_per_unit must be a whole number >= 1, got {steps_per_unit!r}"
            )
        if not stages:
            raise InputError("curriculum: there are no stages; give at least one")
        check_names(base or {}, READERS, "curriculum base", "field")
        stage = read_stage(base or {}, "curriculum base", Stage(), "base", 0)
        self._segments: list[_Segment] = []
        for number, entry in enumerate(stages, start=1):
            is_last = number == len(stages)
            segment = _read_segment(entry, number, steps_per_unit, stage, is_last)
            _check_neighbours(self._segments, segment)
            self._segments.append(segment)
            stage = segment.stage
        self._starts = [segment.start for segment in self._segments]

    @property
    def n_steps(self) -> int | None:
        """Steps until the end of the last stage; None if it never ends."""
        return self._segments[-1].end

    @property
    def boundaries(self) -> list[int]:
        """The first step of every stage but the first."""
        return self._starts[1:]

    @property
    def changing_noise(self) -> tuple[str, ...]:
        """Names of the noise fields that change during the curriculum."""
        held = [segment.stage.noise for segment in self._segments]
        if self._segments[0].ramp_steps:
            held.append(self._segments[0].before.noise)
        return tuple(n for n in NOISE_FIELDS if len({getattr(noise, n) for noise in held}) > 1)

    @property
    def last_stage(self) -> Stage:
        """The stage of the last step, or of the last boundary if the curriculum has no end."""
        return self.stage_at(self.n_steps - 1 if self.n_steps else self._starts[-1])

    def stage_at(self, step: int) -> Stage:
        """Return the stage of an optimizer step, from 0; beyond the end the last stage continues.

        This is a pure function of the step: nothing is remembered between calls.
        """
        assert step >= 0, f"step must not be negative, got {step}"
        return self._segments[bisect_right(self._starts, step) - 1].at(step)


def _read_segment(
    entry: Mapping[str, Any], number: int, unit: int, previous: Stage, is_last: bool
) -> _Segment:
    where = f"stage {entry.get('name', number)}"
    check_names(entry, _FIELDS, where, "field")
    needed = ("name", "start") if is_last else ("name", "start", "end")
    for key in needed:
        if entry.get(key) is None:
            raise InputError(f"{where}: {key} is missing")
    start = _read_steps(entry["start"], unit, where, "start")
    last = entry.get("end")
    end = None if last is None else _read_steps(last, unit, where, "end")
    if end is not None and end <= start:
        raise InputError(f"{where}: end {last} must lie after start {entry['start']}")
    stage = read_stage(entry, where, previous, str(entry["name"]), number)
    ramp, ramp_steps = _read_ramp(entry, where, unit, None if end is None else end - start)
    return _Segment(start, end, ramp, ramp_steps, previous, stage)


def _read_ramp(
    entry: Mapping[str, Any], where: str, unit: int, duration: int | None
) -> tuple[str, int]:
    ramp = entry.get("ramp", "constant")
    check_names([ramp], _RAMPS, where, "ramp")
    given = entry.get("ramp_steps")
    if ramp == "constant":
        if given is not None:
            raise InputError(f"{where}: ramp_steps needs ramp linear or cosine")
        return ramp, 0
    steps = duration if given is None else _read_steps(given, unit, where, "ramp_steps")
    if not steps:
        raise InputError(f"{where}: a ramp in a stage without end needs ramp_steps above 0")
    if duration is not None and steps > duration:
        raise InputError(f"{where}: ramp_steps {given} is longer than the stage")
    return ramp, steps


def _check_neighbours(before: Sequence[_Segment], segment: _Segment) -> None:
    where = f"stage {segment.stage.name}"
    if segment.stage.name in [other.stage.name for other in before]:
        raise InputError(f"{where}: the name is used twice")
    end = before[-1].end if before else 0
    if segment.start == end:
        return
    if not before:
        raise InputError(f"{where}: the first stage must start at 0, not at step {segment.start}")
    fault = "gap after" if end is not None and segment.start > end else "overlap with"
    raise InputError(
        f"{where}: {fault} stage {before[-1].stage.name}, which ends at step {end}; it must start "
        f"there, not at step {segment.start}"
    )


def _read_steps(value: object, unit: int, where: str, what: str) -> int:
    steps = read_number(value, f"{where}: {what}") * unit
    if not math.isclose(steps, round(steps), abs_tol=1e-6):
        raise InputError(
            f"{where}: {what} {value} is not a whole number of steps at {unit} per unit"
        )
    return round(steps)


def _blend(old: _Value, new: _Value, share: float) -> _Value:
    """Mix two stages, or values of one field: exactly ``old`` at share 0 and ``new`` at share 1.

    Whole numbers are rounded. A name that only ``new`` has keeps its value.
    """
    mixed: Any = new
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        mixed = {key: _blend(old.get(key, value), value, share) for key, value in new.items()}
    elif isinstance(new, Stage | Noise):
        parts = {f.name: (getattr(old, f.name), getattr(new, f.name)) for f in fields(new)}
        mixed = replace(new, **{name: _blend(*pair, share) for name, pair in parts.items()})
    elif isinstance(old, int | float) and isinstance(new, int | float) and share < 1:
        mixed = old + (new - old) * share
        mixed = round(mixed) if isinstance(new, int) else mixed
    return mixed
