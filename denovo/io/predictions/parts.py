"""Parts of a sequencing run: one file for each chunk of entries, so that a run can go on.

A folder of parts holds ``run.json``, which describes the run; ``NUMBER.arrow``, an Arrow stream
with the predictions of a chunk, those of their rivals and, as JSON in its metadata, the rejected
entries and some spectra to show; and ``NUMBER-of-NUMBER.json`` for each finished shard. Every file
appears whole or not at all.
"""

import hashlib
import json
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from denovo.errors import InputError
from denovo.io.atomic_outputs import as_input_error, together
from denovo.io.files import atomic_path, read_decompressed, write_text
from denovo.io.predictions.columns import SCHEMA, from_batch, to_batch
from denovo.io.usi import usi_of
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import Prediction, Rivals
from denovo.typing import Bool, Float64, ndarray

RUN = "run.json"
_SUFFIX = ".arrow"
_PARTIAL = "partial.json"
_METADATA, _RUN_ID = b"denovo", b"denovo.run"
_FORMAT = 2
_PATIENCE_S = 30.0
_ARRAYS = ("mz", "intensity")
_RIVALS = ("known", "novel")


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
    hint : str
        Which network reads the chunk, if it looks like spectra that the one of the run does not.
    """

    number: int
    predictions: list[Prediction]
    rejected: list[Rejected]
    shown: list[tuple[int, MeasuredSpectrum]]
    hint: str = ""

    def __len__(self) -> int:
        return len(self.predictions) + len(self.rejected)


class PartFolder:
    """The parts of a run, on disk.

    Parts are added first; then predictions are read in order, as often as needed, one part in
    memory at a time. Nine bytes of each stay in memory for the false discovery rates.

    Parameters
    ----------
    folder : Path
        Where parts are added; see `open_parts`.
    run : mapping
        Description of the run.
    files : dict of int to Path
        The parts that are there, by number.
    """

    def __init__(self, folder: Path, run: Mapping[str, Any], files: dict[int, Path]) -> None:
        self.folder, self.run, self._files = folder, run, files
        self._id = id_of(run)
        self._q_values: Float64[ndarray, " spectrum"] | None = None
        self._choose: Callable[[Prediction], Prediction] | None = None
        self.dataset = ""
        """Accession from which predictions get their Universal Spectrum Identifier."""

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
            "hint": part.hint,
        }
        rows = list(part.predictions)
        if any(each.rivals for each in part.predictions):
            metadata["rivals"] = [_rivals_state(each.rivals, rows) for each in part.predictions]
        run_id = {_METADATA: json.dumps(metadata).encode(), _RUN_ID: self._id}
        schema = SCHEMA.with_metadata(run_id)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        path = self.folder / f"{part.number:06d}{_SUFFIX}"
        with (
            atomic_path(path) as temporary,
            temporary.open("wb") as sink,
            pa.ipc.new_stream(sink, schema, options=options) as writer,
        ):
            writer.write_batch(to_batch(rows))
        self._files[part.number] = path

    @property
    def numbers(self) -> list[int]:
        """Numbers of the parts that are there, ascending."""
        return sorted(self._files)

    def parts(self) -> Iterator[Part]:
        """Read all parts in order.

        Raises
        ------
        InputError
            If a part is missing or damaged.
        """
        for number in self.numbers:
            part = _read_part(self._files[number], number, self._id)
            if self._choose is not None:
                part = replace(part, predictions=[self._choose(p) for p in part.predictions])
            yield part

    def set_choice(self, choose: Callable[[Prediction], Prediction]) -> None:
        """Set what replaces each prediction that is read, and forget what was read before."""
        self._choose = choose
        self.__dict__.pop("_columns", None)

    def finish_shard(self, file_name: str, n_chunks: int) -> None:
        """Note that all parts of a shard are there, and how many chunks the run has."""
        write_text(self.folder / file_name, json.dumps({"n_chunks": n_chunks}))

    def note_partial(self, outputs: Sequence[Path]) -> None:
        """Note that outputs hold only the parts so far, and may be replaced by the whole run."""
        names = [str(path.resolve()) for path in outputs]
        write_text(self.folder / _PARTIAL, json.dumps(names))

    def remove(self) -> None:
        """Remove the parts and their folder, unless shards of the run are being sequenced."""
        _remove(self.folder)

    @property
    def probabilities(self) -> Float64[ndarray, " spectrum"]:
        """The calibrated probability of each prediction, NaN where it has none."""
        return self._columns[0]

    @property
    def has_answer(self) -> Bool[ndarray, " spectrum"]:
        """Whether each prediction is a peptide."""
        return self._columns[1]

    @property
    def median_score(self) -> float:
        """Median of the scores of all answers; NaN without any."""
        return self._columns[2]

    def set_q_values(self, q_values: Float64[ndarray, " spectrum"]) -> None:
        """Set the q-value of each prediction, NaN for none, in their order."""
        self._q_values = q_values

    def __len__(self) -> int:
        return len(self.has_answer)

    def __iter__(self) -> Iterator[Prediction]:
        place = 0
        for part in self.parts():
            for prediction in part.predictions:
                yield self._finished(prediction, place)
                place += 1

    def _finished(self, prediction: Prediction, place: int) -> Prediction:
        if self.dataset:
            prediction = replace(prediction, usi=usi_of(prediction, self.dataset))
        if self._q_values is None:
            return prediction
        q_value = float(self._q_values[place])
        return replace(prediction, q_value=None if isnan(q_value) else q_value)

    @cached_property
    def _columns(
        self,
    ) -> tuple[Float64[ndarray, " spectrum"], Bool[ndarray, " spectrum"], float]:
        probabilities, has_answer, scores = array("d"), bytearray(), array("d")
        for part in self.parts():
            for prediction in part.predictions:
                probability = prediction.probability
                probabilities.append(nan if probability is None else probability)
                has_answer.append(prediction.has_answer)
                if prediction.has_answer:
                    scores.append(prediction.score)
        middle = float(np.median(np.array(scores))) if scores else nan
        return np.array(probabilities, np.float64), np.array(has_answer, np.bool_), middle


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
        _remove(folder)
    with as_input_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Shards of one run may start at the same time.
        with together(folder / RUN, patience=_PATIENCE_S):
            if not (folder / RUN).exists():
                if part_files(folder):
                    raise InputError(
                        f"{folder} holds parts, but no {RUN} that describes their run; give "
                        "--no-resume to remove them"
                    )
                write_text(folder / RUN, json.dumps(described, indent=1))
    found = read_json(folder / RUN)
    if id_of(found) != id_of(described):
        raise InputError(
            f"{folder} holds parts of another run, which differs in {differing(found, described)}"
            "; repeat that run to finish it, or give --no-resume to remove its parts"
        )
    return PartFolder(folder, found, part_files(folder))


def partial_outputs(folder: Path) -> set[str]:
    """Return the outputs that an interrupted run wrote from the parts of a folder."""
    if not (folder / _PARTIAL).is_file():
        return set()
    return {str(name) for name in read_json(folder / _PARTIAL, list)}


def id_of(run: Mapping[str, Any]) -> bytes:
    """Return a digest of a description: runs of equal digests have the same parts."""
    text = json.dumps(_identifying(run), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest().encode()


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Name the entries in which two descriptions differ, such as ``settings.decoder``."""
    a, b = _identifying(one), _identifying(other)
    return ", ".join(sorted(name for name in {*a, *b} if a.get(name) != b.get(name)))


def _identifying(run: Mapping[str, Any]) -> dict[str, Any]:
    """Name what identifies a run; its folder and the path of its network differ by machine."""
    found = dict(run)
    settings = found.pop("settings", {})
    if isinstance(settings, dict):
        found |= {f"settings.{name}": value for name, value in settings.items()}
    for name in ("settings.checkpoint", "folder"):
        found.pop(name, None)
    return found


def entries(folder: Path) -> list[Path]:
    """List the files of a folder; none if it is not there."""
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _remove(folder: Path) -> None:
    """Remove what denovo wrote into a folder of parts, its description last."""
    files = entries(folder)
    if any(re.fullmatch(r"\.[0-9]+-of-[0-9]+\.json\.lock", path.name) for path in files):
        return
    names = r"[0-9]{6,9}\.arrow|[0-9]+-of-[0-9]+\.json|partial\.json|run\.json"
    ours = re.compile(rf"\.?(?:{names})(?:\..*)?")
    with as_input_error(folder):
        for path in sorted(files, key=lambda path: path.name == RUN):
            if ours.fullmatch(path.name):
                path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def part_files(folder: Path) -> dict[int, Path]:
    """List the parts of a folder by number; temporary files are none."""
    names = re.compile(rf"[0-9]{{6,9}}{re.escape(_SUFFIX)}")
    return {int(path.stem): path for path in entries(folder) if names.fullmatch(path.name)}


def _read_part(path: Path, number: int, run_id: bytes) -> Part:
    try:
        with path.open("rb") as source, pa.ipc.open_stream(source) as reader:
            if not reader.schema.equals(SCHEMA):
                raise ValueError("other columns")
            stored = reader.schema.metadata or {}
            metadata, found = json.loads(stored[_METADATA]), stored[_RUN_ID]
            predictions = [row for batch in reader for row in from_batch(batch)]
        if "rivals" in metadata:
            states, rows = metadata["rivals"], predictions
            predictions = [
                replace(each, rivals=_rivals_of(state, rows))
                for each, state in zip(rows[: len(states)], states, strict=True)
            ]
        rejected = [Rejected(**entry) for entry in metadata["rejected"]]
        shown = [(int(place), _spectrum_of(state)) for place, state in metadata["shown"]]
        if not all(0 <= place < len(predictions) for place, _ in shown):
            raise ValueError("a spectrum of no prediction")
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing; repeat the run to sequence this part") from error
    except (
        *(pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError),
        *(IndexError, OverflowError, RecursionError),
    ) as error:
        raise InputError(
            f"{path} is damaged; delete it and repeat the run, which sequences this part anew"
        ) from error
    if found != run_id:
        raise InputError(f"{path} belongs to another run; delete it and repeat the run")
    return Part(number, predictions, rejected, shown, str(metadata.get("hint", "")))


def _spectrum_state(spectrum: MeasuredSpectrum) -> dict[str, Any]:
    values = {field.name: getattr(spectrum, field.name) for field in fields(spectrum)}
    return values | {name: values[name].tolist() for name in _ARRAYS}


def _spectrum_of(state: Mapping[str, Any]) -> MeasuredSpectrum:
    arrays = {name: np.array(state[name], np.float64) for name in _ARRAYS}
    charges = {"possible_charges": tuple(state["possible_charges"])}
    return MeasuredSpectrum(**{**state, **arrays, **charges})


def _rivals_state(rivals: Rivals | None, rows: list[Prediction]) -> dict[str, Any] | None:
    """Describe rivals by plain values; their predictions are added to rows, and numbered."""
    if rivals is None:
        return None
    state: dict[str, Any] = {field.name: getattr(rivals, field.name) for field in fields(rivals)}
    for name in _RIVALS:
        if state[name] is not None:
            rows.append(state[name])
            state[name] = len(rows) - 1
    return state


def _rivals_of(state: Mapping[str, Any] | None, rows: Sequence[Prediction]) -> Rivals | None:
    """Return the rivals that `_rivals_state` described."""
    if state is None:
        return None
    found = {name: None if state[name] is None else rows[state[name]] for name in _RIVALS}
    return Rivals(**{**state, **found})


def read_json(path: Path, kind: type = dict) -> Any:
    """Read a JSON file of a folder of parts."""
    try:
        content = json.loads(read_decompressed(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read; it was not written by denovo") from error
    if not isinstance(content, kind):
        raise InputError(f"{path} does not describe a run; it was not written by denovo")
    return content
