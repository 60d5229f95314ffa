import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyteomics import mgf as oracle

from denovo.io.centroid import is_profile
from denovo.io.mgf import scan_mgf
from denovo.io.streams import FileError
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.samples import INTENSITY, MZ

ENTRY = """BEGIN IONS
TITLE=first
PEPMASS=400.6873 12345.0
CHARGE=2+
SEQ=PEPTIDE
300.5 7
98.06 2.5 1+
200.25\t1e3
END IONS
"""
HEADLESS = "BEGIN IONS\nTITLE=bare\nPEPMASS=500.5\n"
WHOLE = HEADLESS + "CHARGE=2+\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "spectra.mgf"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def read_one(path: Path) -> MeasuredSpectrum:
    (spectrum,) = scan_mgf(path)
    assert isinstance(spectrum, MeasuredSpectrum), spectrum
    return spectrum


def test_an_entry_is_read_with_peaks_in_order_of_mz(write: Callable[[str], Path]) -> None:
    spectrum = read_one(write(ENTRY))
    assert (spectrum.title, spectrum.index, spectrum.line) == ("first", 0, 1)
    assert (spectrum.precursor_mz, spectrum.precursor_charge) == (400.6873, 2)
    assert spectrum.peptide == "PEPTIDE"
    assert spectrum.mz.tolist() == [98.06, 200.25, 300.5]
    assert spectrum.intensity.tolist() == [2.5, 1000.0, 7.0]


def test_entries_are_numbered_and_know_their_line(write: Callable[[str], Path]) -> None:
    spectra = list(scan_mgf(write("# a comment\n\n" + ENTRY + "\n" + ENTRY)))
    assert [(s.index, s.line) for s in spectra] == [(0, 3), (1, 13)]


def test_the_first_of_repeated_fields_counts(write: Callable[[str], Path]) -> None:
    text = ENTRY.replace("SEQ=PEPTIDE", "SEQ=PEPTIDE\nSEQ=OTHER\nPEPMASS=1.0\nCHARGE=5+")
    spectrum = read_one(write(text))
    assert (spectrum.peptide, spectrum.precursor_mz, spectrum.precursor_charge) == (
        "PEPTIDE",
        400.6873,
        2,
    )


def test_points_of_zero_intensity_are_dropped(write: Callable[[str], Path]) -> None:
    spectrum = read_one(write(ENTRY.replace("300.5 7", "300.5 7\n300.6 0.0\n300.7 0")))
    assert spectrum.mz.tolist() == [98.06, 200.25, 300.5]


def test_an_entry_without_title_and_peptide_is_named_by_its_place(
    write: Callable[[str], Path],
) -> None:
    spectrum = read_one(write(ENTRY.replace("TITLE=first\n", "").replace("SEQ=PEPTIDE", "SEQ=")))
    assert spectrum.title == "index=0"
    assert spectrum.peptide is None


@pytest.mark.parametrize("spelling", ["2", "2+", "+2", " 2+ "])
def test_spellings_of_a_charge_are_read(write: Callable[[str], Path], spelling: str) -> None:
    assert read_one(write(ENTRY.replace("2+\n", spelling + "\n", 1))).precursor_charge == 2


def test_a_charge_before_the_first_entry_holds_where_an_entry_has_none(
    write: Callable[[str], Path],
) -> None:
    text = "COM=a header\nCHARGE=3+\n" + ENTRY.replace("CHARGE=2+\n", "") + ENTRY
    assert [s.precursor_charge for s in scan_mgf(write(text))] == [3, 2]


@pytest.mark.parametrize("name", ["spectra.mgf.gz", "no_suffix"])
def test_a_compressed_file_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(ENTRY.encode()))
    assert read_one(path).title == "first"


def test_titles_may_hold_any_bytes_and_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    path = tmp_path / "spectra.mgf"
    text = ENTRY.replace("first", "5 \xb5l").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("latin-1"))
    spectrum = read_one(path)
    assert spectrum.title.startswith("5 ")
    assert spectrum.peptide == "PEPTIDE"


@pytest.mark.parametrize(
    ("listed", "peptide"),
    [
        ("3-MOD:00425", "AEM[UNIMOD:35]CK"),
        ("3-MOD:00425,4-MOD:00397", "AEM[UNIMOD:35]C[UNIMOD:4]K"),
        # An unknown accession stays visible, so that the alphabet can refuse it.
        ("1-MOD:00696", "A[MOD:00696]EMCK"),
        ("", "AEMCK"),
        ("anything else", "AEMCK"),
    ],
)
def test_modifications_listed_beside_the_sequence_are_put_into_it(
    write: Callable[[str], Path], listed: str, peptide: str
) -> None:
    text = ENTRY.replace("SEQ=PEPTIDE", f"SEQ=AEMCK\nUSER03={listed}")
    assert read_one(write(text)).peptide == peptide


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("PK\x03\x04\x00garbage\x00\xff\n", "line 1: expected BEGIN IONS"),
        ("100.0 5.0\nEND IONS\n", "line 1: expected BEGIN IONS"),
        (ENTRY + "END IONS\n", "line 10: expected BEGIN IONS"),
        (ENTRY + WHOLE + "100 1\n", "line 10, spectrum 'bare': END IONS is missing at the end"),
        (WHOLE + "100 1\n" + ENTRY, "line 1, spectrum 'bare': END IONS is missing .* line 6"),
        (WHOLE + "100 1\n2x0 1\nEND IONS\n", "line 6, spectrum 'bare': expected a peak"),
        (WHOLE + "100 1\n200\nEND IONS\n", "line 6, spectrum 'bare': expected a peak"),
        (WHOLE + "nan 1\nEND IONS\n", "line 5, spectrum 'bare': the m/z .* got nan"),
        (WHOLE + "-100 1\nEND IONS\n", "line 5, spectrum 'bare': the m/z .* got -100"),
        (WHOLE + "0 1\nEND IONS\n", "line 5, spectrum 'bare': the m/z .* got 0"),
        (WHOLE + "inf 1\nEND IONS\n", "line 5, spectrum 'bare': the m/z .* got inf"),
        (WHOLE + "100 nan\nEND IONS\n", "line 5, spectrum 'bare': the intensity .* got nan"),
        (WHOLE + "100 -1\nEND IONS\n", "line 5, spectrum 'bare': the intensity .* got -1"),
        (WHOLE + "END IONS\n", "line 1, spectrum 'bare': the spectrum has no peaks"),
        (WHOLE + "100 0\nEND IONS\n", "line 1, spectrum 'bare': the spectrum has no peaks"),
        (HEADLESS + "CHARGE=2-\n100 1\nEND IONS\n", "measured in negative mode"),
        (HEADLESS + "CHARGE=two\n100 1\nEND IONS\n", "CHARGE= must be a positive .* 'two'"),
        ("BEGIN IONS\nCHARGE=2+\n100 1\nEND IONS\n", "line 1: PEPMASS= is missing"),
        (WHOLE.replace("500.5", "five") + "100 1\nEND IONS\n", "PEPMASS= .* got 'five'"),
        (WHOLE.replace("500.5", "") + "100 1\nEND IONS\n", "PEPMASS= .* got ''"),
        (WHOLE.replace("500.5", "nan") + "100 1\nEND IONS\n", "PEPMASS= .* got 'nan'"),
        (WHOLE.replace("500.5", "-1") + "100 1\nEND IONS\n", "PEPMASS= .* got '-1'"),
    ],
)
def test_a_fault_is_named_with_file_line_and_spectrum(
    write: Callable[[str], Path], text: str, message: str
) -> None:
    path = write(text)
    rejected = next(record for record in scan_mgf(path) if isinstance(record, Rejected))
    assert re.search(message, rejected.sentence)
    assert rejected.sentence.startswith(str(path))
    assert "\n" not in rejected.sentence


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: data[:40] + b"\xff" * 40])
def test_a_damaged_gzip_file_is_a_fault_of_the_file(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "spectra.mgf.gz"
    path.write_bytes(damage(gzip.compress(ENTRY.encode() * 5)))
    with pytest.raises(FileError, match="cannot be read"):
        list(scan_mgf(path))


@pytest.mark.parametrize(
    ("name", "n_spectra"),
    [
        ("casanovo_sample_preprocessed_spectra.mgf", 128),
        ("pepnet_train.mgf", 124),
        ("proteometools_kuester_test.mgf", 171),
        ("winnow_hela_spectra.mgf", 100),
    ],
)
def test_measured_files_are_read_as_pyteomics_reads_them(
    real_data: Callable[[str], Path], name: str, n_spectra: int
) -> None:
    path = real_data(name)
    mine = list(scan_mgf(path))
    assert len(mine) == n_spectra
    with oracle.read(str(path), use_index=False, convert_arrays=1, read_charges=False) as theirs:
        for spectrum, other in zip(mine, theirs, strict=True):
            assert isinstance(spectrum, MeasuredSpectrum)
            assert spectrum.title == other["params"]["title"]
            assert spectrum.precursor_mz == other["params"]["pepmass"][0]
            assert spectrum.precursor_charge == other["params"]["charge"][0]
            order = np.argsort(other["m/z array"], kind="stable")
            mz, intensity = other["m/z array"][order], other["intensity array"][order]
            if not is_profile(mz):
                np.testing.assert_array_equal(spectrum.mz, mz[intensity > 0])
                np.testing.assert_array_equal(spectrum.intensity, intensity[intensity > 0])


@pytest.mark.parametrize(
    ("charge", "expected"),
    [("CHARGE=2+\n", 2), ("", None), ("CHARGE=0\n", None), ("CHARGE=2+ and 3+\n", None)],
)
def test_a_scan_takes_an_entry_without_one_charge(
    write: Callable[[str], Path], charge: str, expected: int | None
) -> None:
    (record,) = scan_mgf(write(HEADLESS + charge + "100 1\nEND IONS\n"))
    assert isinstance(record, MeasuredSpectrum)
    assert record.precursor_charge == expected


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (WHOLE + "100 1\n", "END IONS is missing before the next BEGIN IONS"),
        (WHOLE + "100 nan\nEND IONS\n", "intensity"),
        (WHOLE + "END IONS\n", "no peaks"),
        (WHOLE + "MSLEVEL=1\n100 1\nEND IONS\n", "an MS1 spectrum"),
        (HEADLESS + "CHARGE=2-\n100 1\nEND IONS\n", "negative mode"),
        (HEADLESS + "CHARGE=150+\n100 1\nEND IONS\n", "from 1 to 20, got 150"),
        ("BEGIN IONS\nCHARGE=2+\n100 1\nEND IONS\n", "PEPMASS= is missing"),
        ("BEGIN ION\nCHARGE=2+\n100 1\nEND IONS\n", "expected BEGIN IONS"),
    ],
)
def test_a_scan_goes_on_behind_a_fault(
    write: Callable[[str], Path], fault: str, reason: str
) -> None:
    records = list(scan_mgf(write(ENTRY + fault + ENTRY)))
    first, rejected, last = records
    assert isinstance(rejected, Rejected)
    assert reason in rejected.reason
    for record in (first, last):
        assert isinstance(record, MeasuredSpectrum)
        assert record.title == "first"


def test_fields_of_a_damaged_entry_hold_for_no_other(write: Callable[[str], Path]) -> None:
    damaged = "BEGIN ION\nCHARGE=7+\n100 1\nEND IONS\n"
    *_, last = scan_mgf(write(ENTRY + damaged + HEADLESS + "100 1\nEND IONS\n"))
    assert isinstance(last, MeasuredSpectrum)
    assert last.precursor_charge is None


@pytest.mark.parametrize(
    ("sequence", "listed", "fault"),
    [
        ("AK", "3-MOD:00425", "USER03=3-MOD:00425 points outside SEQ=AK"),
        ("AK", "0-MOD:00425", "USER03=0-MOD:00425 points outside SEQ=AK"),
        (
            "M[Oxidation]",
            "1-MOD:00425",
            "modifications stand both in SEQ= and in USER03=; keep one of them",
        ),
    ],
)
def test_an_annotation_that_cannot_be_read_costs_only_the_annotation(
    write: Callable[[str], Path], sequence: str, listed: str, fault: str
) -> None:
    record = read_one(write(ENTRY.replace("PEPTIDE", f"{sequence}\nUSER03={listed}")))
    assert record.peptide is None
    assert record.peptide_fault == fault


def test_profile_spectra_are_centroided(
    write: Callable[[str], Path],
) -> None:
    mz = 500.0 + np.arange(-15, 16) * 0.002
    intensity = 100.0 * np.exp(-0.5 * ((mz - 500.0003) / 0.006) ** 2)
    points = "".join(
        f"{m!r} {height!r}\n" for m, height in zip(mz.tolist(), intensity.tolist(), strict=True)
    )
    record = read_one(write(WHOLE + points + "END IONS\n"))
    assert record.mz == pytest.approx([500.0003], abs=1e-8)


@pytest.mark.parametrize(
    ("precursor", "charge", "expected"),
    [
        ("500.5 1e4 4+", "", 4),
        ("500.5 1e4 3+", "CHARGE=2+\n", 3),
        ("500.5 1e4 3", "CHARGE=2+\n", 3),
        ("500.5\t3+", "CHARGE=2+\n", 3),
        ("500.5 1e4 2+ or 3+", "CHARGE=2+\n", None),
        # A third value that names no charge leaves it to CHARGE=.
        ("500.5 1e4 0", "CHARGE=2+\n", 2),
        ("500.5 1e4 unknown", "CHARGE=2+\n", 2),
        # A second value without a sign is an intensity.
        ("500.5 3", "CHARGE=2+\n", 2),
        ("500.5 3", "", None),
    ],
)
def test_a_charge_in_pepmass_comes_before_that_of_charge(
    write: Callable[[str], Path], precursor: str, charge: str, expected: int | None
) -> None:
    text = HEADLESS.replace("500.5", precursor) + charge + "100 1\nEND IONS\n"
    spectrum = read_one(write(text))
    assert (spectrum.precursor_mz, spectrum.precursor_charge) == (500.5, expected)


@pytest.mark.parametrize(
    "field",
    [
        "IONMODE=Negative",
        "ION_MODE=N",
        "POLARITY=-",
        "ADDUCT=[M-H]-",
        "ION=[M-2H]2-",
        "CHARGE=2-",
        "CHARGE=-2",
    ],
)
@pytest.mark.parametrize("is_in_head", [False, True])
def test_a_spectrum_of_negative_ions_is_rejected(
    write: Callable[[str], Path], field: str, is_in_head: bool
) -> None:
    head, inner = (f"{field}\n", "") if is_in_head else ("", f"{field}\n")
    entry = f"BEGIN IONS\n{inner}PEPMASS=500.5\n100 1\nEND IONS\n"
    (record,) = scan_mgf(write(head + entry))
    assert isinstance(record, Rejected)
    assert "negative mode" in record.reason


def test_a_negative_charge_in_pepmass_counts(write: Callable[[str], Path]) -> None:
    text = HEADLESS.replace("500.5", "500.5 1e4 2-") + "CHARGE=2+\n100 1\nEND IONS\n"
    (record,) = scan_mgf(write(text))
    assert isinstance(record, Rejected)
    assert "negative mode" in record.reason


@pytest.mark.parametrize("field", ["IONMODE=Positive", "POLARITY=+", "ADDUCT=[M+2H]2+", "ION=x-y"])
def test_a_spectrum_of_positive_ions_is_read(write: Callable[[str], Path], field: str) -> None:
    assert read_one(write(WHOLE + f"{field}\n100 1\nEND IONS\n")).precursor_charge == 2


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["100.5", "200.25 40.0 1", "300.125", "400.0625 20.0 1"], 5),
        (["100.5 10 1", "200.25", "300.125 30.0 1", "400.0625"], 6),
        (["100.5 10", "200.25 40.0 1 2", "300.125", "1"], 7),
    ],
)
def test_lines_of_too_few_values_are_not_made_up_for_by_others(
    write: Callable[[str], Path], lines: list[str], line: int
) -> None:
    (record,) = scan_mgf(write(WHOLE + "\n".join(lines) + "\nEND IONS\n"))
    assert isinstance(record, Rejected)
    assert record.line == line
    assert "expected a peak" in record.reason


@pytest.mark.parametrize(
    "label", ["ion=3", "y3^2/0.5ppm", '"b2, y7 = ?"', "1+ a=b c=d", "=", "TITLE=x"]
)
@pytest.mark.parametrize("rows", [(0, 1, 2, 3), (1, 2), (0,)])
def test_labels_of_peaks_may_hold_anything(
    write: Callable[[str], Path], label: str, rows: tuple[int, ...]
) -> None:
    points = [
        f"{mz}\t{height}" + (f"\t{label}" if row in rows else "")
        for row, (mz, height) in enumerate(zip(MZ, INTENSITY, strict=True))
    ]
    spectrum = read_one(write(WHOLE + "\n".join(points) + "\nEND IONS\n"))
    assert (spectrum.mz.tolist(), spectrum.intensity.tolist()) == (list(MZ), list(INTENSITY))
    assert spectrum.title == "bare"


@pytest.mark.parametrize(
    ("fields", "scan", "title"),
    [
        ("SCANS=4711\n", 4711, "scan=4711"),
        ("SCANS=4711-4713\n", 4711, "scan=4711"),
        ("SCANS=F1:4711\nTITLE=a\n", 4711, "a"),
        ("SCAN=12\nTITLE=run.7.7.2\n", 12, "run.7.7.2"),
        ("TITLE=run.00007.00007.2\n", 7, "run.00007.00007.2"),
        ("TITLE=x scan=8\n", 8, "x scan=8"),
        ("TITLE=run.7.9.2\n", None, "run.7.9.2"),
        ("TITLE=4711\n", None, "4711"),
        ("", None, "index=0"),
    ],
)
def test_scan_numbers_are_kept_and_name_an_entry_without_a_title(
    write: Callable[[str], Path], fields: str, scan: int | None, title: str
) -> None:
    entry = f"BEGIN IONS\n{fields}PEPMASS=500.5\n{{}}\nEND IONS\n"
    spectrum = read_one(write(entry.format("100 1")))
    (rejected,) = scan_mgf(write(entry.format("100 nan")))
    for record in (spectrum, rejected):
        assert (record.scan, record.title, record.native_id) == (scan, title, "index=0")


@pytest.mark.parametrize(
    ("field", "seconds"),
    [("629.0-631.0", 630.0), ("6.3E2", 630.0), ("PT630S", 630.0), ("-1", None), ("soon", None)],
)
def test_retention_times_are_read_in_their_spellings(
    write: Callable[[str], Path], field: str, seconds: float | None
) -> None:
    text = WHOLE + f"RTINSECONDS={field}\n100 1\nEND IONS\n"
    assert read_one(write(text)).retention_time == seconds


def test_titles_in_latin_1_stay_readable_beside_those_in_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "spectra.mgf"
    texts = ENTRY.replace("first", "5 \xb5l Mäuse").encode("latin-1"), ENTRY.replace("first", "µä→")
    path.write_bytes(texts[0] + texts[1].encode())
    assert [record.title for record in scan_mgf(path)] == ["5 µl Mäuse", "µä→"]
