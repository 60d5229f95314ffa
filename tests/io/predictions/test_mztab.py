"""mzTab is what the specification asks for, and what pyteomics reads."""

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyteomics.mztab import MzTab

from denovo.chemistry import ResidueAlphabet, Vocabulary
from denovo.io.predictions import RunRecord, mztab, read_predictions, write_predictions
from denovo.io.predictions.cells import one_line
from denovo.spectra.prediction import Prediction, Status
from tests.io.predictions.drawn import build, predictions
from tests.io.predictions.test_outputs import PREDICTION
from tests.io.samples import VALID, cv, write

SETTINGS = {"decoder.beam": "5", "precursor_tolerance": "20 ppm", "charges": "[2, 3]"}
REQUIRED = (
    "sequence PSM_ID accession unique database database_version search_engine "
    "search_engine_score[1] modifications spectra_ref retention_time charge exp_mass_to_charge "
    "calc_mass_to_charge pre post start end"
)


@pytest.fixture
def run(tmp_path: Path, common: Vocabulary) -> RunRecord:
    files = tuple(str(write(tmp_path, name, text)) for name, text in VALID.items())
    return RunRecord((*files, str(tmp_path / "gone.mgf")), SETTINGS, "0.1.0", common.alphabet)


def rows(run: RunRecord) -> list[Prediction]:
    """An answer for a spectrum of the first file, none for one of the fourth."""
    first = dataclasses.replace(
        PREDICTION, file=run.files[0], probability=0.75, q_value=0.125, peptide_mz=400.25
    )
    last = dataclasses.replace(
        PREDICTION,
        file=run.files[3],
        native_id="scan=19",
        title="tab\tand\nline",
        status=Status.INFEASIBLE,
        peptide="",
        residue_scores=(),
        ambiguous=(),
        alternatives=(),
    )
    return [first, last]


def read(path: Path) -> MzTab:
    with path.open(encoding="utf-8") as stream:  # which pyteomics would leave open
        return MzTab(stream)


def written(path: Path, run: RunRecord) -> MzTab:
    write_predictions([path], rows(run), run)
    return read(path)


def test_pyteomics_reads_the_values_back(tmp_path: Path, run: RunRecord) -> None:
    table = written(tmp_path / "out.mztab", run).spectrum_match_table
    assert isinstance(table, pd.DataFrame)
    assert set(REQUIRED.split()) <= set(table.columns)
    first, last = (row for _, row in table.iterrows())
    assert first["sequence"] == "GACK"
    assert first["modifications"] == "0-UNIMOD:1,3-UNIMOD:4"
    assert first["spectra_ref"] == "ms_run[1]:index=3"
    assert (first["search_engine_score[1]"], first["search_engine_score[2]"]) == (0.75, -1.5)
    assert (first["charge"], first["exp_mass_to_charge"]) == (2, 400.5)
    assert (first["calc_mass_to_charge"], first["retention_time"]) == (400.25, 61.5)
    assert first["opt_global_aa_scores"] == "0.9,0.25,1.0,1e-05"
    key = "opt_global_cv_MS:1003169_proforma_peptidoform_sequence"
    assert first[key] == "[UNIMOD:1]-GAC[UNIMOD:4]K"
    assert first["opt_global_cv_MS:1002354_PSM-level_q-value"] == 0.125
    assert first["opt_global_status"] == "ok"
    assert last["spectra_ref"] == "ms_run[4]:scan=19"
    assert last["opt_global_title"] == "tab and line"
    assert last["opt_global_status"] == "infeasible"
    missing = ["sequence", key, "modifications", "search_engine_score[1]", "opt_global_aa_scores"]
    assert last[missing].isna().all()


def test_the_metadata_name_the_software_and_every_setting(tmp_path: Path, run: RunRecord) -> None:
    table = written(tmp_path / "out.mztab", run)
    assert (table.version, table.mode, table.type) == ("1.0.0", "Summary", "Identification")
    assert table.metadata["software[1]"] == ("denovo", "0.1.0")
    told = [table.metadata[f"software[1]-setting[{n}]"] for n in (1, 2, 3)]
    assert told == [f"{key} = {value}" for key, value in SETTINGS.items()]
    assert table.metadata["psm_search_engine_score[1]"] == "PSM-level probability"


def test_each_file_has_its_place_format_and_kind_of_ids(tmp_path: Path, run: RunRecord) -> None:
    metadata = written(tmp_path / "out.mztab", run).metadata
    assert metadata["ms_run[1]-location"] == (tmp_path / "small.mgf").as_uri()
    formats = [metadata.get(f"ms_run[{n}]-format") for n in range(1, 7)]
    assert formats == [
        *("Mascot MGF format", "NIST MSP format", "mzSpecLib text format"),
        *("mzML format", "ISB mzXML format", None),
    ]
    kinds = [metadata.get(f"ms_run[{n}]-id_format") for n in range(1, 7)]
    by_place, by_scan = "multiple peak list nativeID format", "scan number only nativeID format"
    assert kinds == [by_place, by_place, by_place, by_scan, by_scan, None]


YEP = ("MS:1000771", "Bruker/Agilent YEP nativeID format")
THERMO = ("MS:1000768", "Thermo nativeID format")
NONE = ("MS:1000824", "no nativeID format")


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ([YEP], YEP[1]),
        ([YEP, NONE], YEP[1]),
        # Ids of the form scan=1 follow neither: the file was made of another.
        ([THERMO], "scan number only nativeID format"),
        ([YEP, THERMO], "scan number only nativeID format"),
        ([NONE], "scan number only nativeID format"),
    ],
)
def test_the_kind_of_ids_is_the_declared_one_where_the_ids_follow_it(
    tmp_path: Path, run: RunRecord, declared: list[tuple[str, str]], kind: str
) -> None:
    terms = "".join(cv(*each) for each in declared)
    path = tmp_path / "small.mzML"
    path.write_text(path.read_text().replace("<run ", f"<sourceFile>{terms}</sourceFile><run "))
    metadata = written(tmp_path / "out.mztab", run).metadata
    assert metadata["ms_run[4]-id_format"] == kind


def test_modifications_are_fixed_where_the_bare_letter_does_not_occur(
    tmp_path: Path, run: RunRecord
) -> None:
    metadata = written(tmp_path / "out.mztab", run).metadata
    assert (metadata["fixed_mod[1]"], metadata["fixed_mod[1]-site"]) == ("Carbamidomethyl", "C")
    assert "fixed_mod[2]" not in metadata
    variable = {
        (metadata[f"variable_mod[{n}]"], metadata[f"variable_mod[{n}]-site"]) for n in range(1, 7)
    }
    assert variable == {
        ("Oxidation", "M"),
        ("Deamidated", "N"),
        ("Deamidated", "Q"),
        ("Acetyl", "N-term"),
        ("Carbamyl", "N-term"),
        ("Ammonia-loss", "N-term"),
    }


def test_an_alphabet_without_modifications_says_so(tmp_path: Path) -> None:
    run = RunRecord((), {}, "0.1.0", ResidueAlphabet("plain", ["G", "A"]))
    write_predictions([tmp_path / "out.mztab"], [], run)
    metadata = read(tmp_path / "out.mztab").metadata
    assert metadata["fixed_mod[1]"] == "No fixed modifications searched"
    assert metadata["variable_mod[1]"] == "No variable modifications searched"


FILES = ("/data/a b.mgf", "/data/µ%.mzML")
TITLES = st.text(max_size=8).filter(lambda text: text != "null")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(predictions(FILES, TITLES), max_size=4))
def test_predictions_survive_the_round_trip_but_for_control_characters(
    tmp_path: Path, common: Vocabulary, drawn: list[dict[str, Any]]
) -> None:
    run = RunRecord(FILES, {}, "0.1.0", common.alphabet)
    rows = [build(fields) for fields in drawn]
    write_predictions([tmp_path / "out.mztab"], rows, run)
    expected = [dataclasses.replace(row, title=one_line(row.title)) for row in rows]
    assert list(read_predictions(tmp_path / "out.mztab")) == expected
    assert len(read(tmp_path / "out.mztab").spectrum_match_table) == len(drawn)


def test_a_file_with_line_ends_of_windows_is_the_same(tmp_path: Path, run: RunRecord) -> None:
    path = tmp_path / "a.mztab"
    known = dataclasses.replace(PREDICTION, file=run.files[0])
    write_predictions([path], [known], run)
    before = list(mztab.read_mztab(path)), mztab.read_settings(path), mztab.column_names(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = list(mztab.read_mztab(path)), mztab.read_settings(path), mztab.column_names(path)
    assert after == before
