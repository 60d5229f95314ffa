"""Spectra of mzMLb files, read as pyteomics reads them, and what is refused."""

import sys
from pathlib import Path

import numpy as np
import pytest

from denovo.io import open_spectra
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from tests.io.samples import INTENSITY, MZ, cv, mzml, mzml_spectrum

h5py = pytest.importorskip("h5py", reason="h5py is not installed")
oracle = pytest.importorskip("pyteomics.mzmlb")
writer = pytest.importorskip("psims.mzmlb", reason="psims needs h5py and hdf5plugin")

# psims leaves files open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PEAKS = [
    (np.sort(np.random.default_rng(n).uniform(100, 900, 30)), np.arange(1.0, 31)) for n in (0, 1, 2)
]


def write_with_psims(path: Path, compression: str) -> Path:
    with writer.MzMLbWriter(str(path), h5_compression=compression) as out:
        out.controlled_vocabularies()
        out.file_description(["MSn spectrum"])
        out.software_list([{"id": "x", "params": ["custom unreleased software tool"]}])
        out.instrument_configuration_list([out.InstrumentConfiguration("I1", [])])
        steps = [{"order": 1, "software_reference": "x", "params": ["Conversion to mzML"]}]
        out.data_processing_list([{"id": "dp", "processing_methods": steps}])
        with out.run(id=1, instrument_configuration="I1"), out.spectrum_list(count=len(PEAKS)):
            for number, (mz, intensity) in enumerate(PEAKS, start=1):
                out.write_spectrum(
                    mz,
                    intensity,
                    id=f"controllerType=0 controllerNumber=1 scan={number}",
                    params=[{"ms level": 2}, "positive scan"],
                    scan_start_time=number,
                    precursor_information={
                        "mz": 400.5 + number,
                        "charge": 2,
                        "activation": ["beam-type collision-induced dissociation"],
                    },
                )
    return path


def container(path: Path, xml: str, **arrays: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        file["mzML"] = np.frombuffer(xml.encode(), np.uint8)
        for name, values in arrays.items():
            file[name] = values
    return path


def external(accession: str, name: str, dataset: str, offset: int, length: int, more="") -> str:
    return (
        f"<binaryDataArray encodedLength='0'>{cv(accession, name)}{more}"
        f"{cv('MS:1002841', 'external HDF5 dataset', dataset)}"
        f"{cv('MS:1002842', 'external offset', offset)}"
        f"{cv('MS:1002843', 'external array length', length)}<binary/></binaryDataArray>"
    )


def external_spectrum(index: int, offset: int, length: int, more: str = "") -> str:
    head, _ = mzml_spectrum(index).split("<binaryDataArrayList")
    mz = external("MS:1000514", "m/z array", "mz", offset, length, more)
    intensity = external("MS:1000515", "intensity array", "intensity", offset, length)
    arrays = f'<binaryDataArrayList count="2">{mz}{intensity}</binaryDataArrayList>'
    return f"{head}{arrays}</spectrum>\n"


@pytest.mark.parametrize("compression", ["gzip", "blosc:zstd"])
def test_a_written_file_is_read_as_pyteomics_reads_it(tmp_path, compression):
    path = write_with_psims(tmp_path / "run.mzMLb", compression)
    mine = list(open_spectra(path))
    with oracle.MzMLb(str(path)) as theirs:
        for spectrum, other in zip(mine, theirs, strict=True):
            assert isinstance(spectrum, MeasuredSpectrum)
            assert (spectrum.native_id, spectrum.scan) == (other["id"], other["index"] + 1)
            ion = other["precursorList"]["precursor"][0]["selectedIonList"]["selectedIon"][0]
            assert spectrum.precursor_mz == ion["selected ion m/z"]
            assert spectrum.precursor_charge == ion["charge state"]
            np.testing.assert_array_equal(spectrum.mz, other["m/z array"])
            np.testing.assert_array_equal(spectrum.intensity, other["intensity array"])
    for spectrum, (mz, _) in zip(mine, PEAKS, strict=True):
        np.testing.assert_allclose(spectrum.mz, mz, rtol=1e-6)


def test_spectra_are_those_of_the_same_mzml(tmp_path):
    n = len(MZ)
    xml = mzml(*(external_spectrum(k, k * n, n) for k in range(3)))
    arrays = {"mz": np.tile(MZ, 3), "intensity": np.tile(INTENSITY, 3)}
    found = list(open_spectra(container(tmp_path / "no_suffix", xml, **arrays)))
    (tmp_path / "run.mzML").write_text(mzml(*(mzml_spectrum(k) for k in range(3))))
    for one, other in zip(found, open_spectra(tmp_path / "run.mzML"), strict=True):
        assert (one.native_id, one.precursor_mz) == (other.native_id, other.precursor_mz)
        np.testing.assert_array_equal(one.mz, other.mz)
        np.testing.assert_array_equal(one.intensity, other.intensity)


@pytest.mark.parametrize(
    ("accession", "predict"),
    [("MS:1003089", oracle.delta_predict), ("MS:1003090", oracle.linear_predict)],
)
def test_predicted_values_are_restored(tmp_path, accession, predict):
    stored = np.array([100.0, 150.5, 101.25, 160.0, 149.5, 170.25])
    xml = mzml(external_spectrum(0, 0, 6, cv(accession, "truncation and prediction")))
    arrays = {"mz": stored, "intensity": np.arange(1.0, 7)}
    (spectrum,) = open_spectra(container(tmp_path / "run.mzMLb", xml, **arrays))
    expected = np.sort(predict(stored))
    np.testing.assert_allclose(spectrum.mz, expected)


@pytest.mark.parametrize(
    ("spectrum", "reason"),
    [
        (external_spectrum(0, 2, 9), "its values are outside the 4 of 'mz'"),
        (external_spectrum(0, -1, 2), "its values are outside the 4 of 'mz'"),
        (
            external_spectrum(0, 0, 2).replace("'mz'", "'no'").replace('"mz"', '"no"'),
            "cannot be read from 'no'",
        ),
        (external_spectrum(0, 0, 2, cv("MS:1002312", "MS-Numpress linear")), "MS-Numpress linear"),
    ],
)
def test_values_that_are_not_there_reject_one_spectrum(tmp_path, spectrum, reason):
    xml = mzml(spectrum, external_spectrum(1, 0, 4))
    arrays = {"mz": np.array(MZ), "intensity": np.array(INTENSITY)}
    first, second = open_spectra(container(tmp_path / "run.mzMLb", xml, **arrays))
    assert isinstance(first, Rejected)
    assert reason in first.reason
    assert isinstance(second, MeasuredSpectrum)


def test_arrays_of_other_files_are_not_read(tmp_path):
    other = container(tmp_path / "other.h5", "", mz=np.array(MZ))
    path = container(
        tmp_path / "run.mzMLb", mzml(external_spectrum(0, 0, 4)), intensity=np.array(INTENSITY)
    )
    with h5py.File(path, "a") as file:
        file["mz"] = h5py.ExternalLink(str(other), "mz")
    (rejected,) = open_spectra(path)
    assert "cannot be read from 'mz'" in rejected.reason


@pytest.mark.parametrize("data", [b"\x89HDF\r\n\x1a\n" + bytes(64), b"\x89HDF\r\n\x1a\n"])
def test_a_damaged_container_is_one_record(tmp_path, data):
    (tmp_path / "x.mzMLb").write_bytes(data)
    (rejected,) = open_spectra(tmp_path / "x.mzMLb")
    assert rejected.reason.startswith("the mzMLb file is damaged")


def test_another_hdf5_file_has_no_mzml(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["data"] = np.zeros(3)
    (rejected,) = open_spectra(tmp_path / "x.h5")
    assert "it has no dataset 'mzML'" in rejected.reason


def test_without_h5py_a_sentence_names_what_to_install(tmp_path, monkeypatch):
    path = container(tmp_path / "run.mzMLb", mzml(mzml_spectrum(0)))
    monkeypatch.setitem(sys.modules, "h5py", None)
    (rejected,) = open_spectra(path)
    assert "pip install 'denovo-ms[mzmlb]'" in rejected.reason
