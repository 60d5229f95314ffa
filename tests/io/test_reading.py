"""Files of every format, whole and damaged: each entry comes back, or the reason why not."""

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denovo.chemistry.proforma import bare_sequence
from denovo.errors import InputError
from denovo.io.reading import expand, open_spectra
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.samples import INTENSITY, MZ, VALID, mzml, mzml_spectrum, mzxml, mzxml_scan, write


def outcome(path: Path) -> list[MeasuredSpectrum | Rejected]:
    return list(open_spectra(path))


def spectra(path: Path) -> list[MeasuredSpectrum]:
    return [record for record in open_spectra(path) if isinstance(record, MeasuredSpectrum)]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("name", VALID)
def test_every_format_gives_the_same_spectra(tmp_path: Path, name: str, suffix: str) -> None:
    path = write(tmp_path, name + suffix, VALID[name])
    records = outcome(path)
    assert [record.index for record in records] == [0, 1, 2]
    for record in records:
        assert isinstance(record, MeasuredSpectrum)
        assert (record.precursor_mz, record.precursor_charge, record.ms_level) == (400.5, 2, 2)
        assert record.mz.tolist() == list(MZ)
        assert record.intensity.tolist() == list(INTENSITY)
        assert record.file == str(path)
        assert record.peptide == (None if "mzM" in name or "mzX" in name else "PEPTIDE")
        assert record.retention_time == (None if name.endswith("msp") else 60.0)


@pytest.mark.parametrize("name", VALID)
def test_the_format_is_told_by_the_content(tmp_path: Path, name: str) -> None:
    assert len(spectra(write(tmp_path, "spectra.dat", VALID[name]))) == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("name", ["small.mgf", "small.msp", "small.mzlib.txt"])
def test_text_with_a_byte_order_mark_is_read(tmp_path: Path, name: str, encoding: str) -> None:
    assert len(spectra(write(tmp_path, name, VALID[name].encode(encoding)))) == 3


def test_native_ids_are_those_of_the_formats(tmp_path: Path) -> None:
    first = {name: spectra(write(tmp_path, name, text))[0] for name, text in VALID.items()}
    assert {name: spectrum.native_id for name, spectrum in first.items()} == {
        "small.mgf": "index=0",
        "small.msp": "index=0",
        "small.mzlib.txt": "index=0",
        "small.mzML": "scan=1",
        "small.mzXML": "scan=1",
    }


def test_several_files_and_patterns_are_read_in_order_and_each_once(tmp_path: Path) -> None:
    for name in ("b.mgf", "a.mgf"):
        write(tmp_path, name, VALID["small.mgf"])
    path = write(tmp_path, "c.mzML", VALID["small.mzML"])
    records = list(open_spectra([path, tmp_path / "c.mzML", str(tmp_path / "*.mgf")]))
    names = [Path(record.file).name for record in records]
    assert names == ["c.mzML"] * 3 + ["a.mgf"] * 3 + ["b.mgf"] * 3


def test_a_file_is_read_once_however_it_is_spelled(tmp_path: Path, monkeypatch) -> None:
    path = write(tmp_path, "a.mgf", VALID["small.mgf"])
    (tmp_path / "link.mgf").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    assert expand(["a.mgf", path, "./a.mgf", "link.mgf"]) == [Path("a.mgf")]


def test_a_name_with_brackets_is_no_pattern_where_the_file_exists(tmp_path: Path) -> None:
    path = write(tmp_path, "run[1].mgf", VALID["small.mgf"])
    assert expand(str(path)) == [path]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ("absent.mgf", "does not exist"),
        ("absent*.mgf", "no file matches"),
        ([], "no spectrum file"),
    ],
)
def test_what_does_not_exist_is_an_input_error_before_anything_is_read(
    tmp_path: Path, paths: str | list[str], message: str
) -> None:
    named = str(tmp_path / paths) if isinstance(paths, str) else paths
    with pytest.raises(InputError, match=message):
        open_spectra(named)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mzML", b"", "it is empty"),
        ("zeros.mgf", b"\0" * 4096, "it is empty"),
        ("text.txt", b"nothing to see\n", "its format is not known"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\0\xff" * 50, "its format is not known"),
        ("other.xml", b"<pepXML></pepXML>", "its format is not known"),
        ("bomb.mzML", b'<!DOCTYPE x [<!ENTITY a "b">]><mzML>&a;</mzML>', "a document type"),
        ("bomb.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "its format is not known"),
        # Told at once, although a careless pattern would search it for minutes.
        ("long.mgf", b"x" * (1 << 18) + b"\n", "expected BEGIN IONS"),
        ("long.xml", b"<" + b"x" * (1 << 16), "its format is not known"),
        ("header.mgf", b"COM=nothing follows\n", "holds no spectra"),
        ("none.mzML", mzml().encode(), "holds no spectra"),
        ("line.mgf", b"BEGIN IONS\n" + b"1" * (1 << 21), "a line longer than a MiB"),
    ],
)
def test_a_file_without_spectra_is_one_record(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    last = outcome(write(tmp_path, name, content))[-1]
    assert isinstance(last, Rejected)
    assert last.index is None
    assert reason in last.sentence


def test_a_folder_is_a_record(tmp_path: Path) -> None:
    (record,) = outcome(tmp_path)
    assert isinstance(record, Rejected)
    assert "a folder, expected a file" in record.reason


@pytest.mark.parametrize("name", VALID)
def test_a_cut_off_file_keeps_what_precedes_the_cut_and_says_so(tmp_path: Path, name: str) -> None:
    data = VALID[name].encode()
    *kept, last = outcome(write(tmp_path, name, data[: int(len(data) * 0.8)]))
    assert [record.index for record in kept][:2] == [0, 1]
    assert isinstance(last, Rejected)
    assert last.line > 1


@pytest.mark.parametrize("name", VALID)
def test_a_cut_off_gzip_file_keeps_what_precedes_the_cut(tmp_path: Path, name: str) -> None:
    data = gzip.compress(VALID[name].encode(), compresslevel=0)
    *kept, last = outcome(write(tmp_path, name, data[: int(len(data) * 0.8)]))
    assert isinstance(kept[0], MeasuredSpectrum)
    assert isinstance(last, Rejected)
    assert "cut off" in last.reason
    assert f"({len(kept)} entries)" in last.reason


def test_a_rejection_names_file_line_and_spectrum(tmp_path: Path) -> None:
    text = VALID["small.mgf"].replace("200.25 40.0", "200.25 -40.0", 1)
    path = write(tmp_path, "spectra.mgf", text)
    rejected, *rest = outcome(path)
    assert isinstance(rejected, Rejected)
    assert rejected.sentence.startswith(f"{path}, line 8, spectrum 's0': the intensity")
    assert len(rest) == 2


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("small.mgf", "RTINSECONDS=60"),
        ("small.mzML", 'value="1.0"'),
        ("small.mzXML", "PT60.0S"),
        ("small.mzlib.txt", "time=1.0"),
    ],
)
def test_a_retention_time_that_cannot_be_read_costs_nothing_else(
    tmp_path: Path, name: str, old: str
) -> None:
    damaged = old.translate(str.maketrans("1260", "????"))
    assert damaged != old
    kept = spectra(write(tmp_path, name, VALID[name].replace(old, damaged)))
    assert [spectrum.retention_time for spectrum in kept] == [None] * 3


NAMES = sorted(VALID)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(NAMES),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(min_size=1, max_size=8)),
        min_size=1,
        max_size=6,
    ),
    is_compressed=st.booleans(),
    is_damaged_after=st.booleans(),
)
def test_no_damage_raises_anything_and_every_damaged_file_is_accounted_for(
    tmp_path: Path,
    name: str,
    edits: list[tuple[float, int, bytes]],
    is_compressed: bool,
    is_damaged_after: bool,
) -> None:
    data = bytearray(VALID[name].encode())
    if is_compressed and is_damaged_after:
        data = bytearray(gzip.compress(data, mtime=0))
    for place, kind, patch in edits:
        start = int(place * len(data))
        if kind == 0:
            data[start : start + len(patch)] = patch
        elif kind == 1:
            data[start:start] = patch
        elif kind == 2:
            del data[start : start + 16]
        else:
            del data[start:]
    if is_compressed and not is_damaged_after:
        data = bytearray(gzip.compress(data, mtime=0))
    path = tmp_path / name
    path.write_bytes(data)
    records = outcome(path)
    assert records
    for record in records:
        assert record.file == str(path)
        if isinstance(record, MeasuredSpectrum):
            assert np.all(np.isfinite(record.mz) & (record.mz > 0))
            assert np.all(np.isfinite(record.intensity) & (record.intensity > 0))
            assert np.all(np.diff(record.mz) >= 0)
            assert 0 < record.precursor_mz < np.inf
        else:
            assert record.reason


@pytest.mark.parametrize("name", NAMES)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    def peak(n_entries: int) -> int:
        path = write(tmp_path, name, _of_large_entries(name, n_entries))
        tracemalloc.start()
        n_read = sum(1 for _ in open_spectra(path))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n_read == n_entries
        return highest

    peak(2)  # what is loaded once
    assert peak(30) < peak(3) + 300_000


def _of_large_entries(name: str, n_entries: int) -> str:
    """Write a file with 100 kB in each entry: in the title, or in the arrays."""
    if name == "small.mzML":
        return mzml(*(mzml_spectrum(i, *_RANDOM) for i in range(n_entries)))
    if name == "small.mzXML":
        padding = f'centroided="1" comment="{"x" * 100_000}"'
        return mzxml(*(mzxml_scan(i, attributes=padding) for i in range(n_entries)))
    start = {"small.mgf": "BEGIN", "small.msp": "Name", "small.mzlib.txt": "<Spectrum"}[name]
    label = {"small.mgf": "COM=", "small.msp": "Note: ", "small.mzlib.txt": "MS:1|x="}[name]
    head, *entries = VALID[name].split(start)
    line, _, rest = entries[0].partition("\n")
    return head + f"{start}{line}\n{label}{'x' * 100_000}\n{rest}" * n_entries


_RANDOM = tuple(np.random.default_rng(0).uniform(1, 2, (2, 5000)))


@pytest.mark.parametrize(
    ("name", "n_entries", "n_rejected", "n_peptides"),
    [
        ("casanovo_sample_preprocessed_spectra.mgf", 128, 0, 119),
        ("winnow_hela_spectra.mgf", 100, 0, 93),
        ("pepnet_train.mgf", 124, 0, 124),
        ("proteometools_kuester_test.mgf", 171, 0, 6),
        # The annotation of three entries does not fit their peptide.
        ("massivekb_human_tmt_head.sptxt", 58, 0, 51),
        ("fetal_brain_tiny.mzSpecLib.txt", 21, 0, 5),
        # The last entry announces 402 peaks and breaks off after 213.
        ("chinese_hamster_hcd_selected_head.msp", 7, 1, 4),
        ("FTMS_HCD_20_annotated_2019-11-12_filtered.msp", 82, 0, 66),
        ("LQSRPAAPPAPGPGQLTLR.mzML", 1, 0, 0),
        ("nist-bsa_consensus.msp.gz", 725, 0, 336),
    ],
)
def test_measured_files_are_read_whole(
    real_data: Callable[[str], Path], name: str, n_entries: int, n_rejected: int, n_peptides: int
) -> None:
    records = outcome(real_data(name))
    kept = [record for record in records if isinstance(record, MeasuredSpectrum)]
    assert (len(records), len(records) - len(kept)) == (n_entries, n_rejected)
    bare = {_bare(spectrum.peptide) for spectrum in kept if spectrum.peptide}
    assert len(bare) == n_peptides


def _bare(peptide: str) -> str:
    return bare_sequence(peptide).replace("I", "L")
