"""Description of a sequencing run: everything that its results depend on."""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote_to_bytes

from pydantic import Field

from denovo import __version__
from denovo.io.files import encodable, sha256_of
from denovo.io.vendor import content_files
from denovo.sequencing.networks import TrainedModel, fragment_tolerance_of
from denovo.sequencing.networks.description import ReliabilityState
from denovo.sequencing.networks.schema import AlphabetSettings, Text
from denovo.sequencing.networks.validation import LEFT_OUT, Strict
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.sequencing.workers import CHUNK_SIZE, SequencingJob
from denovo.spectra.fragment_matches import is_coarse

_QUOTED = r"^([^%\x00]|%([1-9A-F][0-9A-F]|0[1-9A-F]))*$"
"""Percent-encoded bytes of a path, which hold no byte 0."""


class InputFile(Strict):
    """A spectrum file; ``sha256`` is empty if it is no readable file.

    The bytes of its path are percent-encoded, so that every locale finds a file whose name is no
    text.
    """

    file: Annotated[str, Field(max_length=3 * 4096, pattern=_QUOTED)]
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]

    @property
    def path(self) -> str:
        """The path, spelled as in `Prediction.file`."""
        return os.fsdecode(unquote_to_bytes(self.file))


class TrainedRange(Strict):
    """Range of the peptides that a network was trained on, in residues and precursor charges.

    ``ion_trap`` says that it reads CID at the resolution of an ion trap instead of HCD.
    """

    min_length: Annotated[int, Field(ge=1, le=1000)]
    max_length: Annotated[int, Field(ge=1, le=1000)]
    charges: Annotated[list[int], Field(min_length=1, max_length=20)]
    ion_trap: bool = LEFT_OUT

    def __str__(self) -> str:
        charges = [f"{charge}+" for charge in sorted(self.charges)]
        listed = ", ".join(charges[:-1]) + " and " * (len(charges) > 1) + charges[-1]
        return f"{self.min_length}-{self.max_length} residues, {listed}"


class RunDescription(Strict):
    """Content of ``run.json``."""

    format: Literal[2]
    denovo: Text
    files: list[InputFile] = Field(min_length=1, max_length=10**6)
    folder: Annotated[str, Field(max_length=3 * 4096, pattern=_QUOTED)] = ""
    settings: Annotated[dict[Text, Text], Field(max_length=100)]
    network: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    residues: AlphabetSettings
    trained: TrainedRange | None = None
    reliability: ReliabilityState | None
    device: Text
    chunk_size: Annotated[int, Field(ge=1, le=10**6)]

    @property
    def folder_path(self) -> str:
        """The folder that relative paths of the files start from."""
        return os.fsdecode(unquote_to_bytes(self.folder))


def describe_run(
    job: SequencingJob, model: TrainedModel, pipeline: SpectrumSequencer, paths: list[Path]
) -> dict[str, Any]:
    """Describe everything that the results of a run depend on."""
    fitted = pipeline.calibration.reliability if pipeline.calibration else None
    return {
        "denovo": __version__,
        "files": [{"file": quote(os.fsencode(path)), "sha256": _digest(path)} for path in paths],
        "folder": quote(os.fsencode(Path.cwd())),
        "settings": {
            "checkpoint": encodable(str(model.path)),
            **job.settings.for_model(model).as_text(),
            **_proteome(job),
        },
        "network": job.digest,
        "residues": model.config["residues"],
        "trained": _trained(model.config),
        "reliability": fitted.state() if fitted else None,
        "device": str(pipeline.device),
        "chunk_size": CHUNK_SIZE,
    }


def _trained(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the range of the recipe of a training; None if the network had other spectra."""
    recipe = config.get("data", {}).get("sources", {}).get("recipe", {})
    digest, weights = recipe.get("digest", {}), recipe.get("precursors", {}).get("charges", {})
    lengths = {name: digest[name] for name in ("min_length", "max_length") if name in digest}
    charges = sorted(int(charge) for charge, weight in weights.items() if weight > 0)
    if len(lengths) < 2 or not charges:
        return None
    resolution = {"ion_trap": True} if is_coarse(fragment_tolerance_of(config)) else {}
    return {**lengths, "charges": charges, **resolution}


def _proteome(job: SequencingJob) -> dict[str, str]:
    """Describe the content of the FASTA files, if there are any."""
    digests = [_digest(Path(path)) for path in job.settings.proteome]
    return {"proteome_sha256": ",".join(digests)} if digests else {}


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of those of a folder; empty for what cannot be read."""
    with suppress(OSError):
        digests = [sha256_of(file) for file in content_files(path)]
        if path.is_dir() and digests:
            return hashlib.sha256("".join(digests).encode()).hexdigest()
        return "".join(digests)
    return ""
