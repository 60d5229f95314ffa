"""Parquet, Arrow IPC and data frames: columns, rows with a reason, damage."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from denovo.errors import InputError
from denovo.io import MeasuredSpectrum, frames, open_spectra
from denovo.io.arrow_buffers import largest_unpacked
from denovo.io.frames import read_frame
from tests.io.samples import INTENSITY, MZ


def frame(**changes) -> pd.DataFrame:
    """Two spectra with the columns of InstaNovo."""
    columns = {
        "mz_array": [np.array(MZ), list(MZ[:2])],
        "intensity_array": [np.array(INTENSITY), list(INTENSITY[:2])],
        "precursor_mz": [400.5, 500.25],
        "precursor_charge": [2, 3],
        "modified_sequence": ["PEM[UNIMOD:35]K", ""],
        "scan_number": [17, 19],
    }
    return pd.DataFrame(columns | changes)


class Stream:
    """A data frame of a library that only has the Arrow interface, such as polars."""

    def __init__(self, found: pd.DataFrame) -> None:
        self.table = pa.Table.from_pandas(found)

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def as_parquet(folder):
    frame().to_parquet(folder / "x.parquet")
    return open_spectra(folder / "x.parquet")


def as_arrow(folder):
    frame().to_feather(folder / "x.arrow")
    return open_spectra(folder / "x.arrow")


WAYS = {
    "Parquet": as_parquet,
    "Arrow IPC": as_arrow,
    "pandas": lambda _: read_frame(frame()),
    "pyarrow": lambda _: read_frame(pa.Table.from_pandas(frame())),
    "Arrow interface": lambda _: read_frame(Stream(frame())),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_row_is_a_spectrum(way, tmp_path):
    first, second = WAYS[way](tmp_path)
    assert (first.mz.tolist(), first.intensity.tolist()) == ([*MZ], [*INTENSITY])
    assert (first.precursor_mz, first.precursor_charge, first.scan) == (400.5, 2, 17)
    assert (first.title, first.native_id, first.index) == ("scan=17", "index=0", 0)
    assert (first.peptide, second.peptide) == ("PEM[UNIMOD:35]K", None)
    assert (second.precursor_charge, second.scan, len(second.mz)) == (3, 19, 2)


@pytest.mark.parametrize(
    "names",
    [
        ("Mass values", "Intensity", "MS/MS m/z", "Charge", "Modified sequence", "Scan number"),
        ("mz_array", "intensity_array", "precursor_mz", "precursor_charge", "sequence", "scan"),
    ],
)
def test_earlier_names_of_columns_are_read(names):
    first, _ = read_frame(frame().set_axis(names, axis=1))
    assert (first.precursor_mz, first.precursor_charge) == (400.5, 2)
    assert (first.peptide, first.scan) == ("PEM[UNIMOD:35]K", 17)


def test_optional_columns_are_read():
    more = {"spectrum_id": ["a", "b"], "retention_time": [61.5, -1.0], "ms_level": [2, 1]}
    first, second = read_frame(frame(**more))
    assert (first.title, first.retention_time) == ("a", 61.5)
    assert second.reason == "an MS1 spectrum; only MS2 spectra are sequenced"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"intensity_array": [[1.0], [1.0, 2.0]]},
         "there are 4 m/z values but 1 intensities in the spectrum"),
        ({"mz_array": [None, [1.0, 2.0]]}, "mz_array is missing"),
        ({"mz_array": [[1.0, 2.0, None, 3.0], [1.0, 2.0]]}, "the m/z of a peak must be"),
        ({"mz_array": [[], [1.0, 2.0]], "intensity_array": [[], [1.0, 1.0]]}, "has no peaks"),
        ({"precursor_mz": [None, 500.0]}, "the precursor m/z is missing"),
        ({"precursor_mz": ["x", "500"]}, "precursor_mz must be a number, got 'x'"),
        ({"precursor_charge": [99, 2]}, "the precursor charge must be from 1 to 20, got 99"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_has_a_reason(changes, reason):
    first, second = read_frame(frame(**changes))
    assert reason in first.reason
    assert (first.index, first.scan) == (0, 17)
    assert isinstance(second, MeasuredSpectrum)


@pytest.mark.parametrize("charge", [None, 0, float("nan")])
def test_an_unknown_charge_is_none(charge):
    first, _ = read_frame(frame(precursor_charge=[charge, 2]))
    assert first.precursor_charge is None


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (pd.DataFrame({"mz": [1.0]}), "no column mz_array and intensity_array and precursor_mz"),
        (frame(mz_array=["1 2", "3"]), "mz_array must hold lists of numbers, got string"),
    ],
)
def test_a_table_without_the_columns_is_refused_in_one_sentence(found, sentence, tmp_path):
    with pytest.raises(InputError, match=sentence):
        read_frame(found)
    found.to_parquet(tmp_path / "x.parquet")
    (rejected,) = open_spectra(tmp_path / "x.parquet")
    assert sentence in rejected.reason


def test_rows_are_numbered_over_row_groups_and_batches(tmp_path):
    table = pa.Table.from_pandas(frame())
    many = pa.concat_tables([table] * 400)
    pq.write_table(many, tmp_path / "x.parquet", row_group_size=300)
    assert [record.index for record in open_spectra(tmp_path / "x.parquet")] == [*range(800)]
    with pa.ipc.new_file(tmp_path / "x.ipc", many.schema) as writer:
        writer.write_table(many, max_chunksize=300)
    assert [record.index for record in open_spectra(tmp_path / "x.ipc")] == [*range(800)]


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
@pytest.mark.parametrize("n_lost", [1, 40, 200])
def test_a_cut_off_file_is_one_record(tmp_path, name, n_lost):
    path = tmp_path / name
    frame().to_parquet(path) if name.endswith("parquet") else frame().to_feather(path)
    path.write_bytes(path.read_bytes()[:-n_lost])
    (rejected,) = open_spectra(path)
    assert "the table is damaged" in rejected.reason


def test_peptides_as_bytes_are_text():
    first, _ = read_frame(frame(modified_sequence=[b"PEPTIDEK", None]))
    assert first.peptide == "PEPTIDEK"


def test_a_cell_that_cannot_be_read_is_a_reason(tmp_path):
    broken = pa.array([b"\xff", b"ok"], pa.binary()).view(pa.string())
    table = pa.Table.from_pandas(frame()).append_column("title", broken)
    pq.write_table(table, tmp_path / "x.parquet")
    first, second = open_spectra(tmp_path / "x.parquet")
    assert first.reason.startswith("title cannot be read")
    assert isinstance(second, MeasuredSpectrum)


def test_a_scan_number_beyond_all_integers_is_none():
    first, _ = read_frame(frame(scan_number=["9" * 5000, "19"]))
    assert first.scan is None


def test_a_column_that_is_there_twice_is_refused():
    table = pa.Table.from_pandas(frame())
    with pytest.raises(InputError, match="several columns 'precursor_mz'"):
        read_frame(table.append_column("precursor_mz", table["precursor_mz"]))


def written_as(path, table, compression):
    if path.suffix == ".parquet":
        pq.write_table(table, path, compression=compression)
        return
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, table.schema, options=options) as w,
    ):
        w.write_table(table)


@pytest.mark.parametrize(
    ("name", "compression"), [("x.parquet", "zstd"), ("x.arrow", "zstd"), ("x.arrow", "lz4")]
)
def test_a_small_file_that_unpacks_to_many_values_is_refused(
    tmp_path, monkeypatch, name, compression
):
    monkeypatch.setattr(frames, "_MAX_UNPACKED", 1000)
    spectra = pa.table({name: [[1.0] * 900_000] for name in ("mz_array", "intensity_array")})
    bomb = spectra.append_column("precursor_mz", [[500.0]])
    written_as(tmp_path / name, bomb, compression)
    (rejected,) = open_spectra(tmp_path / name)
    found = re.search(r"bytes unpack to ([\d,]+) values; are these spectra", rejected.reason)
    assert int(found[1].replace(",", "")) >= 900_000


@pytest.mark.parametrize("compression", ["zstd", "lz4", None])
def test_sizes_of_compressed_buffers_are_read_before_they_are_unpacked(tmp_path, compression):
    words = pa.array(["a", "b", "a"] * 1000).dictionary_encode()
    table = pa.table({"value": np.arange(3000.0), "word": words})
    written_as(tmp_path / "x.arrow", table, compression)
    with (tmp_path / "x.arrow").open("rb", buffering=0) as file:
        size = largest_unpacked(file)
    assert size == 0 if compression is None else 24_000 + 12_000 <= size < 40_000


@pytest.mark.parametrize("name", ["x.arrow", "x.parquet"])
def test_a_damaged_table_has_a_reason_and_ends_no_process(tmp_path, name):
    path = tmp_path / name
    written_as(path, pa.Table.from_pandas(frame()), "zstd")
    whole, n_refused = path.read_bytes(), 0
    for place in range(8, len(whole) - 4, 7):
        path.write_bytes(whole[:place] + b"\xff\xff\xff\x7f" + whole[place + 4 :])
        records = list(open_spectra(path))
        assert records
        n_refused += not isinstance(records[-1], MeasuredSpectrum)
    assert n_refused > 50
