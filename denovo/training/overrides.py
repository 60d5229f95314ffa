"""Checks of the arguments of `train.py` before Hydra composes them."""

from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.utils import get_args_parser
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from denovo.errors import InputError, check_names
from denovo.training.program_files import config_directory

_WHERE = "train.py"
_ELSEWHERE = ("config_name", "config_path", "config_dir", "experimental_rerun", "shell_completion")
"""Options after which the configuration is not that of `conf/train.yaml`, or not composed."""


def check_command_line(arguments: Sequence[str]) -> None:
    """Refuse options, settings and choices that do not exist, and name the closest that does.

    Everything that Hydra composes, or refuses for another reason, passes.
    """
    overrides = _parsed(arguments)
    groups = {path.name for path in config_directory().iterdir() if path.is_dir()}
    choices = [each for each in overrides if each.key_or_group in groups]
    for each in choices:
        _check_choice(each)
    if overrides and _composed(overrides) is None and (config := _composed(choices)) is not None:
        for each in overrides:
            if each.key_or_group not in groups and not each.is_add():
                _check_key(each.key_or_group, config)


def _parsed(arguments: Sequence[str]) -> list[Override]:
    """Parse the overrides that can be checked here; the others are left to Hydra.

    Left to Hydra are its own settings, patterns of file names, overrides that cannot be parsed, and
    all of them if another configuration is chosen.
    """
    parser = get_args_parser()
    _check_options(arguments, parser._option_string_actions)
    typed, unknown = parser.parse_known_args(arguments)
    if unknown or any(getattr(typed, name, None) for name in _ELSEWHERE):
        return []
    try:
        overrides = OverridesParser.create().parse_overrides(typed.overrides)
    except HydraException:
        return []
    return [
        each
        for each in overrides
        if not each.key_or_group.startswith("hydra") and not isinstance(each.value(), Glob)
    ]


def _check_options(arguments: Sequence[str], known: Container[str]) -> None:
    """Refuse unknown options: Hydra would read --experiment as an abbreviation of its own."""
    for argument in arguments:
        name = argument.partition("=")[0]
        if name.startswith("--") and name not in known:
            raise InputError(
                f"{_WHERE} has no option {name}; settings are written NAME=VALUE, and an "
                "experiment is chosen by +experiment=NAME"
            )


def _check_choice(override: Override) -> None:
    """Refuse a file that is not in the folder of a group."""
    group = override.key_or_group
    files = sorted(path.stem for path in (config_directory() / group).glob("*.yaml"))
    if override.is_sweep_override():
        chosen = [str(value) for value in override.sweep_iterator()]
    else:
        value = override.value()
        chosen = value if isinstance(value, list) else [value]
    names = [str(name) for name in chosen if name is not None and not override.is_delete()]
    # Hydra itself checks choices in other folders and computed ones.
    plain = [Path(name).stem if name.endswith(".yaml") else name for name in names]
    check_names([n for n in plain if n.isidentifier()], files, _WHERE, f"choice of {group}")
    if group == "experiment" and not override.is_add() and not override.is_delete():
        raise InputError(f"an experiment is added: write +{override.input_line}")


def _check_key(key: str, config: dict[str, Any]) -> None:
    """Refuse a setting at the first part of its name that does not exist."""
    node: Any = config
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, dict):
            return
        where = ".".join(parts[:depth])
        check_names([part], map(str, node), where or _WHERE, "setting")
        node = node[part]


def _composed(overrides: Sequence[Override]) -> dict[str, Any] | None:
    """Compose the configuration of the (first) job; None if that fails."""
    typed = [_first_of(each) for each in overrides]
    try:
        # Hydra keeps one configuration directory for the whole process.
        GlobalHydra.instance().clear()
        with initialize_config_dir(str(config_directory()), version_base="1.3"):
            composed = compose("train", overrides=typed)
    except (HydraException, OmegaConfBaseException):
        return None
    return OmegaConf.to_container(composed, resolve=False)  # pyright: ignore[reportReturnType]


def _first_of(override: Override) -> str:
    if not override.is_sweep_override():
        return str(override.input_line)
    name = str(override.input_line).partition("=")[0]
    if not override.is_discrete_sweep():
        return f"{name}=0"
    return f"{name}={next(iter(override.sweep_string_iterator()))}"
