"""The values that a stage holds: read from a mapping, checked, and blended into each other."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from denovo.checks import check_names, check_positive
from denovo.curriculum.stage import MOST_INTERNAL, NOISE_FIELDS, SHARES, Noise, Stage
from denovo.errors import InputError

SETTING_FIELDS = ("weights", "min_length", "max_length", "noise", "spectrum_width_da")


@dataclass(frozen=True)
class Settings:
    """What a stage sets: the fields of `Stage` without its name and number."""

    weights: Mapping[str, float] = field(default_factory=dict)
    min_length: int = Stage.min_length
    max_length: int = Stage.max_length
    noise: Noise = field(default_factory=Noise)
    spectrum_width_da: float | None = Stage.spectrum_width_da


def read_settings(entry: Mapping[str, Any], where: str, previous: Settings) -> Settings:
    """Read what a stage sets on top of the stage before.

    Parameters
    ----------
    entry : mapping
        Any of `SETTING_FIELDS`.
    where : str
        Name of the stage, for messages.
    previous : Settings
        Values of all fields that are not given, single noise strengths included.

    Returns
    -------
    Settings
        The values of the stage once it is fully in force.

    Raises
    ------
    InputError
        If a value is out of range, or the weights name other terms than the stage before.
    """
    settings = Settings(
        weights=_read_weights(entry, where, previous.weights),
        min_length=_read_length(entry, "min_length", where, previous.min_length),
        max_length=_read_length(entry, "max_length", where, previous.max_length),
        noise=_read_noise(entry, where, previous.noise),
        spectrum_width_da=_read_width(entry, where, previous.spectrum_width_da),
    )
    if settings.min_length > settings.max_length:
        raise InputError(
            f"{where}: min_length {settings.min_length} is larger than max_length "
            f"{settings.max_length}"
        )
    return settings


def blend(old: Settings, new: Settings, share: float) -> Settings:
    """Go from one set of values to another.

    Parameters
    ----------
    old, new : Settings
        The two ends.
    share : float
        How much of the new one holds, in [0, 1].

    Returns
    -------
    Settings
        Exactly ``old`` at 0 and ``new`` at 1; lengths rounded to whole residues.
    """
    if share in (0, 1):
        return new if share else old
    mix = {name: _between(old.weights.get(name, w), w, share) for name, w in new.weights.items()}
    noise = {
        name: _between(getattr(old.noise, name), getattr(new.noise, name), share)
        for name in NOISE_FIELDS
    }
    return Settings(
        weights=mix,
        min_length=round(_between(old.min_length, new.min_length, share)),
        max_length=round(_between(old.max_length, new.max_length, share)),
        noise=Noise(**noise),
        spectrum_width_da=_width_between(old.spectrum_width_da, new.spectrum_width_da, share),
    )


def read_number(value: object, where: str, what: str) -> float:
    """Read a finite number that is not negative.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise InputError(f"{where}: {what} must be a number and not negative, got {value!r}")


def _between(old: float | int, new: float | int, share: float) -> float:
    return old + (new - old) * share


def _width_between(old: float | None, new: float | None, share: float) -> float | None:
    return new if old is None or new is None else _between(old, new, share)


def _read_mapping(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = entry.get(key, {})
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: {key} must map names to numbers, got {value!r}")
    return value


def _read_weights(
    entry: Mapping[str, Any], where: str, previous: Mapping[str, float]
) -> Mapping[str, float]:
    if "weights" not in entry:
        return previous
    given = _read_mapping(entry, "weights", where)
    if previous and set(given) != set(previous):
        raise InputError(
            f"{where}: weights name {', '.join(sorted(given)) or 'nothing'}, but the stages before "
            f"name {', '.join(sorted(previous))}; every stage must name the same terms"
        )
    return {name: read_number(w, where, f"weight {name}") for name, w in given.items()}


def _read_length(entry: Mapping[str, Any], key: str, where: str, previous: int) -> int:
    value = entry.get(key, previous)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{where}: {key} must be a whole number of residues >= 1, got {value!r}")
    return value


def _read_noise(entry: Mapping[str, Any], where: str, previous: Noise) -> Noise:
    given = _read_mapping(entry, "noise", where)
    check_names(given, NOISE_FIELDS, where, "noise field")
    values = {name: read_number(v, where, f"noise {name}") for name, v in given.items()}
    for name in SHARES:
        if values.get(name, 0) > 1:
            raise InputError(
                f"{where}: noise {name} is a share and must be <= 1, got {values[name]}"
            )
    if (height := values.get("internal_fragments", 0)) > MOST_INTERNAL:
        raise InputError(
            f"{where}: noise internal_fragments is a height relative to measured spectra and must "
            f"be <= {MOST_INTERNAL:g}, got {height:g}; give 1 for as high as measured (it "
            "was a number of fragments once)"
        )
    return replace(previous, **values)


def _read_width(entry: Mapping[str, Any], where: str, previous: float | None) -> float | None:
    width = entry.get("spectrum_width_da", previous)
    if width is None and previous is not None:
        raise InputError(
            f"{where}: spectrum_width_da is null, but the stages before have a width; a width "
            "schedule must cover all stages, so give a number or leave it out"
        )
    return None if width is None else check_positive(f"{where}: spectrum_width_da", width)
