"""Parts of a run on disk come back as they were, in order, and only to the run they belong to."""

import dataclasses
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.io.predictions import Part, Shard, gather_parts, open_parts
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import Status
from tests.io.predictions.drawn import build, predictions
from tests.io.predictions.test_outputs import PREDICTION

RUN = {"files": [{"file": "a.mgf", "sha256": "0"}], "settings": {"decoder": "beam"}}
SPECTRUM = MeasuredSpectrum(
    *("a title", 7, 3, 400.25, None, np.array([100.1, 200.3]), np.array([1 / 3, 1e300]), None),
    file="b\udce9.mgf", possible_charges=(2, 3), retention_time=1 / 7,
)  # fmt: skip
REJECTED = Rejected("b\udce9.mgf", "the spectrum has no peaks", 4, line=12, scan=None)


def numbered(part: int, n: int) -> Part:
    rows = [dataclasses.replace(PREDICTION, index=i, probability=i / 10) for i in range(n)]
    return Part(part, rows, [REJECTED], [(0, SPECTRUM)] if n else [])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(predictions(), max_size=6))
def test_a_part_is_read_as_it_was_written(tmp_path: Path, drawn: list[dict[str, Any]]) -> None:
    rows = [build(fields) for fields in drawn]
    parts = open_parts(tmp_path / "parts", RUN, goes_on=False)
    shown = [(0, SPECTRUM)] if rows else []
    parts.add(Part(0, rows, [REJECTED, Rejected("b", "cut off")], shown))
    again = open_parts(tmp_path / "parts", RUN)
    (part,) = again.parts()
    assert part.predictions == list(again) == rows
    assert part.rejected == [REJECTED, Rejected("b", "cut off")]
    assert [place for place, _ in part.shown] == [place for place, _ in shown]
    for field in dataclasses.fields(SPECTRUM):
        for _, spectrum in part.shown:
            assert np.array_equal(getattr(spectrum, field.name), getattr(SPECTRUM, field.name))


def test_q_values_and_probabilities_are_in_the_order_of_the_chunks(tmp_path: Path) -> None:
    parts = open_parts(tmp_path, RUN)
    parts.add(numbered(1, 2))
    none = dataclasses.replace(PREDICTION, status=Status.CUT_OFF, probability=None)
    parts.add(Part(0, [none], [], []))
    assert np.array_equal(parts.probabilities, [np.nan, 0.0, 0.1], equal_nan=True)
    assert parts.has_answer.tolist() == [False, True, True]
    parts.set_q_values(np.array([np.nan, 0.2, 0.3]))
    assert [row.q_value for row in parts] == [None, 0.2, 0.3]


def test_parts_of_another_run_are_refused_by_what_differs_and_removed_on_request(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "o.csv.parts"
    open_parts(folder, RUN).add(numbered(0, 1))
    other = {**RUN, "settings": {"decoder": "greedy"}}
    with pytest.raises(
        InputError, match=r"another run, which differs in settings\.decoder; .*--no-resume"
    ):
        open_parts(folder, other)
    assert open_parts(folder, other, goes_on=False).numbers == []


@pytest.mark.parametrize("damage", [b"", b"ARROW", None])
def test_a_damaged_part_is_named_with_what_to_do(tmp_path: Path, damage: bytes | None) -> None:
    parts = open_parts(tmp_path, RUN)
    parts.add(numbered(0, 3))
    (path,) = tmp_path.glob("*.arrow")
    path.write_bytes(path.read_bytes()[:-200] if damage is None else damage)
    with pytest.raises(InputError, match=r"000000\.arrow is damaged; delete it and repeat the run"):
        list(parts)


@pytest.mark.parametrize("text", ["[1]", "{", "7"])
def test_a_description_that_denovo_did_not_write_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match="not written by denovo"):
        gather_parts([tmp_path])


def test_shards_become_one_run_and_missing_ones_are_named(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(folders, start=1):
        parts = open_parts(folder, RUN)
        for chunk in range(5):
            if Shard(number, 2).has(chunk):
                parts.add(numbered(chunk, chunk))
        parts.finish_shard(Shard(number, 2).file_name, 5)
    with pytest.raises(InputError, match="2 of 5 parts are missing; finish --shard 2/2"):
        gather_parts(folders[:1])
    merged = gather_parts(folders)
    assert [len(part.predictions) for part in merged.parts()] == [0, 1, 2, 3, 4]
    open_parts(tmp_path / "three", {**RUN, "settings": {}})
    with pytest.raises(
        InputError, match=r"parts of different runs, which differ in settings\.decoder"
    ):
        gather_parts([*folders, tmp_path / "three"])
    with pytest.raises(InputError, match=r"run.json: no such file"):
        gather_parts([tmp_path / "nothing"])


@given(n=st.integers(1, 9), chunk=st.integers(0, 1000))
def test_every_chunk_belongs_to_one_shard(n: int, chunk: int) -> None:
    assert sum(Shard(number, n).has(chunk) for number in range(1, n + 1)) == 1


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "1/0", "a/b", "-1/2", "1/2/3", "²/3"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--shard must be a number and a total, such as 3/8"):
        Shard.parse(text)
    assert Shard.parse("3/8") == Shard(3, 8)


def test_a_full_disk_is_an_input_error_and_leaves_no_part(tmp_path: Path) -> None:
    parts = open_parts(tmp_path, RUN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, hard))
    try:
        with pytest.raises(InputError, match="free some space"):
            parts.add(numbered(0, 500))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.glob("*.arrow")) == []


def test_a_folder_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="taken"):
        open_parts(tmp_path / "taken", RUN)


def test_parts_without_a_description_or_of_another_run_are_never_taken_over(tmp_path: Path) -> None:
    folder, other = tmp_path / "one", {**RUN, "settings": {}}
    open_parts(folder, RUN).add(numbered(0, 2))
    (folder / "run.json").unlink()
    with pytest.raises(InputError, match=r"holds parts, but no run.json"):
        open_parts(folder, other)
    (part,) = folder.glob("*.arrow")
    elsewhere = open_parts(tmp_path / "two", other)
    (elsewhere.folder / part.name).write_bytes(part.read_bytes())
    with pytest.raises(InputError, match="belongs to another run"):
        list(open_parts(elsewhere.folder, other))


def test_what_denovo_did_not_write_stays_and_so_do_parts_of_running_shards(tmp_path: Path) -> None:
    parts = open_parts(tmp_path / "mine", RUN)
    parts.add(numbered(0, 1))
    (parts.folder / "notes.txt").write_text("mine")
    (parts.folder / ".2-of-3.json.lock").touch()
    parts.remove()
    assert len(list(parts.folder.glob("*.arrow"))) == 1
    (parts.folder / ".2-of-3.json.lock").unlink()
    parts.remove()
    assert [path.name for path in parts.folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("content", ["{}", '{"n_chunks": "7"}', '{"n_chunks": 1e400}', "[]", "{"])
def test_an_end_of_a_shard_that_is_none_is_a_sentence(tmp_path: Path, content: str) -> None:
    parts = open_parts(tmp_path, RUN)
    parts.add(numbered(0, 1))
    for name in ("1-of-0.json", "x-of-y.json", "7.arrow"):
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match="holds no finished shard"):
        gather_parts([tmp_path])
    (tmp_path / "1-of-1.json").write_text(content)
    with pytest.raises(InputError, match=r"1-of-1\.json"):
        gather_parts([tmp_path])


def test_the_path_of_the_network_does_not_tell_runs_apart(tmp_path: Path) -> None:
    runs = [{**RUN, "settings": {"checkpoint": path}} for path in ("/a/net", "/b/net")]
    open_parts(tmp_path, runs[0]).add(numbered(0, 2))
    assert len(open_parts(tmp_path, runs[1])) == 2
