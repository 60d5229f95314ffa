"""Entries of mzSpecLib text libraries, with their attribute sets and groups."""

import re
from pathlib import Path

import pytest

from denovo.io.mzspeclib import scan_mzspeclib
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.samples import MZSPECLIB, write

HEAD, _, REST = MZSPECLIB.partition("<Spectrum=1>")
ENTRY = "<Spectrum=1>" + REST.partition("<Spectrum=")[0]


def read(folder: Path, text: str) -> list[MeasuredSpectrum | Rejected]:
    return list(scan_mzspeclib(write(folder, "library.mzlib.txt", text)))


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("MS:1003208|exp", "MS:1003053|theor", "precursor_mz", 400.5),
        ("m/z=400.5", "m/z=0\nMS:1003053|theor=401.5", "precursor_mz", 401.5),
        ("PEPTIDE/2", "[Acetyl]-PEM[Oxidation]K/2", "peptide", "[Acetyl]-PEM[Oxidation]K"),
        ("MS:1003270|x", "MS:1003169|x", "peptide", "PEPTIDE"),
        ("UO:0000031|minute", "UO:0000010|second", "retention_time", 1.0),
        ("UO:0000031|minute", "UO:0000028|millisecond", "retention_time", 0.001),
        ("UO:0000031|minute", "UO:0000032|hour", "retention_time", 3600.0),
        ("MS:1000894|r", "MS:1000016|scan start", "retention_time", 60.0),
        ("charge state=2", "charge state=2+", "precursor_charge", 2),
        ("charge state=2", "charge state=2 or 3", "precursor_charge", None),
        ("<Analyte", "MS:1003057|scan number=4711\n<Analyte", "scan", 4711),
        ("=s0", "=run.12.12.2", "scan", 12),
        ("peaks=4", "peaks=5", "note", "another number of peaks than announced (4, not 5)"),
        ("peaks=4", "peaks=3", "note", "another number of peaks than announced (4, not 3)"),
        ("peaks=4", "peaks=4", "note", ""),
        ("MS:1000041|charge state=2\n", "", "precursor_charge", None),
        ("charge state=2", "charge state=0", "precursor_charge", None),
        ("charge state=2", "charge state=unknown", "precursor_charge", None),
        ("MS:1003061|library spectrum name=s0\n", "", "title", "index=0"),
    ],
)
def test_attributes_are_read(tmp_path: Path, old: str, new: str, field: str, value: object) -> None:
    (record,) = read(tmp_path, HEAD + ENTRY.replace(old, new, 1))
    assert isinstance(record, MeasuredSpectrum)
    assert getattr(record, field) == value


def test_an_attribute_set_holds_where_the_entry_says_nothing_else(tmp_path: Path) -> None:
    head = HEAD.replace("ms level=2", "ms level=1")
    of_set, of_entry = read(tmp_path, head + ENTRY + ENTRY.replace("=1>", "=2>\nMS:1000511|l=2", 1))
    assert isinstance(of_set, Rejected)
    assert "MS1" in of_set.reason
    assert isinstance(of_entry, MeasuredSpectrum)


def test_a_named_attribute_set_holds_for_the_analytes_that_name_it(tmp_path: Path) -> None:
    head = HEAD.replace("MS:1001045|", "MS:1000041|charge state=3\nMS:1001045|")
    (record,) = read(tmp_path, head + ENTRY.replace("MS:1000041|charge state=2\n", ""))
    assert isinstance(record, MeasuredSpectrum)
    assert record.precursor_charge == 3


def test_the_first_of_several_analytes_gives_the_peptide(tmp_path: Path) -> None:
    second = "<Analyte=2>\nMS:1003270|p=OTHER/3\nMS:1000041|z=3\n<Interpretation=1>"
    (record,) = read(tmp_path, HEAD + ENTRY.replace("<Interpretation=1>", second))
    assert isinstance(record, MeasuredSpectrum)
    assert (record.peptide, record.precursor_charge) == ("PEPTIDE", 2)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("m/z=400.5", "m/z=", "precursor m/z is missing"),
        ("m/z=400.5", "m/z=x", "must be a number"),
        ("m/z=400.5", "m/z=0", "precursor m/z must be from 1"),
        ("state=2", "state=21", "from 1 to 20"),
        ("state=2", "state=-2", "negative mode"),
        (
            "<Analyte",
            "MS:1000465|scan polarity=MS:1000129|negative scan\n<Analyte",
            "negative mode",
        ),
        ("<Analyte", "MS:1003055|adduct ion=[M-2H]2-\n<Analyte", "negative mode"),
        ("200.25\t40.0", "200.25", "expected a peak"),
        ("200.25", "x", "expected a peak"),
        ("200.25", "nan", "must be from 1 to"),
    ],
)
def test_an_entry_that_cannot_be_used_is_recorded_and_the_next_one_read(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    rejected, kept = read(tmp_path, HEAD + ENTRY.replace(old, new) + ENTRY)
    assert isinstance(rejected, Rejected)
    assert re.search(reason, rejected.reason)
    assert isinstance(kept, MeasuredSpectrum)


def test_an_entry_that_breaks_off_at_the_end_of_the_file_is_rejected(tmp_path: Path) -> None:
    (record,) = read(tmp_path, HEAD + ENTRY.replace("peaks=4", "peaks=5").rstrip("\n"))
    assert isinstance(record, Rejected)
    assert record.reason == "5 peaks are announced but 4 follow; is the file complete?"
