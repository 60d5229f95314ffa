"""Description of an exported network: schema and checksum."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, StringConstraints, model_validator

from denovo.errors import InputError
from denovo.sequencing.networks.schema import (
    MAX_NETWORKS,
    MAX_TOKENS,
    Count,
    Name,
    NetworkSettings,
    NoiseSettings,
    Number,
    Share,
    Text,
)
from denovo.sequencing.networks.validation import LEFT_OUT, Strict, validated
from denovo.typing import Tensor

FORMAT = 3
"""Version of the format; increased with every incompatible change."""
MAX_BYTES = 4 * 2**20
"""Largest description in bytes; that of the shipped network has 32 thousand."""

_MAX_FEATURES = 256
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Features = Annotated[list[Name], Field(max_length=_MAX_FEATURES)]
Numbers = Annotated[list[Number], Field(max_length=4 * _MAX_FEATURES)]
Whole = Annotated[int, Field(ge=-(10**18), le=10**18)]
Scalar = Text | bool | Whole | Annotated[float, Field(ge=-1e18, le=1e18)] | None
Plain = Scalar | list[Scalar] | dict[Name, Scalar | list[Scalar]]


class VocabularyTable(Strict):
    """Vocabulary of the training, as from `Vocabulary.state`."""

    tokens: list[Text] = Field(max_length=MAX_TOKENS)
    masses: list[Number] = Field(max_length=MAX_TOKENS)
    fingerprint: Name | Digest | Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class ReliabilityState(Strict):
    """State of a `Reliability`."""

    binning: Literal["width", "mass"]
    count: list[Count] = Field(max_length=1000)
    predicted: list[Share]
    observed: list[Share]
    low: list[Share]
    high: list[Share]

    @model_validator(mode="after")
    def _has_equal_columns(self) -> "ReliabilityState":
        if {len(column) for _, column in self if isinstance(column, list)} != {len(self.count)}:
            raise ValueError("must have a number for each bin in every column")
        return self


class FitRecord(Strict):
    """Data and quality of a calibration."""

    spectra: Name = LEFT_OUT
    n_spectra: Count = LEFT_OUT
    noise: NoiseSettings = LEFT_OUT
    n_fitted: Count = LEFT_OUT
    n_held_out: Count = LEFT_OUT
    expected_calibration_error: Share = LEFT_OUT
    brier_score: Share = LEFT_OUT
    share_right: Share = LEFT_OUT
    reliability: ReliabilityState | None = None


class RerankerRecord(FitRecord):
    """Data and quality of a reranker."""

    simulator: Name
    n_candidates: Count = LEFT_OUT
    share_listed: Share = LEFT_OUT


class CalibrationState(Strict):
    """State of a `Calibration`."""

    features: Features
    weights: Numbers
    intercept: Number
    low: Numbers
    high: Numbers
    record: FitRecord


class RerankerState(Strict):
    """State of a `Reranker`."""

    features: Features
    list_features: Features
    weights: Numbers
    outside: Numbers
    bounds: list[Numbers] = Field(min_length=2, max_length=2)
    record: RerankerRecord

    @model_validator(mode="after")
    def _has_equal_bounds(self) -> "RerankerState":
        if len(self.bounds[0]) != len(self.bounds[1]):
            raise ValueError("must have as many lower bounds as upper ones")
        return self


class Description(Strict):
    """Content of an exported file in addition to its weights."""

    format: Literal[FORMAT]  # pyright: ignore[reportInvalidTypeForm]
    denovo: Text
    weights: Text
    sha256: Digest
    n_parameters: Count
    vocabulary: VocabularyTable
    config: NetworkSettings
    others: list[NetworkSettings] = Field(max_length=MAX_NETWORKS - 1)
    calibrations: dict[Name, CalibrationState] = Field(max_length=16)
    rerankers: dict[Name, RerankerState] = Field(max_length=16)
    record: dict[Name, Plain] = Field(max_length=64)
    checksum: Digest


def checksum_of(description: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a description without its checksum, as sorted compact JSON."""
    content = {key: value for key, value in description.items() if key != "checksum"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(weights: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of names, types, shapes and bytes of weights, sorted by name."""
    digest = hashlib.sha256()
    for name, value in sorted(weights.items()):
        head = [name, str(value.dtype), list(value.shape)]
        digest.update(json.dumps(head).encode())
        digest.update(_bytes_of(value))
    return digest.hexdigest()


def read_description(text: str | bytes, path: Path) -> Description:
    """Read and validate a description from JSON; ``path`` is for messages."""
    content = read_json(text, path)
    written_by, found = content.get("denovo"), content.get("format")
    if not isinstance(found, int) or isinstance(found, bool):
        raise InputError(f"{path} does not describe a network that denovo exported")
    if found > FORMAT:
        raise InputError(
            f"{path} was written by denovo {str(written_by)[:20]}, a later version than this; "
            "update denovo"
        )
    if found < FORMAT:
        raise InputError(
            f"{path} was written by an earlier version of denovo, whose descriptions have no "
            "checksum; export the checkpoint again with denovo export"
        )
    description = validated(Description, content, path)
    if checksum_of(content) != description.checksum:
        raise InputError(
            f"{path} was changed since it was exported, or is damaged: it does not agree with its "
            "checksum; fetch the network again, or export the checkpoint again"
        )
    return description


def read_json(text: str | bytes, path: Path, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Read a mapping from JSON of bounded size."""
    if len(text) > max_bytes:
        raise InputError(f"{path}: its description is longer than {max_bytes} bytes")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        cause = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise InputError(f"{path} cannot be read as JSON: {cause}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} does not describe a network that denovo exported")
    return content


def _bytes_of(value: Tensor) -> bytes:
    return value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
