"""Files of instruments: what is missing, and spectra as ms2rescore_rs returns them."""

import shutil
from pathlib import Path

import pytest
from ms2rescore_rs import get_ms2_spectra

from denovo.io import open_spectra
from denovo.io.vendor import _record

THERMO = b"\x01\xa1" + "Finnigan".encode("utf-16-le") + bytes(2000)


@pytest.mark.skipif(shutil.which("dotnet") is not None, reason="the .NET runtime is installed")
def test_a_thermo_run_names_the_runtime_and_the_converters(tmp_path):
    (tmp_path / "run.raw").write_bytes(THERMO)
    (rejected,) = open_spectra(tmp_path / "run.raw")
    assert "this Thermo run cannot be read" in rejected.reason
    assert "needs the .NET 8 runtime (https://dotnet.microsoft.com)" in rejected.reason
    assert "msconvert of ProteoWizard or with ThermoRawFileParser" in rejected.reason


def test_a_bruker_folder_without_its_files_names_them(tmp_path):
    (tmp_path / "run.d").mkdir()
    (rejected,) = open_spectra(tmp_path / "run.d")
    assert "the folder has no analysis.tdf and analysis.tdf_bin" in rejected.reason


def test_a_damaged_bruker_run_is_one_record(tmp_path):
    (tmp_path / "run.d").mkdir()
    for name in ("analysis.tdf", "analysis.tdf_bin"):
        (tmp_path / "run.d" / name).write_bytes(b"SQLite format 3\0" + bytes(100))
    (rejected,) = open_spectra(tmp_path / "run.d")
    assert "this Bruker run cannot be read" in rejected.reason
    assert "msconvert" in rejected.reason


def test_spectra_of_ms2rescore_rs_are_those_of_our_reader():
    """It reads mzML, too, whose spectra we know; its times are in minutes then."""
    path = Path(__file__).parents[3] / "shared/data/real/LQSRPAAPPAPGPGQLTLR.mzML"
    if not path.exists():
        pytest.skip("the measured mzML file is not there")
    (ours,) = open_spectra(path)
    (found,) = get_ms2_spectra(str(path))
    theirs = _record(found, str(path), 0, 60.0)
    assert theirs.mz == pytest.approx(ours.mz, rel=1e-6)
    assert theirs.intensity == pytest.approx(ours.intensity, rel=1e-6)
    names = ("native_id", "scan", "precursor_charge", "file")
    assert [getattr(theirs, name) for name in names] == [getattr(ours, name) for name in names]
    assert theirs.precursor_mz == pytest.approx(ours.precursor_mz)
    assert theirs.retention_time == pytest.approx(ours.retention_time)
