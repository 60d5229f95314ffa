"""Networks to pass on: weights as safetensors, and all else as JSON that a person can read."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.io.files import atomic_path, sha256_of, write_text

FORMAT = 2
"""Raised when older versions of the package could not read what this one writes."""
_FORMAT_OF_ONE = 1
"""Of a file with a single network, which the first version reads too."""
SUFFIX = ".safetensors"
_KEPT = ("model", "residues", "simulator", "curriculum", "scale", "seed")
"""Parts of the configuration that say what the network is, and what its probabilities are fitted
to; the rest holds paths of one machine."""
_KEPT_OF_RECIPE = ("digest", "precursors", "simulator", "proteome", "exclude")
"""Parts of the recipe of its spectra; of files their names alone."""


def write_exported(
    path: str | Path,
    sequencer: nn.Module,
    config: Mapping[str, Any],
    calibrations: Mapping[str, Mapping[str, Any]],
    record: Mapping[str, Any],
    others: Sequence[tuple[nn.Module, Mapping[str, Any]]] = (),
    rerankers: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Path, Path]:
    """Write a network, or several that read together, as ``NAME.safetensors`` and ``NAME.json``.

    Parameters
    ----------
    path : str or Path
        The first of them.
    sequencer : Module
        The network.
    config : mapping
        The configuration it was trained with.
    calibrations : mapping
        State of a `Calibration` for each kind of decoder.
    record : mapping
        Where the network comes from, as plain values.
    others : sequence of (Module, mapping)
        More networks of the same alphabet, each with its configuration.
    rerankers : mapping or None
        State of a `Reranker` for each kind of rescoring.

    Returns
    -------
    weights, description : Path
        The two files.

    Raises
    ------
    InputError
        If the name has another ending, or a file cannot be written.
    """
    path = Path(path)
    if path.suffix != SUFFIX:
        raise InputError(f"an exported network ends in {SUFFIX}, got {path}")
    vocabulary = sequencer.vocabulary
    assert isinstance(vocabulary, Vocabulary)
    weights = {
        f"{name_prefix(number)}{name}": value.contiguous()
        for number, network in enumerate([sequencer, *(other for other, _ in others)])
        for name, value in network.state_dict().items()
    }
    with atomic_path(path) as temporary:
        temporary.write_bytes(save(weights))
    description = {
        "format": FORMAT if others else _FORMAT_OF_ONE,
        "denovo": version("denovo"),
        "weights": path.name,
        "sha256": sha256_of(path),
        "n_parameters": sum(value.numel() for value in weights.values()),
        "vocabulary": vocabulary.state(),
        "config": _described(config),
        "others": [_described(of_other) for _, of_other in others],
        "calibrations": {kind: dict(state) for kind, state in calibrations.items()},
        "rerankers": {kind: dict(state) for kind, state in (rerankers or {}).items()},
        "record": dict(record),
    }
    write_text(path.with_suffix(".json"), json.dumps(description, indent=1) + "\n")
    return path, path.with_suffix(".json")


def name_prefix(number: int) -> str:
    """Return what the names of the weights of a network begin with: nothing for the first."""
    return f"network{number}." if number else ""


def read_exported(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_exported` wrote.

    Parameters
    ----------
    path : str or Path
        Either of the two files; the other one stands beside it.

    Returns
    -------
    weights : dict of str to Tensor
        By name.
    description : dict
        All else.

    Raises
    ------
    InputError
        If one of the two is missing, damaged, from a later version, or they are not a pair.
    """
    weights_path, text_path = Path(path).with_suffix(SUFFIX), Path(path).with_suffix(".json")
    for part in (weights_path, text_path):
        if not part.is_file():
            raise InputError(
                f"there is no {part}; an exported network is a {SUFFIX} and a .json file of one "
                "name, side by side"
            )
    description = _description(text_path)
    if sha256_of(weights_path) != description["sha256"]:
        raise InputError(
            f"{weights_path} is damaged, or is not the one that {text_path.name} describes; "
            "copy both files again"
        )
    try:
        return load(weights_path.read_bytes()), description
    except SafetensorError as error:
        raise InputError(f"{weights_path} holds no weights: {error}") from error


def _described(config: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: config[key] for key in _KEPT if key in config}
    recipe = config["data"].get("sources", {}).get("recipe", {})
    peptides = {key: recipe[key] for key in _KEPT_OF_RECIPE if key in recipe}
    if "exclude" in peptides:
        peptides["exclude"] = [Path(path).name for path in peptides["exclude"] or ()]
    if "path" in peptides.get("proteome", {}):
        proteome = peptides["proteome"]
        peptides["proteome"] = {**proteome, "path": Path(proteome["path"]).name}
    data = {"n_peaks": config["data"]["n_peaks"], "sources": {"recipe": peptides}}
    return kept | {"data": data}


def _description(path: Path) -> dict[str, Any]:
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}") from error
    kinds = {"format": int, "sha256": str, "vocabulary": dict, "config": dict, "calibrations": dict}
    is_ours = isinstance(description, dict) and all(
        isinstance(description.get(key), kind) for key, kind in kinds.items()
    )
    if not is_ours:
        raise InputError(f"{path} does not describe a network that denovo exported")
    if description["format"] > FORMAT:
        raise InputError(
            f"{path} was written by denovo {description.get('denovo')}, a later version than this; "
            "update denovo"
        )
    return description
