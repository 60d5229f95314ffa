"""The layout of Casanovo, by the rules of the programs that read it.

The rules are those of the readers' code: Limelight (limelight-import-casanovo, ResultsParser and
SearchMetadataParser), winnow 2.1 (data_loaders/mztab), PDV (MztabImport), mzLib (CasanovoMzTabFile)
and rustyms, which Stitch uses (identification/mztab).
"""

import re

import pytest
from pyteomics.mztab import MzTab

import denovo
from denovo.choices import ExchangeFormat
from denovo.io.exchange.casanovo import in_casanovo_notation
from tests.helpers.exchanged import ANSWERS, answer, source_of, written

PROFORMA = "opt_global_cv_MS:1003169_proforma_peptidoform_sequence"


def lines_of(path):
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    metadata = {key: value for kind, key, value in (x for x in lines if x[0] == "MTD")}
    header = next(line for line in lines if line[0] == "PSH")
    rows = [dict(zip(header, line, strict=True)) for line in lines if line[0] == "PSM"]
    return metadata, rows


@pytest.fixture(params=[ExchangeFormat.CASANOVO, ExchangeFormat.CASANOVO_INDEX])
def file_format(request):
    return request.param


@pytest.fixture
def path(tmp_path, file_format):
    return written(source_of(tmp_path), tmp_path / "out.mztab", file_format)


def test_pyteomics_reads_it(path):
    with path.open(encoding="utf-8") as stream:
        read = MzTab(stream)
    assert read.metadata["software[1]"] == ("Casanovo", f"denovo {denovo.__version__}")
    table = read.spectrum_match_table
    assert table["search_engine_score[1]"].tolist() == [0.75, 0.5, 0.5, 0.5]
    assert table["exp_mass_to_charge"].tolist() == [each.precursor_mz for each in ANSWERS]
    assert table["calc_mass_to_charge"].tolist() == [each.peptide_mz for each in ANSWERS]
    assert table["charge"].tolist() == [each.precursor_charge for each in ANSWERS]
    assert table["retention_time"].iloc[0] == ANSWERS[0].retention_time
    assert table["sequence"].tolist() == ["PEPTIDE", "QEMCK", "ACK", "PEPTIDE"]


def test_limelight_finds_software_model_files_and_scans(tmp_path):
    answers = [each for each in ANSWERS if each.scan is not None]
    path = written(source_of(tmp_path, answers), tmp_path / "out.mztab", ExchangeFormat.CASANOVO)
    lines = path.read_text(encoding="utf-8").splitlines()
    # Reading of the metadata stops at the first other line.
    assert [line[:3] for line in lines].index("PSH") == sum(x.startswith("MTD") for x in lines)
    head = "\n".join(lines)
    assert re.search(r"MTD\s+software\[1]\s+\[MS, MS:1003281, Casanovo, (.+)]", head)
    assert re.search(r"MTD\s+software\[1]-setting\[1]\s+model = (.+)", head)
    assert len(re.findall(r"MTD\s+ms_run\[(\d+)]-location\s+file:///(.+)", head)) == 2
    _, rows = lines_of(path)
    scans = [re.search(r"scan=([^ ]*)", row["spectra_ref"])[1] for row in rows]
    assert scans == ["17", "1201", "7"]
    runs = [re.search(r"ms_run\[(\d+)]", row["spectra_ref"])[1] for row in rows]
    assert runs == ["1", "2", "2"]
    for row in rows:
        assert [float(text) for text in row["opt_ms_run[1]_aa_scores"].split(",")]


def test_spectra_have_scans_or_places(path, file_format):
    refs = [row["spectra_ref"] for row in lines_of(path)[1]]
    by_scan = ["ms_run[1]:scan=17", "ms_run[1]:index=1", "ms_run[2]:scan=1201", "ms_run[2]:scan=7"]
    by_index = ["ms_run[1]:index=0", "ms_run[1]:index=1", "ms_run[2]:index=3", "ms_run[2]:index=4"]
    assert refs == (by_scan if file_format is ExchangeFormat.CASANOVO else by_index)
    scans = [row["opt_global_cv_MS:1003057_scan_number"] for row in lines_of(path)[1]]
    assert scans == ["ms_run[1]:scan=17", "null", "ms_run[2]:scan=1201", "ms_run[2]:scan=7"]


def test_winnow_pdv_and_mzlib_find_places_and_scores(tmp_path):
    path = written(source_of(tmp_path), tmp_path / "out.mztab", ExchangeFormat.CASANOVO_INDEX)
    for number, row in enumerate(lines_of(path)[1]):
        assert "MS:1003281" in row["search_engine"]
        assert -1 <= float(row["search_engine_score[1]"]) <= 1
        scores = [float(text) for text in row["opt_ms_run[1]_aa_scores"].split(",")]
        assert all(0 <= score <= 1 for score in scores)
        assert row["opt_ms_run[1]_proforma"] == row[PROFORMA]
        place = row["spectra_ref"].split(":index=")[1]
        assert int(place) == [0, 1, 3, 4][number]
        assert row["spectra_ref"].count(":") == 1
        assert row["PSM_ID"] == str(number + 1)


def test_rustyms_finds_its_columns_and_modifications_by_position(path):
    _, rows = lines_of(path)
    required = (
        "sequence PSM_ID accession unique database database_version search_engine "
        "modifications retention_time charge exp_mass_to_charge spectra_ref pre post start end"
    )
    assert set(required.split()) <= rows[0].keys()
    assert [row["modifications"] for row in rows] == [
        *("null", "0-UNIMOD:5,0-UNIMOD:385,3-UNIMOD:35,4-UNIMOD:4", "0-UNIMOD:1,2-UNIMOD:4"),
        "null",
    ]


def test_modifications_are_named_as_casanovo_does(path):
    assert [row[PROFORMA] for row in lines_of(path)[1]] == [
        *("PEPTIDE", "[+25.979265]-QEM[Oxidation]C[Carbamidomethyl]K"),
        *("[Acetyl]-AC[Carbamidomethyl]K", "PEPTIDE"),
    ]


def test_a_modification_without_a_name_is_a_mass(tmp_path):
    source = source_of(tmp_path, [answer(0, "K[Formula:C8H10N2]LK")])
    assert in_casanovo_notation("K[Formula:C8H10N2]LK", source) == "K[+134.084398]LK"


def test_the_score_of_a_network_that_is_not_calibrated_is_a_probability(tmp_path):
    source = source_of(tmp_path, [answer(0, "PEPTIDE", probability=None, log_probability=-1.0)])
    path = written(source, tmp_path / "out.mztab", ExchangeFormat.CASANOVO)
    assert float(lines_of(path)[1][0]["search_engine_score[1]"]) == pytest.approx(0.36787944)
