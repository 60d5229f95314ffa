"""Networks as a stranger may send them: descriptions with one value altered, and forged files."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save

from denovo.sequencing.networks.description import checksum_of, digest_of

Place = tuple[str | int, ...]

MARKER = "stranger-was-here"
DELETED = object()
CHANGES: dict[str, Any] = {
    "null": None,
    "huge": 10**9,
    "beyond": 10**40,
    "negative": -3,
    "noisy_fraction": 0.5,
    "text": "${oc.env:HOME}",
    "control": "a\nb",
    "list": [[]],
    "true": True,
    "nan": float("nan"),
    "infinity": float("inf"),
    "deleted": DELETED,
    "target": {
        "_target_": "pathlib.Path.write_text",
        "_args_": [{"_target_": "pathlib.Path", "_args_": [MARKER]}, "a stranger was here"],
    },
}
"""What takes the place of a value, by name."""


def places_of(value: Any, every_entry: bool = False, place: Place = ()) -> Iterator[Place]:
    """Yield the place of every value, mappings and lists included.

    Parameters
    ----------
    value : Any
        Plain values.
    every_entry : bool
        Whether to go through all entries of a list; otherwise the first and the last one do.
    place : tuple
        Where it stands.
    """
    if place:
        yield place
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from places_of(entry, every_entry, (*place, key))
    elif isinstance(value, list):
        numbers = range(len(value)) if every_entry else sorted({0, len(value) - 1} - {-1})
        for number in [n for n in numbers if n < len(value)]:
            yield from places_of(value[number], every_entry, (*place, number))


def changed(text: str, place: Place, change: Any) -> dict[str, Any]:
    """Read JSON with another value at one place."""
    altered = json.loads(text)
    node: Any = altered
    for key in place[:-1]:
        node = node[key]
    if change is DELETED:
        del node[place[-1]]
    else:
        node[place[-1]] = change
    return altered


def altered_descriptions(
    description: dict[str, Any], every_change: bool = True, every_entry: bool = False
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield descriptions with one value altered.

    Parameters
    ----------
    description : dict
        Of a network.
    every_change : bool
        Whether to make every change at every place, or ``target`` and one other, in turn.
    every_entry : bool
        See `places_of`.

    Yields
    ------
    place, change : str
        Dotted name, and a name of `CHANGES`.
    altered : dict
        The description with a checksum that fits.
    """
    text, names = json.dumps(description), list(CHANGES)
    for number, place in enumerate(places_of(description, every_entry)):
        chosen = names if every_change else sorted({"target", names[number % len(names)]})
        for name in chosen if place != ("checksum",) else ():
            yield ".".join(map(str, place)), name, signed(changed(text, place, CHANGES[name]))


def compact(description: dict[str, Any]) -> dict[str, Any]:
    """Keep one of each kind, so that every change of every value takes seconds to try."""
    small = dict(description)
    for part in ("calibrations", "rerankers"):
        small[part] = dict(list(small[part].items())[:1])
    small["others"] = []
    return signed(small)


def signed(description: dict[str, Any]) -> dict[str, Any]:
    """Give a description the checksum of what it says, as anyone can."""
    try:
        return description | {"checksum": checksum_of(description)}
    except ValueError:  # NaN has no checksum
        return description


def forge(source: Path, target: Path, alter: Callable[[dict[str, Any]], Any]) -> Path:
    """Copy an exported network with another description, whose checksum fits, in both its files."""
    description = json.loads(source.with_suffix(".json").read_text())
    alter(description)
    text = json.dumps(signed(description))
    target.write_bytes(save(load(source.read_bytes()), metadata={"denovo": text}))
    target.with_suffix(".json").write_text(text)
    return target


POISONS: dict[str, Callable[[torch.Tensor], torch.Tensor | None]] = {
    "nan": lambda weight: torch.full_like(weight, float("nan")),
    "infinite": lambda weight: torch.full_like(weight, float("inf")),
    "huge": lambda weight: torch.full_like(weight, 3e38),
    "wide": lambda weight: torch.cat([weight, weight]),
    "flat": lambda weight: weight.reshape(-1, 1),
    "empty": lambda weight: weight[:0],
    "bytes": lambda weight: weight.to(torch.uint8),
    "double": lambda weight: weight.double(),
    "missing": lambda weight: None,
}
"""What becomes of a weight, by name; None for one that is left out."""


def poison(source: Path, target: Path, name: str, change: str) -> Path:
    """Copy an exported network with one weight changed, and checksums that fit."""
    weights = load(source.read_bytes())
    weight = POISONS[change](weights.pop(name))
    if weight is not None:
        weights[name] = weight.contiguous()
    description = json.loads(source.with_suffix(".json").read_text())
    text = json.dumps(signed(description | {"sha256": digest_of(weights)}))
    target.write_bytes(save(weights, metadata={"denovo": text}))
    target.with_suffix(".json").write_text(text)
    return target


class Trap:
    """What a pickle of a stranger holds: reading it writes a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (f"open({MARKER!r}, 'w').close()",)
