"""mzIdentML as its schema asks for, and as pyteomics and psm_utils read it."""

import socket
from importlib.resources import files

import pytest
from lxml import etree
from psm_utils.io import read_file
from pyteomics import mzid

from denovo.chemistry import PROTON_MASS
from denovo.spectra.prediction import Alternative, Region
from tests.helpers.exchanged import ANSWERS, THERMO, answer, source_of, written

# psims leaves the files of its vocabularies open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
STRANGE = answer(
    9,
    "K[Formula:C8H10N2]LK",
    title='a\x00b\ufffe<&>"',
    native_id="index=9\x0b",
    ambiguous=(Region(1, 2, ("K\x01",)),),
    alternatives=(Alternative("K\x02K"),),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mzid")
    return written(source_of(folder, [*ANSWERS, STRANGE]), folder / "out.mzid")


@pytest.fixture(scope="module")
def results(path):
    with mzid.MzIdentML(str(path)) as reader:
        return list(reader)


def test_the_file_follows_the_schema(path):
    schema = files("psims.validation") / "xsd" / "mzIdentML1.2.0.xsd"
    etree.XMLSchema(etree.parse(str(schema))).assertValid(etree.parse(str(path)))


def test_pyteomics_reads_spectra_scans_and_times(results):
    ids = ["index=0", "index=1", THERMO, "scan=7", "index=9"]
    assert [result["spectrumID"].strip() for result in results] == ids
    assert [result.get("scan number") for result in results] == [17, None, 1201, 7, None]
    files = [result["location"].rpartition("/")[2] for result in results]
    assert files == ["run.mgf", "run.mgf", "b.mzML", "b.mzML", "run.mgf"]
    assert results[0]["scan start time"] == ANSWERS[0].retention_time
    assert results[0]["scan start time"].unit_info == "second"
    assert results[0]["spectrum title"] == 'µ "x" y\''
    assert results[4]["spectrum title"] == 'a b <&>"'
    assert "scan start time" not in results[1]


def test_pyteomics_reads_scores_and_peptides(results):
    items = [result["SpectrumIdentificationItem"][0] for result in results]
    for item, row in zip(items, [*ANSWERS, STRANGE], strict=True):
        stated = item["experimentalMassToCharge"], item["calculatedMassToCharge"]
        assert stated == (row.precursor_mz, row.peptide_mz)
        assert item["chargeState"] == row.precursor_charge
    assert items[0]["PSM-level probability"] == 0.75
    assert items[0]["PSM-level local FDR"] == 0.25
    assert items[0]["PSM-level q-value"] == 0.02
    assert "PSM-level q-value" not in items[3]
    assert items[0]["residue_scores"] == "0.5,0.5,0.5,0.5,0.5,0.5,0.5"
    assert items[3]["alternatives"] == "PEPTLDE (-2.5); EPPTLDE"
    assert [(m["location"], m["name"]) for m in items[1]["Modification"][1:]] == [
        *((3, "Oxidation"), (4, "Carbamidomethyl")),
    ]
    for item, name, location, mass in (
        (items[1], "UNIMOD:5 UNIMOD:385", 0, 25.979265),
        (items[4], "Formula:C8H10N2", 1, 134.084398),
    ):
        modification = item["Modification"][0]
        assert (modification["unknown modification"], modification["location"]) == (name, location)
        assert modification["monoisotopicMassDelta"] == pytest.approx(mass)
    evidence = items[2]["PeptideEvidenceRef"][0]
    assert (evidence["accession"], evidence["pre"], evidence["Seq"]) == ("PEP_ACK", "?", "ACK")


def test_psm_utils_reads_the_peptides(path):
    psms = list(read_file(path, filetype="mzid"))
    assert [psm.run for psm in psms] == ["run", "run", "b", "b", "run"]
    assert (psms[0].score, psms[0].qvalue, psms[0].pep) == (0.75, 0.02, 0.25)
    for psm, row in zip(psms, [*ANSWERS, STRANGE], strict=True):
        mass = (row.peptide_mz - PROTON_MASS) * row.precursor_charge
        assert psm.peptidoform.theoretical_mass == pytest.approx(mass, abs=1e-4)


def test_equal_predictions_give_equal_bytes_without_a_network(path, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    source = source_of(path.parent, [*ANSWERS, STRANGE])
    assert written(source, tmp_path / "again.mzid").read_bytes() == path.read_bytes()
