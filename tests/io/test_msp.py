"""Entries of MSP and sptxt libraries, in the spellings that exist."""

import re
from pathlib import Path

import pytest

from denovo.io.msp import scan_msp
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.samples import MSP, write

ENTRY = """Name: AAPCK/2_1(3,C,CAM)_46eV
MW: 500.2
Comment: Single Mods=1(3,C,CAM) Charge=2 Parent=251.1 Protein="a b"
Num peaks: 2
100.5\t10\t"b2/0.1"
200.5\t20\t"?; 3/4"
"""


def read(folder: Path, text: str) -> list[MeasuredSpectrum | Rejected]:
    return list(scan_msp(write(folder, "library.msp", text)))


def read_one(folder: Path, text: str) -> MeasuredSpectrum:
    (record,) = read(folder, text)
    assert isinstance(record, MeasuredSpectrum)
    return record


def test_an_entry_is_read_with_its_peptide(tmp_path: Path) -> None:
    spectrum = read_one(tmp_path, ENTRY)
    assert spectrum.title == "AAPCK/2_1(3,C,CAM)_46eV"
    assert spectrum.peptide == "AAPC[Carbamidomethyl]K"
    assert (spectrum.precursor_mz, spectrum.precursor_charge) == (251.1, 2)
    assert spectrum.mz.tolist() == [100.5, 200.5]
    assert spectrum.intensity.tolist() == [10.0, 20.0]


@pytest.mark.parametrize(
    ("old", "new", "charge", "precursor"),
    [
        ("MW: 500.2", "PrecursorMZ: 251.25", 2, 251.25),
        ("MW: 500.2", "PRECURSORMZ: 251.25\nPrecursor_type: [M+H]+", 2, 251.25),
        ("Parent=251.1", "Parent=251.1 PrecursorMonoisoMZ=251.2", 2, 251.2),
        ("MW: 500.2", "Charge: 3+", 3, 251.1),
        ("Charge=2 ", "", 2, 251.1),
        ("Charge=2 ", "Charge=0 ", None, 251.1),
        ("MW: 500.2", "PrecursorMZ: 0", 2, 251.1),
        ("MW: 500.2", "PrecursorMZ: N/A", 2, 251.1),
        ("Parent=251.1", "Parent=251.1 PrecursorMonoisoMZ=0.0", 2, 251.1),
    ],
)
def test_precursor_and_charge_are_found_where_libraries_put_them(
    tmp_path: Path, old: str, new: str, charge: int | None, precursor: float
) -> None:
    spectrum = read_one(tmp_path, ENTRY.replace(old, new))
    assert (spectrum.precursor_charge, spectrum.precursor_mz) == (charge, precursor)


def test_several_peaks_may_stand_on_a_line(tmp_path: Path) -> None:
    head = ENTRY.partition("100.5")[0]
    spectrum = read_one(tmp_path, head + '100.5 10 "a"; 200.5 20 "b;c";\n')
    assert spectrum.mz.tolist() == [100.5, 200.5]


def test_a_library_header_is_no_entry(tmp_path: Path) -> None:
    assert len(read(tmp_path, "### SpectraST library\n### more\n" + MSP)) == 3


@pytest.mark.parametrize("value", ["Mods=2(3,C,CAM)", "Mods=1(9,C,CAM)", "Mods=1(2,C,CAM)"])
def test_a_spectrum_whose_annotation_does_not_fit_is_kept_without_it(
    tmp_path: Path, value: str
) -> None:
    spectrum = read_one(tmp_path, ENTRY.replace("Mods=1(3,C,CAM)", value))
    assert spectrum.peptide is None
    assert spectrum.peptide_fault is not None
    assert value in spectrum.peptide_fault


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Parent=251.1", "", "precursor m/z is missing"),
        ("Parent=251.1", "Parent=many", "must be a number"),
        ("Parent=251.1", "Parent=0", "precursor m/z must be from 1"),
        ("Charge=2", "Charge=200", "from 1 to 20"),
        ("peaks: 2", "peaks: two", "must be a number"),
        ("200.5\t20", "200.5\t-20", "must not be negative"),
        ("200.5\t20", "twenty", "expected a peak"),
    ],
)
def test_an_entry_that_cannot_be_used_is_recorded_and_the_next_one_read(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    rejected, kept = read(tmp_path, ENTRY.replace(old, new) + "\n" + ENTRY)
    assert isinstance(rejected, Rejected)
    assert re.search(reason, rejected.reason)
    assert isinstance(kept, MeasuredSpectrum)
    assert kept.index == 1


def test_text_between_entries_is_recorded_once(tmp_path: Path) -> None:
    first, stray, second = read(tmp_path, ENTRY + "\nNme: X\nMW: 5\n100 5\n\n" + ENTRY)
    assert isinstance(first, MeasuredSpectrum)
    assert isinstance(stray, Rejected)
    assert (stray.index, stray.line) == (None, 8)
    assert isinstance(second, MeasuredSpectrum)


@pytest.mark.parametrize(
    ("announced", "note"),
    [
        (2, ""),
        (3, "another number of peaks than announced (2, not 3)"),
        (1, "another number of peaks than announced (2, not 1)"),
    ],
)
@pytest.mark.parametrize("rest", ["\n", ENTRY, "\n" + ENTRY])
def test_an_entry_that_ends_in_order_is_read_whatever_number_it_announces(
    tmp_path: Path, announced: int, note: str, rest: str
) -> None:
    first = read(tmp_path, ENTRY.replace("peaks: 2", f"peaks: {announced}") + rest)[0]
    assert isinstance(first, MeasuredSpectrum)
    assert (len(first.mz), first.note) == (2, note)


def test_an_entry_that_breaks_off_at_the_end_of_the_file_is_rejected(tmp_path: Path) -> None:
    (record,) = read(tmp_path, ENTRY.replace("peaks: 2", "peaks: 3"))
    assert isinstance(record, Rejected)
    assert record.reason == "3 peaks are announced but 2 follow; is the file complete?"


def test_several_peaks_on_a_line_without_a_separator_are_not_lost(tmp_path: Path) -> None:
    head = ENTRY.partition("100.5")[0]
    (record,) = read(tmp_path, head + "100.5 10 200.5 20\n\n")
    assert isinstance(record, Rejected)
    assert (record.line, "one peak per line" in record.reason) == (5, True)


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ("Charge: 2.0", 2),
        ("Charge: +3", 3),
        ("Charge: unknown", None),
        ("Charge: 2+ or 3+", None),
        ("Charge: 2,3", None),
    ],
)
def test_charges_are_read_in_all_spellings(
    tmp_path: Path, charge: str, expected: int | None
) -> None:
    assert read_one(tmp_path, ENTRY.replace("MW: 500.2", charge)).precursor_charge == expected


@pytest.mark.parametrize(
    "field",
    [
        "IONMODE: Negative",
        "Ion_mode: N",
        "Polarity: -",
        "PRECURSORTYPE: [M-H]-",
        "Precursor_type: [M-2H]2-",
        "Charge: 2-",
    ],
)
def test_a_spectrum_of_negative_ions_is_rejected(tmp_path: Path, field: str) -> None:
    (record,) = read(tmp_path, ENTRY.replace("MW: 500.2", field))
    assert isinstance(record, Rejected)
    assert "negative mode" in record.reason


@pytest.mark.parametrize("stated", ['"ionization mode=negative"', '"adduct=[M-H]-"'])
def test_a_negative_mode_in_the_comment_counts(tmp_path: Path, stated: str) -> None:
    (record,) = read(tmp_path, ENTRY.replace("Single", stated))
    assert isinstance(record, Rejected)
    assert "negative mode" in record.reason


@pytest.mark.parametrize(
    ("old", "new", "seconds"),
    [
        ("MW: 500.2", "RETENTIONTIME: 10.5", 630.0),
        ("MW: 500.2", "Retention_Time: 630 sec", 630.0),
        ("MW: 500.2", "RT: 0.175 h", 630.0),
        ("MW: 500.2", "RT: 630000 ms", 630.0),
        ("MW: 500.2", "RETENTIONTIME: 10.4-10.6", 630.0),
        ("Single", "RetentionTime=630.0,640.0,620.0", 630.0),
        ("Single", "RTINSECONDS=630", 630.0),
        ("Single", "RT=630", None),
    ],
)
def test_retention_times_are_read_in_the_unit_of_their_field(
    tmp_path: Path, old: str, new: str, seconds: float | None
) -> None:
    assert read_one(tmp_path, ENTRY.replace(old, new)).retention_time == seconds


def test_a_line_without_intensity_is_not_made_up_for_by_another(tmp_path: Path) -> None:
    (record,) = read(tmp_path, ENTRY.replace("100.5\t10", "100.5").replace("200.5\t20", "2\t3\t4"))
    assert isinstance(record, Rejected)
    assert (record.line, "expected a peak" in record.reason) == (5, True)


def test_a_scan_number_and_a_name_in_latin_1_are_kept(tmp_path: Path) -> None:
    text = ENTRY.replace("AAPCK/2_1(3,C,CAM)_46eV", "Mäuse").replace("Single", "Scan=4711")
    (record,) = scan_msp(write(tmp_path, "library.msp", text.encode("latin-1")))
    assert (record.title, record.scan) == ("Mäuse", 4711)
