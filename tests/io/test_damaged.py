"""Of hundreds of damaged files the good spectra are read, and the rest is accounted for."""

import base64
import gzip
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from denovo.errors import InputError
from denovo.io.reading import open_spectra
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.damages import (
    FORMATS,
    HURT,
    Damage,
    catalogue,
    document,
    entry,
    good,
    with_entry,
)
from tests.io.samples import INTENSITY, MZ

DAMAGES = [damage for form in FORMATS for damage in catalogue(form)]
MAX_SECONDS = 2.0


def test_the_catalogue_has_hundreds_of_files_and_no_name_twice() -> None:
    assert len({damage.name for damage in DAMAGES}) == len(DAMAGES) >= 200


@pytest.mark.parametrize("form", FORMATS)
def test_the_good_files_are_read_whole(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"good.{form}"
    path.write_text(good(form))
    assert good_entries(list(open_spectra(path))) == set(range(5))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_the_good_spectra_are_read_and_the_rest_is_accounted_for(
    tmp_path: Path, damage: Damage
) -> None:
    path = tmp_path / damage.name
    path.write_bytes(damage.data)
    start = time.process_time()
    records = list(open_spectra(path))
    assert time.process_time() - start < MAX_SECONDS
    assert damage.kept <= good_entries(records)
    entries = [record for record in records if record.index is not None]
    assert [record.index for record in entries] == list(range(len(entries)))
    if damage.n_entries is not None:
        assert len(entries) == damage.n_entries
    check_rejections(records, damage, path)


def check_rejections(
    records: list[MeasuredSpectrum | Rejected], damage: Damage, path: Path
) -> None:
    rejected = [record for record in records if isinstance(record, Rejected)]
    assert all(record.file == str(path) for record in records)
    for record in rejected:
        assert record.sentence.startswith(str(path))
        assert record.reason.strip()
        assert record.reason.isprintable()
        assert record.index is None or record.line > 0
    if damage.is_rejected:
        assert [record for record in rejected if record.index in (None, HURT)]
    elif damage.is_rejected is False:
        assert rejected == []


def good_entries(records: list[MeasuredSpectrum | Rejected]) -> set[int]:
    """Tell which entries of the good file were read unchanged."""
    return {
        round(record.precursor_mz - 400.5)
        for record in records
        if isinstance(record, MeasuredSpectrum)
        and record.mz.tolist() == list(MZ)
        and record.intensity.tolist() == list(INTENSITY)
        and record.precursor_mz % 1 == 0.5
    }


@pytest.mark.parametrize("form", FORMATS)
def test_a_line_of_two_gigabytes_is_not_read_to_its_end(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"long.{form}"
    with path.open("wb") as stream:
        stream.write(good(form).encode() + b"1")
        stream.truncate(1 << 31)  # a hole, which takes no space
    start = time.process_time()
    records = list(open_spectra(path))
    assert time.process_time() - start < MAX_SECONDS
    assert good_entries(records) == set(range(5))
    assert isinstance(records[-1], Rejected)


@pytest.mark.parametrize(
    ("name", "start", "line"),
    [
        ("bomb.mgf.gz", "BEGIN IONS\nPEPMASS=400.5\n", "1 1\n"),
        ("bomb.msp.gz", "Name: A/2\nNum peaks: 9\n", "1 1; 2 2\n"),
        ("bomb.mzlib.txt.gz", "<mzSpecLib>\n<Spectrum=1>\n<Peaks>\n", "1 1\n"),
    ],
)
def test_an_entry_that_unfolds_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, start: str, line: str
) -> None:
    monkeypatch.setattr("denovo.io.text_entries._MAX_POINTS", 1000)
    path = tmp_path / name
    path.write_bytes(gzip.compress((start + line * 5000).encode()))
    *_, last = open_spectra(path)
    assert isinstance(last, Rejected)
    assert "over two million peaks" in last.reason
    assert 500 <= last.line <= 1005


@pytest.mark.parametrize("form", ["mzML", "mzXML"])
def test_xml_that_unfolds_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr("denovo.io.xml_stream._MAX_DISTANCE", 1 << 18)
    text = good(form).replace(entry(form, HURT), " " * (1 << 20) + entry(form, HURT))
    path = tmp_path / f"bomb.{form}.gz"
    path.write_bytes(gzip.compress(text.encode()))
    *records, last = open_spectra(path)
    assert isinstance(last, Rejected)
    assert "without a spectrum" in last.reason
    assert good_entries(records) == {0, 1}


@pytest.mark.parametrize("form", ["mzML", "mzXML"])
def test_far_apart_entries_are_no_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr("denovo.io.xml_stream._MAX_DISTANCE", 1 << 18)
    entries = [entry(form, i) + "\n" * (1 << 17) for i in range(5)]
    path = tmp_path / f"far.{form}"
    path.write_text(document(form, entries))
    assert good_entries(list(open_spectra(path))) == set(range(5))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mgf"
    os.mkfifo(path)
    (record,) = open_spectra([path])
    assert isinstance(record, Rejected)
    assert "not a regular file" in record.reason


def test_a_file_that_vanishes_while_another_is_read_is_a_record(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.mgf" for name in "abc"]
    for path in paths:
        path.write_text(good("mgf"))
    records = []
    for record in open_spectra(paths):
        paths[1].unlink(missing_ok=True)
        records.append(record)
    assert len(records) == 11
    assert [r.sentence for r in records if isinstance(r, Rejected)] == [f"{paths[1]}: no such file"]


def test_a_file_that_is_cut_while_it_is_read_is_told_from_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "growing.mgf"
    path.write_text(good("mgf") * 500)
    records = []
    for record in open_spectra(path):
        if not records:
            os.truncate(path, 20_007)
        records.append(record)
    assert isinstance(records[-1], Rejected)
    assert "END IONS is missing" in records[-1].reason


def test_a_file_that_cannot_be_read_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "unreadable.mgf"
    path.symlink_to("/proc/self/mem")  # its first byte is never mapped
    if not path.exists():
        pytest.skip("there is no file at hand that even root cannot read")
    (record,) = open_spectra(path)
    assert isinstance(record, Rejected)
    assert "cannot be read" in record.reason


@pytest.mark.parametrize("name", ["a" * 300 + ".mgf", "a\0b.mgf", "broken.mgf", "loop.mgf"])
def test_a_path_that_leads_nowhere_is_an_input_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.mgf").symlink_to(tmp_path / "absent.mgf")
    (tmp_path / "loop.mgf").symlink_to(tmp_path / "loop.mgf")
    with pytest.raises(InputError, match=r"does not exist|cannot find"):
        open_spectra(tmp_path / name)


@pytest.mark.parametrize("has_offsets", [True, False])
def test_the_index_of_an_mzml_file_is_not_relied_on(tmp_path: Path, has_offsets: bool) -> None:
    offsets = "".join(f'<offset idRef="scan={i + 1}">{7**i}</offset>' for i in range(9))
    index = f'<indexList count="1"><index name="spectrum">{offsets}</index></indexList>'
    body = good("mzML").partition("?>")[2]
    path = tmp_path / "indexed.mzML"
    path.write_text(
        f"<indexedmzML>{body}{index if has_offsets else ''}"
        "<indexListOffset>99999999</indexListOffset></indexedmzML>"
    )
    assert good_entries(list(open_spectra(path))) == set(range(5))


def test_arrays_of_32_and_64_bits_are_told_apart_within_a_spectrum(tmp_path: Path) -> None:
    heights = base64.b64encode(np.array(INTENSITY, "<f4").tobytes()).decode()
    text = entry("mzML", HURT)
    start = text.index('<cvParam cvRef="MS" accession="MS:1000523"', text.index("MS:1000514"))
    array = text[start:].replace("MS:1000523", "MS:1000521").replace("MS:1000574", "MS:1000576")
    array = re.sub(r"<binary>[^<]*", f"<binary>{heights}", array)
    path = tmp_path / "mixed.mzML"
    path.write_bytes(with_entry("mzML", text[:start] + array))
    assert good_entries(list(open_spectra(path))) == set(range(5))
