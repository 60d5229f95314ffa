"""Entries of MSP and sptxt libraries, in the spellings that exist."""

import re
from pathlib import Path

import pytest

from denovo.io.msp import scan_msp
from denovo.io.spectrum import MeasuredSpectrum, Rejected
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
        ("Charge=2", "Charge=200", "from 1 to 20"),
        ("peaks: 2", "peaks: 3", "announces 3 peaks but 2 follow"),
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
