"""Scans of mzXML files, nested or not, read as pyteomics reads them."""

import re
from pathlib import Path

import numpy as np
import pytest
from pyteomics import mzxml as oracle

from denovo.io.mzxml import scan_mzxml
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.samples import MZ, mzxml, mzxml_scan, packed, write


def read(folder: Path, *scans: str) -> list[MeasuredSpectrum | Rejected]:
    return list(scan_mzxml(write(folder, "run.mzXML", mzxml(*scans))))


def test_scans_are_read_as_pyteomics_reads_them(tmp_path: Path) -> None:
    path = write(tmp_path, "run.mzXML", mzxml(*(mzxml_scan(i + 1) for i in range(4))))
    mine = list(scan_mzxml(path))
    assert len(mine) == 4
    with oracle.read(str(path)) as theirs:
        for spectrum, other in zip(mine, theirs, strict=True):
            assert isinstance(spectrum, MeasuredSpectrum)
            assert spectrum.native_id == f"scan={other['num']}"
            (precursor,) = other["precursorMz"]
            assert spectrum.precursor_mz == precursor["precursorMz"]
            assert spectrum.precursor_charge == precursor["precursorCharge"]
            assert spectrum.retention_time == pytest.approx(other["retentionTime"] * 60)
            np.testing.assert_array_equal(spectrum.mz, other["m/z array"])
            np.testing.assert_array_equal(spectrum.intensity, other["intensity array"])


def test_nested_scans_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    def group(first: int) -> str:
        inner = mzxml_scan(first + 1) + mzxml_scan(first + 2)
        return mzxml_scan(first, level=1, inner=inner)

    records = read(tmp_path, group(1), group(4), mzxml_scan(7))
    assert [record.native_id for record in records] == [f"scan={i}" for i in range(1, 8)]
    assert [record.index for record in records] == list(range(7))
    is_kept = [isinstance(record, MeasuredSpectrum) for record in records]
    assert is_kept == [False, True, True, False, True, True, True]


def test_what_the_run_says_of_the_representation_changes_no_peak(tmp_path: Path) -> None:
    scan = mzxml_scan(1, attributes="")
    scan = scan.replace('contentType="m/z-int"', "").replace('peaksCount="4"', "")
    text = mzxml(scan).replace("<scan", '<dataProcessing centroided="1"/><scan', 1)
    (record,) = scan_mzxml(write(tmp_path, "run.mzXML", text))
    assert isinstance(record, MeasuredSpectrum)
    assert len(record.mz) == 4


@pytest.mark.parametrize(
    ("scan", "reason"),
    [
        (mzxml_scan(1, level=1), "an MS1 spectrum"),
        (mzxml_scan(1, level=3), "an MS3 spectrum"),
        (mzxml_scan(1).replace("precursorMz", "other"), "precursor m/z is missing"),
        (mzxml_scan(1).replace(">400.5<", "><"), "precursor m/z is missing"),
        (mzxml_scan(1).replace('Charge="2"', 'Charge="77"'), "from 1 to 20"),
        (mzxml_scan(1).replace('precision="64"', 'precision="80"'), "precision"),
        (mzxml_scan(1).replace("m/z-int", "m/z"), "stored as 'm/z'"),
        (mzxml_scan(1).replace('"zlib"', '"none"'), "damaged|must be"),
        (mzxml_scan(1).replace("peaks", "nothing"), "no peaks"),
        (mzxml_scan(1).replace('Charge="2"', 'Charge="two"'), "must be a positive charge"),
        (mzxml_scan(1).replace('Charge="2"', 'Charge="-2"'), "negative mode"),
        (mzxml_scan(1, attributes='polarity="-"'), "negative mode"),
        (mzxml_scan(1, attributes='filterLine="FTMS - p NSI d Full ms2"'), "negative mode"),
    ],
)
def test_a_scan_that_cannot_be_used_is_recorded_and_the_next_one_read(
    tmp_path: Path, scan: str, reason: str
) -> None:
    rejected, kept = read(tmp_path, scan, mzxml_scan(2))
    assert isinstance(rejected, Rejected)
    assert re.search(reason, rejected.reason)
    assert isinstance(kept, MeasuredSpectrum)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT381.3S", 381.3),
        ("PT1M3.5S", 63.5),
        ("PT10.5M", 630.0),
        ("P0Y0M0DT0H10M30S", 630.0),
        ("PT1H", 3600.0),
        ("12", 12.0),
    ],
)
def test_durations_are_read_in_seconds(tmp_path: Path, text: str, seconds: float | None) -> None:
    (record,) = read(tmp_path, mzxml_scan(1).replace("PT60.0S", text))
    assert isinstance(record, MeasuredSpectrum)
    assert record.retention_time == seconds


def test_centroids_of_a_scan_that_is_said_not_to_be_centroided_keep_every_peak(
    tmp_path: Path,
) -> None:
    (record,) = read(tmp_path, mzxml_scan(1, attributes='centroided="0"'))
    assert isinstance(record, MeasuredSpectrum)
    assert record.mz.tolist() == list(MZ)


@pytest.mark.parametrize(
    ("attributes", "charge", "possible"),
    [
        ('possibleCharges="2,3"', None, (2, 3)),
        ('precursorCharge="0" possibleCharges="3"', 3, ()),
        ('precursorCharge="4" possibleCharges="2,3"', 4, ()),
        ('precursorCharge="unknown" possibleCharges="2,3"', None, (2, 3)),
        ('precursorCharge="2+ or 3+"', None, (2, 3)),
        ('precursorCharge="3+"', 3, ()),
        ('precursorCharge="None"', None, ()),
        ('precursorCharge="nan"', None, ()),
    ],
)
def test_possible_charges_count_where_no_charge_is_stated(
    tmp_path: Path, attributes: str, charge: int | None, possible: tuple[int, ...]
) -> None:
    (record,) = read(tmp_path, mzxml_scan(1).replace('precursorCharge="2"', attributes))
    assert isinstance(record, MeasuredSpectrum)
    assert (record.precursor_charge, record.possible_charges) == (charge, possible)


def test_a_profile_is_centroided_whatever_a_scan_is_said_to_be(tmp_path: Path) -> None:
    mz = 500.0 + np.arange(-15, 16) * 0.002
    height = 100 * np.exp(-0.5 * ((mz - 500.0003) / 0.006) ** 2)
    text = packed(np.column_stack([mz, height]).ravel().tolist(), ">f8")
    for attributes in ('centroided="0"', 'centroided="1"', ""):
        scan = re.sub(r">[^<]*</peaks>", f">{text}</peaks>", mzxml_scan(1, attributes=attributes))
        (record,) = read(tmp_path, scan)
        assert isinstance(record, MeasuredSpectrum)
        assert record.mz == pytest.approx([500.0003], abs=1e-8)


def test_an_mz_of_zero_is_no_precursor(tmp_path: Path) -> None:
    (record,) = read(tmp_path, mzxml_scan(1).replace(">400.5<", ">0<"))
    assert isinstance(record, Rejected)
    assert "precursor m/z is missing" in record.reason


def test_the_analyzer_is_read_from_the_filter_or_the_only_instrument(tmp_path: Path) -> None:
    filtered = 'filterLine="ITMS + c NSI d Full ms2"'
    text = mzxml(mzxml_scan(1, attributes=filtered), mzxml_scan(2))
    orbitrap = '<msInstrument><msMassAnalyzer value="orbitrap"/></msInstrument>'
    path = write(tmp_path, "run.mzXML", text.replace("<scan", f"{orbitrap}<scan", 1))
    analyzers = [r.analyzer for r in scan_mzxml(path) if isinstance(r, MeasuredSpectrum)]
    assert analyzers == ["ion trap", "FT"]
    path = write(tmp_path, "two.mzXML", text.replace("<scan", f"{orbitrap * 2}<scan", 1))
    analyzers = [r.analyzer for r in scan_mzxml(path) if isinstance(r, MeasuredSpectrum)]
    assert analyzers == ["ion trap", ""]


def test_activation_and_window_of_a_precursor_are_read(tmp_path: Path) -> None:
    stated = 'activationMethod="ETD" windowWideness="8"'
    known, unknown = read(
        tmp_path,
        mzxml_scan(1).replace("<precursorMz ", f"<precursorMz {stated} "),
        mzxml_scan(2).replace('precursorCharge="2"', stated),
    )
    assert isinstance(known, MeasuredSpectrum)
    assert (known.activation, known.scan, "(8 Th)" in known.note) == ("ETD", 1, True)
    assert isinstance(unknown, Rejected)
    assert "a window of 8 Th" in unknown.reason
