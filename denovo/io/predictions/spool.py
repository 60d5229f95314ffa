"""Temporary file of predictions, because q-values need all of them."""

import tempfile
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from math import isnan, nan
from pathlib import Path

import numpy as np
import pyarrow as pa

from denovo.errors import InputError
from denovo.io.predictions.columns import BATCH_SIZE, SCHEMA, from_batch, to_batch
from denovo.spectra.prediction import Prediction
from denovo.typing import Bool, Float64, ndarray


class PredictionSpool(AbstractContextManager["PredictionSpool"]):
    """Predictions in a nameless file on disk, with nine bytes of each in memory.

    The file has no name, so that it vanishes when the program ends. Predictions are appended first;
    after that they can be read repeatedly, but not twice at the same time.

    Parameters
    ----------
    folder : Path
        Folder of the file, made if missing; that of the outputs, whose size the file has.

    Raises
    ------
    InputError
        If the folder cannot be written or the disk is full, also later.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._on_disk():
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(self._file, SCHEMA, options=options)
        self._is_complete = False
        self._waiting: list[Prediction] = []
        self._probabilities = array("d")
        self._has_answer = bytearray()
        self._q_values: Float64[ndarray, " spectrum"] | None = None

    def __exit__(self, *error: object) -> None:
        # Closing flushes, which fails on a full disk; the data are no longer needed.
        with suppress(OSError):
            self._file.close()

    def __len__(self) -> int:
        return len(self._probabilities)

    def append(self, prediction: Prediction) -> None:
        """Append one prediction."""
        assert not self._is_complete, "predictions are appended before they are read"
        probability = prediction.probability
        self._probabilities.append(nan if probability is None else probability)
        self._has_answer.append(prediction.has_answer)
        self._waiting.append(prediction)
        if len(self._waiting) >= BATCH_SIZE:
            self._flush()

    @property
    def probabilities(self) -> Float64[ndarray, " spectrum"]:
        """The calibrated probability of each prediction, NaN where it has none."""
        return np.array(self._probabilities, dtype=np.float64)

    @property
    def has_answer(self) -> Bool[ndarray, " spectrum"]:
        """Whether each prediction is a peptide."""
        return np.array(self._has_answer, dtype=np.bool_)

    def set_q_values(self, q_values: Float64[ndarray, " spectrum"]) -> None:
        """Set the q-value of each prediction in their order, NaN for none."""
        if len(q_values) != len(self):
            raise ValueError(f"expected {len(self)} q-values, got {len(q_values)}")
        self._q_values = q_values

    def __iter__(self) -> Iterator[Prediction]:
        with self._on_disk():
            if not self._is_complete:
                self._flush()
                self._writer.close()
                self._is_complete = True
            self._file.seek(0)
            place = 0
            with pa.ipc.open_stream(self._file) as batches:
                for batch in batches:
                    for prediction in from_batch(batch):
                        yield self._ranked(prediction, place)
                        place += 1

    def _ranked(self, prediction: Prediction, place: int) -> Prediction:
        if self._q_values is None:
            return prediction
        q_value = float(self._q_values[place])
        return replace(prediction, q_value=None if isnan(q_value) else q_value)

    def _flush(self) -> None:
        if self._waiting:
            with self._on_disk():
                self._writer.write_batch(to_batch(self._waiting))
        self._waiting.clear()

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"cannot keep predictions in {self._folder}: {error.strerror or error}; free some "
                "space or choose another folder"
            ) from error
