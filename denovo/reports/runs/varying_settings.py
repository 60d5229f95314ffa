"""Settings in which runs differ."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_IRRELEVANT = ("group", "run_dir", "store_dir", "ckpt_path", "resume", "logger", "shared_start")
_IRRELEVANT += ("comparison",)
"""Top-level settings that affect paths but not results."""
BRANCH = "branch"
"""Setting that names a branch of a re-enactment; other settings follow from it."""


def varying_settings(configs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Reduce configurations to their differing settings, under the shortest unique names.

    Of settings with equal values, such as ``seed`` and ``data.seed``, the one with the shortest
    name is kept. If objects differ in class, only the class is kept. Lists of mappings are left out
    if simpler settings differ. Settings that follow from ``branch`` are left out too.

    Examples
    --------
    >>> varying_settings([{"seed": 0, "data": {"seed": 0}}, {"seed": 1, "data": {"seed": 1}}])
    [{'seed': 0}, {'seed': 1}]
    """
    flat = [_flatten(config) for config in configs]
    known = [settings for settings in flat if settings]
    names = sorted(dict.fromkeys(name for s in known for name in s), key=_brevity)
    differing = [name for name in names if any(s.get(name) != known[0].get(name) for s in known)]
    columns = _without_copies(_without_parts(differing), known)
    columns = [name for name in columns if name == BRANCH or not _follows_from_branch(name, known)]
    simple = [name for name in columns if not any(_is_complex(s.get(name)) for s in known)]
    shown = _shortened(simple or columns)
    return [{short: settings.get(name) for name, short in shown.items()} for settings in flat]


def _flatten(config: Mapping[str, Any]) -> dict[str, Any]:
    """Map dotted names to values, without paths in the folder of the run."""
    relevant = {key: value for key, value in config.items() if key not in _IRRELEVANT}
    run_dir = str(config.get("run_dir") or "")
    return {
        name: value
        for name, value in _leaves(relevant)
        if not (run_dir and isinstance(value, str) and run_dir in value)
    }


def _leaves(node: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    if not isinstance(node, Mapping):
        yield name, node
        return
    for key, value in node.items():
        yield from _leaves(value, f"{name}.{key}".strip("."))


def _brevity(name: str) -> tuple[int, str]:
    return name.count("."), name


def _without_parts(names: Sequence[str]) -> list[str]:
    """Leave out the settings of objects of different classes, except for the class."""
    kinds = [name.removesuffix("_target_") for name in names if name.endswith("._target_")]
    return [
        name
        for name in names
        if not any(name.startswith(kind) and name != f"{kind}_target_" for kind in kinds)
    ]


def _without_copies(names: Sequence[str], flat: Sequence[Mapping[str, Any]]) -> list[str]:
    columns: dict[str, str] = {}
    for name in names:
        columns.setdefault(repr([settings.get(name) for settings in flat]), name)
    return list(columns.values())


def _follows_from_branch(name: str, flat: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a setting has one value in each branch, and there are several branches."""
    values: dict[Any, set[str]] = {}
    for settings in flat:
        values.setdefault(settings.get(BRANCH), set()).add(repr(settings.get(name)))
    return len(values) > 1 and all(len(found) == 1 for found in values.values())


def _is_complex(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value)


def _shortened(names: Sequence[str]) -> dict[str, str]:
    """Shorten each dotted name to its last parts that make it unique."""
    parts = {name: name.removesuffix("._target_").split(".") for name in names}
    shown = {}
    for name, own in parts.items():
        others = [other for key, other in parts.items() if key != name]
        n = next(
            (n for n in range(1, len(own)) if all(other[-n:] != own[-n:] for other in others)),
            len(own),
        )
        shown[name] = ".".join(own[-n:])
    return shown
