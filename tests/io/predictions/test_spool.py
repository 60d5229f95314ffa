"""Predictions wait on disk, come back in order, and leave nothing behind."""

import dataclasses
import resource
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.io.predictions import PredictionSpool
from denovo.spectra.prediction import Prediction, Status
from tests.io.predictions.drawn import build, predictions
from tests.io.predictions.test_outputs import PREDICTION

NUMBERED = [
    dataclasses.replace(PREDICTION, index=i, probability=i / 10, residue_scores=(0.5,))
    for i in range(10)
]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("denovo.io.predictions.spool.BATCH_SIZE", 4)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(predictions(), max_size=10))
def test_what_is_appended_is_read_as_often_as_asked(
    tmp_path: Path, drawn: list[dict[str, Any]]
) -> None:
    rows = [build(fields) for fields in drawn]
    with PredictionSpool(tmp_path) as spool:
        for row in rows:
            spool.append(row)
        assert len(spool) == len(rows)
        assert list(spool) == rows
        assert list(spool) == rows


def test_q_values_are_merged_in_order_and_none_is_left_out(tmp_path: Path) -> None:
    with PredictionSpool(tmp_path) as spool:
        for row in NUMBERED:
            spool.append(row)
        assert spool.probabilities.tolist() == [i / 10 for i in range(10)]
        spool.set_q_values(np.array([*np.arange(9) / 100, np.nan]))
        assert [row.q_value for row in spool] == [*(np.arange(9) / 100).tolist(), None]
        with pytest.raises(ValueError, match="expected 10 q-values, got 3"):
            spool.set_q_values(np.zeros(3))


def test_what_has_no_answer_or_no_probability_is_marked(tmp_path: Path) -> None:
    with PredictionSpool(tmp_path) as spool:
        spool.append(dataclasses.replace(PREDICTION, status=Status.CUT_OFF, probability=0.0))
        spool.append(dataclasses.replace(PREDICTION, probability=None))
        assert spool.has_answer.tolist() == [False, True]
        assert np.isnan(spool.probabilities).tolist() == [False, True]


def test_the_file_has_no_name_and_is_gone_after_a_failure(tmp_path: Path) -> None:
    def fail() -> None:
        with PredictionSpool(tmp_path / "new") as spool:
            for row in NUMBERED:
                spool.append(row)
            assert list((tmp_path / "new").iterdir()) == []
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list((tmp_path / "new").iterdir()) == []


def test_a_full_disk_is_an_input_error(tmp_path: Path) -> None:
    def fill() -> None:
        with PredictionSpool(tmp_path) as spool:
            for _ in range(100):
                spool.append(PREDICTION)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        with pytest.raises(InputError, match="free some space"):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="cannot keep predictions"):
        PredictionSpool(tmp_path / "taken")


def test_one_batch_of_predictions_is_held_at_a_time(tmp_path: Path) -> None:
    held: list[weakref.ref[Prediction]] = []
    with PredictionSpool(tmp_path) as spool:
        for index in range(50):
            row = dataclasses.replace(PREDICTION, index=index)
            held.append(weakref.ref(row))
            spool.append(row)
            del row
            assert sum(ref() is not None for ref in held) <= 4
        held.clear()
        for row in spool:
            held.append(weakref.ref(row))
            assert sum(ref() is not None for ref in held) <= 8
