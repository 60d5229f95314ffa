"""Parts of a sequencing run: one file for each chunk of entries, so that a run can go on.

A folder of parts holds ``run.json``, which describes the run; ``NUMBER.arrow``, an Arrow stream
with the predictions of a chunk and, as JSON in its metadata, the rejected entries and some spectra
to show; and ``NUMBER-of-NUMBER.json`` for each finished shard. Every file appears whole or not at
all.
"""

import json
import shutil
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from denovo.errors import InputError
from denovo.io.files import atomic_path, write_text
from denovo.io.predictions.columns import SCHEMA, from_batch, to_batch
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import Prediction
from denovo.typing import Bool, Float64, ndarray

_RUN = "run.json"
_SUFFIX = ".arrow"
_METADATA = b"denovo"
_FORMAT = 1
_ARRAYS = ("mz", "intensity")


@dataclass(frozen=True)
class Part:
    """Results of one chunk of entries.

    Parameters
    ----------
    number : int
        Number of the chunk in the run, from 0.
    predictions : list of Prediction
        One for each spectrum of the chunk, in order.
    rejected : list of Rejected
        The other entries of the chunk, in order.
    shown : list of (int, MeasuredSpectrum)
        Some predictions to show in a report, by their place in ``predictions``, and their spectra.
    """

    number: int
    predictions: list[Prediction]
    rejected: list[Rejected]
    shown: list[tuple[int, MeasuredSpectrum]]

    def __len__(self) -> int:
        return len(self.predictions) + len(self.rejected)


class PartFolder:
    """The parts of a run, on disk.

    Predictions are read in order, as often as needed, one part in memory at a time. Eight bytes of
    each stay in memory for the false discovery rates.

    Parameters
    ----------
    folder : Path
        The folder; see `open_parts`.
    run : mapping
        Description of the run.
    """

    def __init__(self, folder: Path, run: Mapping[str, Any]) -> None:
        self.folder, self.run = folder, run
        self.numbers = sorted(_part_files(folder))
        self._scores: Float64[ndarray, " spectrum"] | None = None
        self._has_answer: Bool[ndarray, " spectrum"] | None = None
        self._q_values: Float64[ndarray, " spectrum"] | None = None

    def add(self, part: Part) -> None:
        """Write a part.

        Raises
        ------
        InputError
            If the disk is full or the folder cannot be written.
        """
        metadata = {
            "rejected": [asdict(entry) for entry in part.rejected],
            "shown": [[place, _spectrum_state(spectrum)] for place, spectrum in part.shown],
        }
        schema = SCHEMA.with_metadata({_METADATA: json.dumps(metadata).encode()})
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with (
            atomic_path(self._path(part.number)) as temporary,
            temporary.open("wb") as sink,
            pa.ipc.new_stream(sink, schema, options=options) as writer,
        ):
            writer.write_batch(to_batch(part.predictions))
        self.numbers.append(part.number)

    def parts(self) -> Iterator[Part]:
        """Read all parts in order.

        Raises
        ------
        InputError
            If a part is missing or damaged.
        """
        for number in sorted(self.numbers):
            yield _read_part(self._path(number), number)

    def finish_shard(self, shard: "Shard", n_chunks: int) -> None:
        """Note that all parts of a shard are there, and how many chunks the run has."""
        write_text(self.folder / shard.file_name, json.dumps({"n_chunks": n_chunks}))

    def remove(self) -> None:
        """Remove the folder and all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def probabilities(self) -> Float64[ndarray, " spectrum"]:
        """The calibrated probability of each prediction, NaN where it has none."""
        self._collect()
        assert self._scores is not None
        return self._scores

    @property
    def has_answer(self) -> Bool[ndarray, " spectrum"]:
        """Whether each prediction is a peptide."""
        self._collect()
        assert self._has_answer is not None
        return self._has_answer

    def set_q_values(self, q_values: Float64[ndarray, " spectrum"]) -> None:
        """Set the q-value of each prediction, NaN for none, in their order."""
        self._q_values = q_values

    def __len__(self) -> int:
        return len(self.has_answer)

    def __iter__(self) -> Iterator[Prediction]:
        place = 0
        for part in self.parts():
            for prediction in part.predictions:
                yield self._ranked(prediction, place)
                place += 1

    def _ranked(self, prediction: Prediction, place: int) -> Prediction:
        if self._q_values is None:
            return prediction
        q_value = float(self._q_values[place])
        return replace(prediction, q_value=None if isnan(q_value) else q_value)

    def _collect(self) -> None:
        if self._has_answer is not None:
            return
        scores, has_answer = array("d"), bytearray()
        for part in self.parts():
            for prediction in part.predictions:
                probability = prediction.probability
                scores.append(nan if probability is None else probability)
                has_answer.append(prediction.has_answer)
        self._scores = np.array(scores, np.float64)
        self._has_answer = np.array(has_answer, np.bool_)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}{_SUFFIX}"


@dataclass(frozen=True)
class Shard:
    """A part of a run for one machine: every ``count``-th chunk.

    Parameters
    ----------
    number : int
        From 1 to ``count``.
    count : int
        Shards of the run.
    """

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read a shard such as ``3/8``.

        Raises
        ------
        InputError
            If it is something else.
        """
        number, _, count = text.partition("/")
        if number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 10**6:
            return cls(int(number), int(count))
        raise InputError(f"--shard must be a number and a total, such as 3/8, got {text!r}")

    @property
    def file_name(self) -> str:
        """The file of the folder that states that the shard is finished."""
        return f"{self.number}-of-{self.count}.json"

    def has(self, chunk: int) -> bool:
        """Whether a chunk belongs to the shard."""
        return chunk % self.count == self.number - 1


def open_parts(folder: Path, run: Mapping[str, Any], goes_on: bool = True) -> PartFolder:
    """Open the folder of a run, or make it.

    Parameters
    ----------
    folder : Path
        The folder.
    run : mapping
        Description of the run, plain values: files, settings and network.
    goes_on : bool
        Whether parts of an earlier, unfinished run of the same description are used; otherwise
        they are removed.

    Raises
    ------
    InputError
        If the folder holds parts of another run, or cannot be written.
    """
    described = json.loads(json.dumps({"format": _FORMAT, **run}))
    if not goes_on:
        shutil.rmtree(folder, ignore_errors=True)
    with _as_input_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _RUN).exists():
            write_text(folder / _RUN, json.dumps(described, indent=1))
    found = _read_json(folder / _RUN)
    if found != described:
        differing = [name for name in described if found.get(name) != described[name]]
        raise InputError(
            f"{folder} holds parts of another run, which differs in {', '.join(differing) or _RUN}"
            "; repeat that run to finish it, or give --no-resume to remove its parts"
        )
    return PartFolder(folder, described)


def gather_parts(folders: list[Path], target: Path) -> PartFolder:
    """Bring the parts of all shards of one run together.

    Parameters
    ----------
    folders : list of Path
        Folders of parts, from one or several machines.
    target : Path
        Folder that gets copies of all parts, if there are several folders.

    Raises
    ------
    InputError
        If the folders belong to different runs, or parts are missing.
    """
    runs = [_read_json(folder / _RUN) for folder in folders]
    for folder, run in zip(folders, runs, strict=True):
        if run != runs[0]:
            raise InputError(f"{folder} and {folders[0]} hold parts of different runs")
    ends = [path for folder in folders for path in folder.glob("*-of-*.json")]
    if not ends:
        raise InputError(f"{folders[0]} holds no finished shard; run denovo sequence to its end")
    n_chunks = int(_read_json(ends[0])["n_chunks"])
    where = {n: path for folder in folders for n, path in _part_files(folder).items()}
    missing = [number for number in range(n_chunks) if number not in where]
    if missing:
        n_shards = int(ends[0].stem.partition("-of-")[2])
        shards = sorted({number % n_shards + 1 for number in missing})
        raise InputError(
            f"{len(missing)} of {n_chunks} parts are missing; finish --shard "
            f"{', '.join(f'{number}/{n_shards}' for number in shards[:8])}"
        )
    if len(folders) == 1:
        return PartFolder(folders[0], runs[0])
    with _as_input_error(target):
        target.mkdir(parents=True, exist_ok=True)
        write_text(target / _RUN, json.dumps(runs[0], indent=1))
        for path in where.values():
            shutil.copyfile(path, target / path.name)
    return PartFolder(target, runs[0])


def _part_files(folder: Path) -> dict[int, Path]:
    """List the parts of a folder by number; temporary files are none."""
    paths = folder.glob(f"*{_SUFFIX}")
    return {int(path.stem): path for path in paths if path.stem.isdecimal()}


def _read_part(path: Path, number: int) -> Part:
    try:
        with path.open("rb") as source, pa.ipc.open_stream(source) as reader:
            metadata = json.loads((reader.schema.metadata or {})[_METADATA])
            predictions = [row for batch in reader for row in from_batch(batch)]
        rejected = [Rejected(**entry) for entry in metadata["rejected"]]
        shown = [(int(place), _spectrum_of(state)) for place, state in metadata["shown"]]
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing; repeat the run to sequence this part") from error
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is damaged; delete it and repeat the run, which sequences this part anew"
        ) from error
    return Part(number, predictions, rejected, shown)


def _spectrum_state(spectrum: MeasuredSpectrum) -> dict[str, Any]:
    values = {field.name: getattr(spectrum, field.name) for field in fields(spectrum)}
    return values | {name: values[name].tolist() for name in _ARRAYS}


def _spectrum_of(state: Mapping[str, Any]) -> MeasuredSpectrum:
    arrays = {name: np.array(state[name], np.float64) for name in _ARRAYS}
    charges = {"possible_charges": tuple(state["possible_charges"])}
    return MeasuredSpectrum(**{**state, **arrays, **charges})


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{path} does not exist; give a folder of parts of denovo sequence"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read; it was not written by denovo") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} is no description of a run; it was not written by denovo")
    return content


@contextmanager
def _as_input_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot keep predictions in {folder}: {error.strerror or error}; free some space or "
            "choose another output"
        ) from error
