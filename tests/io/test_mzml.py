"""Spectra of mzML files, read as pyteomics reads them, and what is refused."""

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pynumpress
import pytest
from pyteomics import mzml as oracle

from denovo.io.binary import decode_array
from denovo.io.mzml import scan_mzml
from denovo.io.spectrum import SpectrumError
from denovo.io.streams import FileError
from denovo.spectra.measured import MeasuredSpectrum, Rejected
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


def test_the_points_and_not_the_flag_decide_whether_they_are_centroided(tmp_path: Path) -> None:
    mz = 500.0 + np.arange(-15, 16) * 0.002
    intensity = 100 * np.exp(-0.5 * ((mz - 500.0003) / 0.006) ** 2)
    profile = read_one(tmp_path, mzml_spectrum(0, mz, intensity, kind="MS:1000128"))
    assert profile.mz == pytest.approx([500.0003], abs=1e-8)
    assert profile.intensity == pytest.approx([100.0])
    wrong = read_one(tmp_path, mzml_spectrum(0, mz, intensity, kind="MS:1000127"))
    assert len(wrong.mz) == 1
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
        (mzml_spectrum(0, charge=-2), "negative mode"),
        (mzml_spectrum(0, charge="two"), "must be a positive charge such as 2\\+, got 'two'"),
        (mzml_spectrum(0, charge="inf"), "must be a positive charge"),
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
            "damaged|must be",
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
    with pytest.raises(SpectrumError, match="unpack to more than 64 MiB"):
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


@pytest.mark.parametrize("accession", ["MS:1002312", "MS:1002313", "MS:1002314", "MS:1002746"])
def test_numpress_without_end_is_refused(tmp_path: Path, accession: str) -> None:
    bomb = bytes((1 << 20) + 8)
    bomb = zlib.compress(bomb) if accession == "MS:1002746" else bomb
    text = mzml_spectrum(0)
    array = mzml_array("MS:1000514", "m/z array", MZ).replace(
        cv("MS:1000574", "zlib compression"), cv(accession)
    )
    start = array.index("<binary>") + 8
    packed = array[:start] + base64.b64encode(bomb).decode() + "</binary></binaryDataArray>"
    (record,) = read(tmp_path, text.replace(mzml_array("MS:1000514", "m/z array", MZ), packed))
    assert isinstance(record, Rejected)
    assert "longer than a MiB" in record.reason


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


@pytest.mark.parametrize("flags", [["MS:1000128"], ["MS:1000127", "MS:1000128"]])
def test_centroids_under_the_flag_of_a_profile_keep_every_peak(
    tmp_path: Path, flags: list[str]
) -> None:
    mz = np.sort(np.random.default_rng(1).uniform(110, 1400, 24))
    text = mzml_spectrum(0, mz, np.arange(1.0, 25.0), kind=flags[0])
    text = text.replace("<scanList", "".join(cv(flag) for flag in flags[1:]) + "<scanList")
    assert read_one(tmp_path, text).mz.tolist() == mz.tolist()


def window(target: float, half_width: float) -> str:
    terms = cv("MS:1000827", "target", target) + cv("MS:1000828", "lower", half_width)
    return f"<isolationWindow>{terms}{cv('MS:1000829', 'upper', half_width)}</isolationWindow>"


def isolated(text: str, target: float, half_width: float) -> str:
    return text.replace("<selectedIonList", window(target, half_width) + "<selectedIonList")


@pytest.mark.parametrize("mz", ["0", "", None])
@pytest.mark.parametrize("charge", [4, 0, None])
def test_an_ion_without_an_mz_lies_at_the_isolation_target_and_keeps_its_charge(
    tmp_path: Path, mz: str | None, charge: int | None
) -> None:
    text = isolated(mzml_spectrum(0, charge=charge), 512.25, 0.8)
    old = cv("MS:1000744", "selected ion m/z", 400.5)
    text = text.replace(old, "" if mz is None else cv("MS:1000744", "selected ion m/z", mz))
    spectrum = read_one(tmp_path, text)
    assert (spectrum.precursor_mz, spectrum.precursor_charge) == (512.25, charge or None)


def test_possible_charges_are_kept_to_be_tried(tmp_path: Path) -> None:
    possible = cv("MS:1000633", "possible charge state", 3) + cv("MS:1000633", "", 4)
    text = mzml_spectrum(0, charge=None).replace("</selectedIon>", f"{possible}</selectedIon>")
    spectrum = read_one(tmp_path, text)
    assert (spectrum.precursor_charge, spectrum.possible_charges) == (None, (3, 4))


@pytest.mark.parametrize(
    ("written", "charge", "possible"),
    [
        *(("2+", 2, ()), ("2.0", 2, ()), ("None", None, ()), ("nan", None, ())),
        *(("unknown", None, ()), ("2+ or 3+", None, (2, 3)), ("0", None, ())),
    ],
)
def test_charges_are_read_in_all_spellings(
    tmp_path: Path, written: str, charge: int | None, possible: tuple[int, ...]
) -> None:
    spectrum = read_one(tmp_path, mzml_spectrum(0, charge=written))
    assert (spectrum.precursor_charge, spectrum.possible_charges) == (charge, possible)


@pytest.mark.parametrize(
    ("value", "unit", "seconds"),
    [
        (630, "UO:0000010", 630),
        (10.5, "UO:0000031", 630),
        (0.175, "UO:0000032", 630),
        (630_000, "UO:0000028", 630),
        (10.5, "MS:1000038", 630),
        (630, "MS:1000039", 630),
        (630, "", 630),
        ("soon", "UO:0000010", None),
    ],
)
def test_a_retention_time_is_in_seconds_whatever_its_unit(
    tmp_path: Path, value: object, unit: str, seconds: float | None
) -> None:
    old = cv("MS:1000016", "scan start time", 1.0, "UO:0000031")
    text = mzml_spectrum(0).replace(old, cv("MS:1000016", "scan start time", value, unit))
    assert read_one(tmp_path, text).retention_time == pytest.approx(seconds)


@pytest.mark.parametrize("around", [None, "MS:1000576", "MS:1000574"])
@pytest.mark.parametrize(
    ("accession", "encode"),
    [
        ("MS:1002312", lambda v: pynumpress.encode_linear(v, 1e5)),
        ("MS:1002746", lambda v: pynumpress.encode_linear(v, 1e5)),
        ("MS:1002747", pynumpress.encode_pic),
        ("MS:1002748", lambda v: pynumpress.encode_slof(v, 1000.0)),
        ("MS:1002313", pynumpress.encode_pic),
        ("MS:1002314", lambda v: pynumpress.encode_slof(v, 1000.0)),
    ],
)
def test_numpress_is_read_beside_the_name_of_another_compression(
    tmp_path: Path, accession: str, encode: Callable, around: str | None
) -> None:
    values = np.array(INTENSITY)
    data = encode(values).tobytes()
    is_zipped = around == "MS:1000574" or accession >= "MS:1002746"
    data = zlib.compress(data) if is_zipped else data
    text = mzml_spectrum(0)
    start = text.index("<binaryDataArray ", text.index("MS:1000514"))
    other = cv("MS:1000523") + cv(accession) + (cv(around) if around else "")
    array = f"<binaryDataArray>{other}{cv('MS:1000515')}<binary>"
    array += f"{base64.b64encode(data).decode()}</binary></binaryDataArray>"
    end = text.index("</binaryDataArrayList>")
    spectrum = read_one(tmp_path, text[:start] + array + text[end:])
    assert spectrum.intensity == pytest.approx(values, rel=5e-3)


def test_a_precursor_known_as_a_wide_window_alone_is_refused(tmp_path: Path) -> None:
    text = isolated(mzml_spectrum(0, charge=None), 400.5, 12.5)
    for spectrum in (text, text.replace("selectedIonList", "list")):
        (record,) = scan_mzml(write(tmp_path, "run.mzML", mzml(spectrum)))
        assert isinstance(record, Rejected)
        assert "a window of 25 Th, as data-independent" in record.reason


def test_a_known_ion_in_a_wide_window_carries_a_note(tmp_path: Path) -> None:
    spectrum = read_one(tmp_path, isolated(mzml_spectrum(0), 400.5, 6))
    assert (spectrum.precursor_charge, "(12 Th)" in spectrum.note) == (2, True)
    elsewhere = read_one(tmp_path, isolated(mzml_spectrum(0, charge=None), 402, 6))
    assert (elsewhere.precursor_mz, bool(elsewhere.note)) == (400.5, True)
    assert read_one(tmp_path, isolated(mzml_spectrum(0), 400.5, 2)).note == ""


def test_limits_of_a_window_count_as_its_offsets_do(tmp_path: Path) -> None:
    limits = cv("MS:1000794", "lower limit", 500) + cv("MS:1000793", "upper limit", 525)
    text = mzml_spectrum(0, charge=None).replace("selectedIonList", "list")
    text = text.replace("<list", f"<isolationWindow>{limits}</isolationWindow><list")
    (record,) = read(tmp_path, text)
    assert isinstance(record, Rejected)
    assert "a window of 25 Th" in record.reason
    narrow = text.replace('value="525"', 'value="502"')
    assert read_one(tmp_path, narrow).precursor_mz == 501


def test_ions_of_one_mz_are_one_of_several_charges(tmp_path: Path) -> None:
    ion = f"<selectedIon>{cv('MS:1000744', 'mz', 400.5)}{cv('MS:1000041', 'z', 3)}</selectedIon>"
    text = mzml_spectrum(0).replace("</selectedIonList>", f"{ion}</selectedIonList>")
    spectrum = read_one(tmp_path, text)
    assert (spectrum.precursor_charge, spectrum.possible_charges) == (None, (2, 3))
    assert spectrum.note == ""


def test_a_unit_without_an_accession_counts_by_its_name(tmp_path: Path) -> None:
    text = mzml_spectrum(0).replace('unitAccession="UO:0000031"', "")
    assert read_one(tmp_path, text).retention_time == 60


@pytest.mark.parametrize(
    ("line", "analyzer"),
    [("ITMS + c NSI d Full ms2", "ion trap"), ("", "FT")],
)
def test_the_analyzer_is_read_from_the_filter_or_the_instrument(
    tmp_path: Path, line: str, analyzer: str
) -> None:
    parts = "".join(
        f'<analyzer order="{n}">{cv("MS:0", name)}</analyzer>'
        for n, name in enumerate(("quadrupole", "orbitrap"))
    )
    instrument = (
        '<instrumentConfigurationList count="1"><instrumentConfiguration id="IC1"><componentList>'
        f"{parts}</componentList></instrumentConfiguration></instrumentConfigurationList><run "
        'defaultInstrumentConfigurationRef="IC1" '
    )
    text = mzml_spectrum(0)
    if line:
        text = text.replace("</scan>", cv("MS:1000512", "filter string", line) + "</scan>")
    path = write(tmp_path, "run.mzML", mzml(text).replace("<run ", instrument))
    (spectrum,) = scan_mzml(path)
    assert isinstance(spectrum, MeasuredSpectrum)
    assert spectrum.analyzer == analyzer


def test_a_polarity_that_only_the_filter_states_counts(tmp_path: Path) -> None:
    line = cv("MS:1000512", "filter string", "FTMS - p NSI d Full ms2")
    (record,) = read(tmp_path, mzml_spectrum(0).replace("</scan>", f"{line}</scan>"))
    assert isinstance(record, Rejected)
    assert "negative mode" in record.reason


def test_activation_and_scan_number_are_kept(tmp_path: Path) -> None:
    names = (
        "electron transfer dissociation",
        "supplemental beam-type collision-induced dissociation",
    )
    used = "".join(cv(f"MS:{number}", name) for number, name in enumerate(names))
    text = mzml_spectrum(0).replace("</precursor>", f"<activation>{used}</activation></precursor>")
    native = 'id="controllerType=0 controllerNumber=1 scan=4711"'
    spectrum = read_one(tmp_path, text.replace('id="scan=1"', native))
    assert (spectrum.activation, spectrum.scan) == ("EThcD", 4711)
