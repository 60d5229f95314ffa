"""Spectra of mzML files, read as pyteomics reads them, and what is refused."""

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyteomics import mzml as oracle

from denovo.io.binary import decode_array
from denovo.io.mzml import scan_mzml
from denovo.io.spectrum import MeasuredSpectrum, Rejected, SpectrumError
from denovo.io.streams import FileError
from tests.io.samples import INTENSITY, MZ, cv, mzml, mzml_array, mzml_spectrum, write


def read(folder: Path, *spectra: str) -> list[MeasuredSpectrum | Rejected]:
    return list(scan_mzml(write(folder, "run.mzML", mzml(*spectra))))


def read_one(folder: Path, spectrum: str) -> MeasuredSpectrum:
    (record,) = read(folder, spectrum)
    assert isinstance(record, MeasuredSpectrum)
    return record


def compare_with_pyteomics(path: Path) -> int:
    mine = list(scan_mzml(path))
    with oracle.read(str(path)) as theirs:
        for spectrum, other in zip(mine, theirs, strict=True):
            assert isinstance(spectrum, MeasuredSpectrum)
            assert spectrum.native_id == other["id"]
            assert spectrum.ms_level == other["ms level"]
            (precursor,) = other["precursorList"]["precursor"]
            (ion,) = precursor["selectedIonList"]["selectedIon"]
            assert spectrum.precursor_mz == ion["selected ion m/z"]
            assert spectrum.precursor_charge == ion["charge state"]
            minutes = other["scanList"]["scan"][0]["scan start time"]
            assert minutes.unit_info == "minute"
            assert spectrum.retention_time == pytest.approx(minutes * 60)
            real = other["intensity array"] > 0
            np.testing.assert_array_equal(spectrum.mz, other["m/z array"][real])
            np.testing.assert_array_equal(spectrum.intensity, other["intensity array"][real])
    return len(mine)


def test_a_written_file_is_read_as_pyteomics_reads_it(tmp_path: Path) -> None:
    spectra = [mzml_spectrum(i, charge=i + 1) for i in range(5)]
    assert compare_with_pyteomics(write(tmp_path, "run.mzML", mzml(*spectra))) == 5


def test_a_measured_file_is_read_as_pyteomics_reads_it(real_data: Callable[[str], Path]) -> None:
    assert compare_with_pyteomics(real_data("LQSRPAAPPAPGPGQLTLR.mzML")) == 1


def test_the_stated_representation_decides_whether_points_are_centroided(tmp_path: Path) -> None:
    mz = 500.0 + np.arange(-15, 16) * 0.002
    intensity = 100 * np.exp(-0.5 * ((mz - 500.0003) / 0.006) ** 2)
    profile = read_one(tmp_path, mzml_spectrum(0, mz, intensity, kind="MS:1000128"))
    assert profile.mz == pytest.approx([500.0003], abs=1e-8)
    assert profile.intensity == pytest.approx([100.0])
    stated = read_one(tmp_path, mzml_spectrum(0, mz, intensity, kind="MS:1000127"))
    assert len(stated.mz) == 31
    unstated = read_one(tmp_path, mzml_spectrum(0, mz, intensity, kind=""))
    assert len(unstated.mz) == 1


@pytest.mark.parametrize("charge", [None, 0])
def test_a_charge_that_is_missing_or_zero_is_none(tmp_path: Path, charge: int | None) -> None:
    assert read_one(tmp_path, mzml_spectrum(0, charge=charge)).precursor_charge is None


def test_without_a_selected_ion_the_isolation_target_is_the_precursor(tmp_path: Path) -> None:
    text = mzml_spectrum(0)
    start, end = text.index("<selectedIonList"), text.index("</precursor>")
    window = f"<isolationWindow>{cv('MS:1000827', 'target', 512.25)}</isolationWindow>"
    spectrum = read_one(tmp_path, text[:start] + window + text[end:])
    assert (spectrum.precursor_mz, spectrum.precursor_charge) == (512.25, None)


def test_parameters_of_a_group_count(tmp_path: Path) -> None:
    level = cv("MS:1000511", "ms level", 2)
    text = mzml(mzml_spectrum(0, level=2).replace(level, '<referenceableParamGroupRef ref="g"/>'))
    text = text.replace(
        "<run ",
        '<referenceableParamGroupList count="1"><referenceableParamGroup id="g">'
        f"{cv('MS:1000511', 'ms level', 3)}</referenceableParamGroup>"
        "</referenceableParamGroupList><run ",
    )
    (record,) = scan_mzml(write(tmp_path, "run.mzML", text))
    assert isinstance(record, Rejected)
    assert "MS3" in record.reason


@pytest.mark.parametrize(
    ("spectrum", "reason"),
    [
        (mzml_spectrum(0, level=1), "an MS1 spectrum"),
        (mzml_spectrum(0, level=3), "an MS3 spectrum"),
        (mzml_spectrum(0, (), ()), "the spectrum has no peaks"),
        (mzml_spectrum(0, MZ, (0.0,) * 4), "the spectrum has no peaks"),
        (mzml_spectrum(0, MZ, (1.0, np.nan, 1.0, 1.0)), "intensity .* got nan"),
        (mzml_spectrum(0, MZ, (1.0, -2.0, 1.0, 1.0)), "intensity .* got -2"),
        (mzml_spectrum(0, (100.0, np.inf, 1.0, 1.0)), "m/z .* got inf"),
        (mzml_spectrum(0, MZ, INTENSITY[:3]), "4 m/z values but 3 intensities"),
        (mzml_spectrum(0, charge=99), "from 1 to 20, got 99"),
        (mzml_spectrum(0, charge=-2), "from 1 to 20, got -2"),
        (mzml_spectrum(0, charge="two"), "must be a number, got 'two'"),
        (mzml_spectrum(0, charge="inf"), "must be a whole number"),
        (
            mzml_spectrum(0).replace('value="400.5"', 'value="-1"'),
            "precursor m/z must be from 1",
        ),
        (mzml_spectrum(0).replace('value="400.5"', 'value="nan"'), "precursor m/z must be"),
        (mzml_spectrum(0).replace("precursorList", "list"), "precursor m/z is missing"),
        (mzml_spectrum(0).replace("MS:1000523", "MS:0"), "type of its binary data is not stated"),
        (mzml_spectrum(0).replace("<binary>", "<binary>#"), "binary data are damaged"),
        (mzml_spectrum(0).replace("<binary>", "<binary>AAAA"), "binary data are damaged"),
        (
            mzml_spectrum(0)
            .replace("MS:1000574", "MS:1002312")
            .replace("zlib compression", "MS-Numpress linear prediction compression"),
            "pynumpress|damaged",
        ),
        (
            mzml_spectrum(0).replace("<scanList", cv("MS:1000129", "negative scan") + "<scanList"),
            "negative mode",
        ),
    ],
)
def test_a_spectrum_that_cannot_be_used_is_recorded_and_the_next_one_read(
    tmp_path: Path, spectrum: str, reason: str
) -> None:
    rejected, kept = read(tmp_path, spectrum, mzml_spectrum(1))
    assert isinstance(rejected, Rejected)
    assert (rejected.index, rejected.native_id) == (0, "scan=1")
    assert re.search(reason, rejected.reason)
    assert isinstance(kept, MeasuredSpectrum)
    assert kept.index == 1


def test_what_is_packed_twice_is_unpacked_within_the_same_limit() -> None:
    twice = "MS-Numpress linear prediction compression followed by zlib compression"
    bomb = base64.b64encode(zlib.compress(bytes((1 << 26) + 8))).decode()
    with pytest.raises(SpectrumError, match="unfold into more than 64 MiB"):
        decode_array(bomb, np.dtype("<f8"), twice)


def test_an_array_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    bomb = base64.b64encode(zlib.compress(bytes((1 << 26) + 8))).decode()
    text = mzml_spectrum(0)
    array = mzml_array("MS:1000514", "m/z array", MZ)
    start = array.index("<binary>") + 8
    (record,) = read(
        tmp_path, text.replace(array, array[:start] + bomb + "</binary></binaryDataArray>")
    )
    assert isinstance(record, Rejected)
    assert "64 MiB" in record.reason


LAUGHS = "<!DOCTYPE mzML [<!ENTITY a0 'ha'>%s]>\n" % "".join(  # noqa: UP031
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)
)


@pytest.mark.parametrize(
    "prolog", [LAUGHS, '<!DOCTYPE mzML SYSTEM "http://127.0.0.1:9/x.dtd">', "<!DOCTYPE mzML>"]
)
def test_a_document_type_is_refused_before_anything_unfolds(tmp_path: Path, prolog: str) -> None:
    spectrum = mzml_spectrum(0).replace("<binary>", "<binary>&a11;")
    path = write(tmp_path, "run.mzML", mzml(spectrum, prolog=prolog))
    with pytest.raises(FileError, match="document type"):
        list(scan_mzml(path))


def test_an_entity_in_the_root_fetches_no_file(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret", "a secret")
    prolog = f'<!DOCTYPE mzML [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    text = mzml(mzml_spectrum(0), prolog=prolog).replace("<run", "<x>&s;</x><run")
    with pytest.raises(FileError, match="document type"):
        list(scan_mzml(write(tmp_path, "run.mzML", text)))
