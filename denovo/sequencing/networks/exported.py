"""Exported networks: a safetensors file with a description in its header.

The ``.json`` file next to it is a readable copy of the description. It is optional, and refused if
it was changed.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from denovo import __version__
from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.io import together, write_text
from denovo.io.atomic_outputs import complete
from denovo.io.files import write_bytes
from denovo.sequencing.networks.description import (
    FORMAT,
    MAX_BYTES,
    Description,
    checksum_of,
    digest_of,
    read_description,
    read_json,
)
from denovo.sequencing.networks.schema import EXPORTED_PARTS, parts_read
from denovo.sequencing.networks.validation import validated

log = logging.getLogger(__name__)

SUFFIX = ".safetensors"
_KEY = "denovo"
"""Name of the description in the header of the file."""
_MAX_HEADER = 4 * MAX_BYTES


def write_exported(
    path: str | Path,
    sequencer: nn.Module,
    config: Mapping[str, Any],
    calibrations: Mapping[str, Mapping[str, Any]],
    record: Mapping[str, Any],
    others: Sequence[tuple[nn.Module, Mapping[str, Any]]] = (),
    rerankers: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Path, Path]:
    """Write a network, and ``others`` for rescoring, as ``NAME.safetensors`` and ``NAME.json``.

    ``calibrations`` and ``rerankers`` are states by kind; ``record`` holds the origin.
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
    description = {
        "format": FORMAT,
        "denovo": __version__,
        "weights": path.name,
        "sha256": digest_of(weights),
        "n_parameters": sum(value.numel() for value in weights.values()),
        "vocabulary": vocabulary.state(),
        "config": _described(config),
        "others": [_described(of_other) for _, of_other in others],
        "calibrations": {kind: dict(state) for kind, state in calibrations.items()},
        "rerankers": {kind: dict(state) for kind, state in (rerankers or {}).items()},
        "record": dict(record),
    }
    # As JSON restores it: keys are text, and tuples are lists.
    description = json.loads(json.dumps(description))
    validated(Description, description | {"checksum": "0" * 64}, path)
    description["checksum"] = checksum_of(description)
    text = json.dumps(description, indent=1) + "\n"
    copy = path.with_suffix(".json")
    with together(path, copy):
        write_bytes(path, save(weights, metadata={_KEY: text}))
        write_text(copy, text)
    return path, copy


def name_prefix(number: int) -> str:
    """Return the prefix of the names of the weights of a network; empty for the first."""
    return f"network{number}." if number else ""


def read_exported(path: str | Path) -> tuple[dict[str, Tensor], Description]:
    """Read weights and description; ``path`` is either of the two files."""
    path, copy = Path(path).with_suffix(SUFFIX), Path(path).with_suffix(".json")
    complete(path)
    if not path.is_file():
        raise InputError(
            f"there is no {path}; an exported network is a {SUFFIX} file, with a copy of its "
            "description in a .json file of the same name"
        )
    try:
        content = path.read_bytes()
        copied = copy.read_bytes() if copy.is_file() else None
    except OSError as error:
        raise InputError(f"cannot read {error.filename}: {error.strerror or error}") from error
    # Earlier formats had the description in the other file; reading it reports the version.
    beside = read_description(copied, copy) if copied is not None else None
    description = read_description(_embedded(content, path), path)
    if beside is not None and beside.checksum != description.checksum:
        log.warning("%s describes another network than %s holds and is not used", copy, path)
    weights = _weights(content, path)
    if digest_of(weights) != description.sha256:
        raise InputError(
            f"{path} is damaged: its weights do not agree with their checksum; copy the file again"
        )
    return weights, description


def _embedded(content: bytes, path: Path) -> str:
    """Return the description in the header of a safetensors file."""
    size = int.from_bytes(content[:8], "little")
    if size > min(_MAX_HEADER, len(content)):
        raise InputError(f"{path} is damaged, or no {SUFFIX} file: its header has no end")
    metadata = read_json(content[8 : 8 + size], path, _MAX_HEADER).get("__metadata__")
    text = metadata.get(_KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise InputError(
            f"{path} holds no description of a network, so it is damaged or no export of this "
            "version of denovo; export the checkpoint again with denovo export"
        )
    return text


def _weights(content: bytes, path: Path) -> dict[str, Tensor]:
    try:
        return load(content)
    except (SafetensorError, LookupError, RuntimeError, ValueError, TypeError) as error:
        raise InputError(f"{path} is damaged, or holds no weights: {error}") from error


def _described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Select what is exported of a configuration; of files, the names only."""
    kept = parts_read(config, EXPORTED_PARTS)
    data = kept.get("data", {})
    if "train" in data:
        data["train"] = measured_files(data)
    recipe = data.get("sources", {}).get("recipe", {})
    if "exclude" in recipe:
        recipe["exclude"] = [Path(path).name for path in recipe["exclude"] or ()]
    if "path" in recipe.get("proteome", {}):
        recipe["proteome"] = recipe["proteome"] | {"path": Path(recipe["proteome"]["path"]).name}
    return kept


def measured_files(data: Mapping[str, Any]) -> list[str]:
    """Return the names of the files of measured spectra that a training used."""
    given = data.get("train") or ()
    return [Path(path).name for path in ([given] if isinstance(given, str) else given)]
