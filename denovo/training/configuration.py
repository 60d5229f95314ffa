"""Objects built from a Hydra configuration."""

import logging
import os
import re
import warnings
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue

from denovo.errors import InputError


def command_line() -> list[str] | None:
    """Return the settings of the command line; None without one.

    Options that name configuration files of one's own come first. A folder below the present one is
    given relative to it.
    """
    if not HydraConfig.initialized():
        return None
    hydra = HydraConfig.get()
    folders = [s.path for s in hydra.runtime.config_sources if s.provider == "command-line"]
    words = [f"--config-dir={_from_here(folder, hydra.runtime.cwd)}" for folder in folders]
    if hydra.job.config_name != "train":
        words.append(f"--config-name={hydra.job.config_name}")
    return words + list(hydra.overrides.task)


def is_on_command_line(name: str) -> bool:
    """Return whether the command line sets a group or setting, or a part of it."""
    given = (word.lstrip("+~").partition("=")[0] for word in command_line() or ())
    return any(f"{word}.".startswith(f"{name}.") for word in given)


def _from_here(folder: str, here: str) -> str:
    path = Path(folder)
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _choice(group: str) -> str:
    choices = HydraConfig.get().runtime.choices if HydraConfig.initialized() else {}
    return str(choices.get(group, "?"))


# ${choice:model} in a configuration file: which file of conf/model was chosen, "?" without Hydra.
OmegaConf.register_new_resolver("choice", _choice, replace=True)


def override(name: str, value: object) -> str:
    """Write an override of a setting that Hydra reads as exactly the text of a value.

    Raises
    ------
    InputError
        If the text holds ``${``, which Hydra would replace wherever it is read again.
    """
    text = str(value)
    if "${" in text:
        raise InputError(f"{text!r} holds '${{', which Hydra would replace; choose another name")
    # Hydra takes a backslash literally unless a quote follows.
    quoted = re.sub(r"(\\*)('|\Z)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), text)
    return f"{name}='{quoted}'"


def plain(config: DictConfig) -> dict[str, Any]:
    """Resolve a configuration to plain dicts, lists, strings and numbers."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def build(config: DictConfig | dict[str, Any], /, **arguments: Any) -> Any:
    """Instantiate a node; an `InputError` of its constructor is raised unchanged.

    Parameters
    ----------
    config : DictConfig or dict
        A node with ``_target_``.
    **arguments : Any
        Arguments of the constructor in addition to those of the node.

    Raises
    ------
    InputError
        If the constructor refuses the values. With ``HYDRA_FULL_ERROR=1`` in the environment every
        other error keeps its traceback.
    """
    try:
        if "_target_" not in config or config.get("_partial_"):
            return instantiate(config)
        # Hydra would pass the arguments through a copy of the configuration; they are objects.
        make = instantiate(config, _partial_=True)
        return make(**arguments)
    except MissingMandatoryValue as error:
        key = _where_set(config, str(error.full_key))
        raise InputError(f"{key} is not set; give {key}=VALUE") from None
    except (InstantiationException, MisconfigurationException, TypeError, ValueError) as error:
        fault = _first_input_error(error)
        if fault is not None:
            raise fault from None
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise
        cause = " ".join(str(error.__cause__ or error).split())
        raise InputError(f"the settings do not fit {config.get('_target_')}: {cause}") from error


def _where_set(config: DictConfig | dict[str, Any], key: str) -> str:
    """Follow ``${...}`` from a setting to the name under which it is given."""
    if not isinstance(config, DictConfig):
        return key
    root = OmegaConf.to_container(config._get_root(), resolve=False)  # pyright: ignore[reportArgumentType]
    node, parts = root, key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, dict) or part not in node:
            return key
        node = node[part]
        reference = re.fullmatch(r"\$\{(\w+(?:\.\w+)*)\}", node) if isinstance(node, str) else None
        if reference:
            return _where_set(config, ".".join([reference[1], *parts[depth + 1 :]]))
    return key


def _first_input_error(error: BaseException | None) -> InputError | None:
    while error is not None and not isinstance(error, InputError):
        error = error.__cause__
    return error


def settings_that_differ(one: Any, other: Any, name: str = "") -> list[str]:
    """Name the values in which two plain configurations differ, such as ``seed: 0 and 1``."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = dict.fromkeys([*one, *other])
        found = [
            settings_that_differ(one.get(k), other.get(k), f"{name}.{k}".strip(".")) for k in keys
        ]
        return [difference for part in found for difference in part]
    return [] if one == other else [f"{name}: {one} and {other}"]


def quiet_libraries() -> None:
    """Hide advertisements of libraries and warnings about deliberate choices of this program."""
    for name in ("lightning", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Reading a batch takes a hundredth of a training step, so no process is spent on it.
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    # A run that goes on has checkpoints in its folder.
    warnings.filterwarnings("ignore", "Checkpoint directory .* exists and is not empty")
    # The batch plan goes on from the step of the checkpoint, with nothing to restore.
    warnings.filterwarnings("ignore", ".*your dataloader is not resumable.*")
    # The evaluation metrics gather themselves over the ranks.
    warnings.filterwarnings("ignore", ".*sync_dist=True.*")
    # Lightning uses a spelling that torch has deprecated.
    warnings.filterwarnings("ignore", ".*isinstance.treespec, LeafSpec.*")
