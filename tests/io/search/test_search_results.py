"""Search results of every program: rows as they mean them, and the spectra they belong to."""

import shutil
from collections import Counter
from pathlib import Path

import mokapot
import numpy as np
import pandas as pd
import pytest
from psm_utils.io import read_file, write_file
from pyteomics.auxiliary import qvalues

from denovo.chemistry import Vocabulary
from denovo.chemistry.modifications import observed_alphabet
from denovo.choices import ExchangeFormat
from denovo.errors import InputError
from denovo.io.search import read_matches, read_search_results
from denovo.io.search.formats import SearchMatch
from denovo.io.search.results import _accepted, decoy_q_values
from tests.helpers.exchanged import ANSWERS, source_of, written
from tests.helpers.searched import (
    ACETYL,
    OXIDATION,
    OXIDISED,
    ROWS,
    WRITERS,
    Found,
    write_maxquant,
    write_pepxml,
    write_percolator,
    write_run,
    write_sage,
)

# psims leaves the files of its vocabularies open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ESTIMATED = {"MaxQuant", "pepXML"}
"""Formats with decoys and without q-values; the first of these is 1 / 4 for four targets."""


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run.mgf")


@pytest.mark.parametrize("program", WRITERS)
def test_rows_that_count_annotate_their_spectra(program, run, tmp_path):
    path = WRITERS[program](tmp_path)
    found = read_search_results(path, run, 0.25 if program in ESTIMATED else 0.01)
    assert found.programs == [program]
    assert [spectrum.scan for spectrum in found] == [17, 19]
    vocabulary = Vocabulary(observed_alphabet(["M[UNIMOD:35]", "[UNIMOD:1]-"], set()))
    read = [vocabulary.decode(vocabulary.encode(str(s.peptide))) for s in found]
    assert read == ["[UNIMOD:1]-AM[UNIMOD:35]EPTIDEK", "SAMPLER"]


@pytest.mark.parametrize("program", WRITERS)
def test_accepted_rows_without_a_spectrum_have_a_reason(program, run, tmp_path):
    path = WRITERS[program](tmp_path)
    found = read_search_results(path, run, 0.25 if program in ESTIMATED else 0.01)
    precursor, missing = (each.reason for each in found.mismatches)
    assert precursor.startswith("its precursor m/z is 514.25")
    assert precursor.endswith("that of its spectrum 600.0000")
    assert missing == "no spectrum of the files has its scan"
    assert found.mismatches[0].file == str(path)
    assert found.counts.total() == len(read_matches(path)[1])
    assert (found.counts["accepted"], found.counts["without a spectrum"]) == (2, 2)


def test_a_file_without_q_values_and_decoys_is_accepted_with_a_note(run, tmp_path):
    found = read_search_results(WRITERS["FragPipe"](tmp_path), run)
    assert "no q-values and no decoys" in found.notes[0]
    assert read_search_results(WRITERS["Sage"](tmp_path), run).notes == []


def test_the_best_row_of_a_spectrum_counts(run, tmp_path):
    rows = [Found(19, "PEPTLDER", rank=2, score=60.0), ROWS[1]]
    found = read_search_results(WRITERS["Sage"](tmp_path, rows), run)
    assert [spectrum.peptide for spectrum in found] == ["SAMPLER"]
    assert found.counts["further rows of a spectrum"] == 1


def test_runs_of_the_same_scans_are_told_apart_by_their_names(tmp_path):
    runs = [write_run(tmp_path / f"{name}.mgf", {19: 2}) for name in ("a", "b")]
    rows = [ROWS[1]._replace(run="b"), ROWS[1]._replace(run="c")]
    found = read_search_results(WRITERS["MaxQuant"](tmp_path, rows), runs)
    assert list(found.matches) == [(str(runs[1]), 0)]
    assert [each.reason for each in found.mismatches] == [
        "its run 'c' is none of the spectrum files"
    ]


def test_a_renamed_file_of_the_only_run_is_found(tmp_path):
    run = write_run(tmp_path / "other.mgf")
    assert len(read_search_results(WRITERS["Sage"](tmp_path), run).matches) == 2


def test_another_charge_than_that_of_the_spectrum_is_a_mismatch(run, tmp_path):
    rows = [ROWS[0], ROWS[1]._replace(charge=3)]
    found = read_search_results(WRITERS["Sage"](tmp_path, rows), run)
    assert [each.reason for each in found.mismatches] == ["its charge is 3, that of its spectrum 2"]


def test_spectra_without_an_accepted_row_lose_their_own_peptide(run, tmp_path):
    text = run.read_text().replace("SCANS=23", "SEQ=PEPTIDE\nSCANS=23")
    run.write_text(text)
    found = read_search_results(WRITERS["Sage"](tmp_path), run)
    peptides = {record.scan: record.peptide for record in found.open(run)}
    assert (peptides[23], peptides[19]) == (None, "SAMPLER")


def test_mzidentml_of_denovo_is_read_back(tmp_path):
    source = source_of(tmp_path, ANSWERS)
    name, rows = read_matches(written(source, tmp_path / "out.mzid"))
    assert name == "mzIdentML"
    assert [row.keys["native_id"] for row in rows] == [a.native_id for a in ANSWERS]
    assert [row.file for row in rows] == ["run", "run", "b", "b"]
    vocabulary = Vocabulary(source.run.alphabet)
    masses = [vocabulary.peptide_mass(vocabulary.encode(row.peptide)) for row in rows]
    stated = [vocabulary.peptide_mass(vocabulary.encode(a.peptide)) for a in ANSWERS]
    assert masses == pytest.approx(stated, abs=1e-4)
    assert [row.q_value for row in rows] == [a.q_value for a in ANSWERS]


@pytest.mark.parametrize("suffix", [".tsv", ".parquet"])
def test_psm_utils_files_of_denovo_are_read_back(tmp_path, suffix):
    path = written(
        source_of(tmp_path, ANSWERS), tmp_path / f"out{suffix}", ExchangeFormat.PSM_UTILS
    )
    name, rows = read_matches(path)
    assert name == "psm_utils"
    assert [row.precursor_charge for row in rows] == [a.precursor_charge for a in ANSWERS]
    assert [row.peptide for row in rows][::2] == [a.peptide for a in ANSWERS][::2]


def test_percolator_output_of_psm_utils_is_read_back(run, tmp_path):
    psms = read_file(WRITERS["Sage"](tmp_path), filetype="sage")
    psms["pep"] = [0.01] * len(psms)
    path = tmp_path / "out.pout"
    write_file(psms, path, filetype="percolator", style="pout")
    found = read_search_results(path, run)
    assert [spectrum.peptide for spectrum in found] == ["[+42.0106]-AM[+15.9949]EPTIDEK", "SAMPLER"]


# mokapot converts text to numbers in a way that pandas will give up.
@pytest.mark.filterwarnings("ignore:errors='ignore' is deprecated:FutureWarning")
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
@pytest.mark.slow
def test_results_of_mokapot_are_read_back(tmp_path):
    """Targets score above decoys, so that mokapot accepts most of them."""
    draw = np.random.default_rng(0)
    rows = pd.DataFrame({"SpecId": [f"run_{scan}_2_1" for scan in range(1, 401)]})
    rows["Label"], rows["ScanNr"] = [1, -1] * 200, np.arange(1, 401)
    rows["score"] = draw.normal(size=400) + 4 * (rows["Label"] == 1)
    rows["Peptide"] = [f"K.SAM[15.9949]PLER{'A' * (scan % 7)}.A" for scan in rows["ScanNr"]]
    rows["Proteins"], rows["ExpMass"] = "P1", rows["ScanNr"] + 500.0
    rows.to_csv(tmp_path / "in.pin", sep="\t", index=False)
    psms = mokapot.read_pin(str(tmp_path / "in.pin"))
    psms.assign_confidence(eval_fdr=0.1, desc=True).to_txt(str(tmp_path))
    name, found = read_matches(tmp_path / "mokapot.psms.txt")
    assert name == "mokapot"
    assert 150 < sum(row.q_value <= 0.01 for row in found) <= 200
    assert found[0].peptide.startswith("SAM[+15.9949]PLER")
    assert (found[0].file, found[0].keys["scan"] % 2) == ("run", 1)


@pytest.mark.parametrize(
    ("name", "run", "scan"),
    [
        ("data/run_19_2_1", "data/run", 19),
        ("run.00019.00019.2_1", "run", 19),
        ("target_0_19_2_1", "", 19),
        ("run:controllerType=0 controllerNumber=1 scan=19", "run", 19),
        ("run.00019.00019.2", "run", 19),
    ],
)
def test_names_of_percolator_rows_state_run_and_scan(tmp_path, name, run, scan):
    columns = "PSMId\tscore\tq-value\tposterior_error_prob\tpeptide\tproteinIds"
    path = tmp_path / "psms.txt"
    path.write_text(f"{columns}\n{name}\t1\t0.001\t0.01\tK.SAMPLER.A\tP1\n")
    (row,) = read_matches(path)[1]
    assert (row.file, row.keys["scan"]) == (run, scan)


def test_decoy_q_values_are_those_of_pyteomics():
    draw = np.random.default_rng(1)
    is_decoy = draw.random(300) < 0.3
    score = draw.normal(size=300) - is_decoy
    rows = list(zip(score.tolist(), is_decoy.tolist(), strict=True))
    expected = qvalues(
        rows, key=lambda row: -row[0], is_decoy=lambda row: row[1], correction=1,
        remove_decoy=False, formula=1, full_output=False,
    )  # fmt: skip
    order = np.argsort(-score, kind="stable")
    found = decoy_q_values(score, is_decoy)[order]
    assert found == pytest.approx(np.minimum(expected["q"], 1.0))


def test_equal_scores_have_one_q_value():
    found = decoy_q_values(np.array([2.0, 2.0, 2.0, 1.0]), np.array([False, True, False, False]))
    assert found.tolist() == pytest.approx([2 / 3] * 4)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a\tb\n1\t2\n", "its format is not known, its first columns are 'a, b'"),
        ("", "its format is not known"),
        ("PSMId\tscore\tq-value\tposterior_error_prob\tpeptide\tproteinIds\n", "holds no rows"),
        ("PSMId\tscore\tq-value\tposterior_error_prob\tpeptide\tproteinIds\n1\tx\t0\t0\tK\tP\n",
         "row 1: psm_utils cannot read it as Percolator"),
        ("PAR1xxxx", "damaged Parquet"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_search_result_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "file.txt"
    path.write_text(content)
    with pytest.raises(InputError, match=sentence):
        read_matches(path)


def test_results_of_other_spectra_are_refused(tmp_path):
    run = write_run(tmp_path / "run.mgf", {31: 2})
    with pytest.raises(InputError, match="give the spectrum files that were searched"):
        read_search_results(WRITERS["Sage"](tmp_path), run)
    shutil.copy(run, tmp_path / "far.mgf")
    with pytest.raises(InputError, match="q-value of at most 1e-05"):
        read_search_results(WRITERS["Sage"](tmp_path), run, 1e-5)


def test_a_peptide_without_its_fixed_modification_fits_its_precursor(tmp_path):
    """MaxQuant and Percolator may leave carbamidomethylated C unmarked."""
    row = Found(5, "SACCLER", modifications=((3, "", 57.021464), (4, "", 57.021464)))
    text = write_run(tmp_path / "run.mgf", {19: 2}).read_text()
    text = text.replace("SCANS=19", "SCANS=5").replace(f"{ROWS[1].mz:.5f}", f"{row.mz:.5f}")
    (tmp_path / "run.mgf").write_text(text.replace("run.19.19", "run.5.5"))
    path = WRITERS["Percolator"](tmp_path, [row._replace(modifications=())])
    assert len(read_search_results(path, tmp_path / "run.mgf").matches) == 1


def row(spectrum: str, *, score: float = 1.0, q_value: float | None = None, decoy: bool = False):
    """Make a row of search results."""
    return SearchMatch(
        0, spectrum, {}, "", 500.0, 2, "PEPTIDEK", score, q_value, decoy, rank=1, proteins=()
    )


def test_rows_without_a_q_value_do_not_switch_the_filter_off():
    rows = [row("a", q_value=0.9), row("b"), row("c", q_value=0.001)]
    accepted, note = _accepted(rows, 0.01, Counter())
    assert [each.spectrum for each in accepted] == ["c"]
    assert note == "1 rows state no q-value and are left out"


@pytest.mark.parametrize("reverse", [False, True])
def test_of_a_target_and_a_decoy_of_equal_score_the_decoy_counts(reverse):
    rows = [row("a"), row("a", decoy=True)]
    accepted, _ = _accepted(rows[::-1] if reverse else rows, 1.0, counts := Counter())
    assert accepted == []
    assert counts["decoys"] == 1


def test_a_modification_of_the_last_residue_is_none_of_the_c_terminus(tmp_path):
    row = Found(17, "SAMPLEREADEM", 2, ((12, "Oxidation (M)", OXIDATION),))
    (match,) = read_matches(write_maxquant(tmp_path, [row]))[1]
    assert match.peptide == "SAMPLEREADEM[Oxidation (M)]"


def test_a_lost_mass_of_the_n_terminus_is_without_its_hydrogen(tmp_path):
    path = write_pepxml(tmp_path, [Found(17, "AMEPTIDEK", 2, OXIDISED)])
    text = path.read_text()
    path.write_text(text.replace(f'"{ACETYL + 1.007825:.6f}"', '"-16.018724"'))
    (match,) = read_matches(path)[1]
    assert match.peptide.startswith("[-17.02654")


def test_of_rows_that_differ_in_charge_the_best_one_counts(run, tmp_path):
    rows = [Found(19, "SAMPLER", 3, score=1.0), Found(19, "SAMPLER", 2, score=5.0)]
    (kept,), _ = _accepted(read_matches(write_percolator(tmp_path, rows))[1], 0.01, Counter())
    assert kept.score == 5.0


def test_a_run_with_a_dot_in_its_name_is_none_without_it(tmp_path):
    runs = [write_run(tmp_path / name) for name in ("run.mgf", "run.b.mgf")]
    rows = [row._replace(run=run) for run in ("run", "run.b") for row in ROWS]
    found = read_search_results(write_sage(tmp_path, rows), runs, 0.01)
    assert [(Path(s.file).name, s.scan) for s in found] == [
        (name, scan) for name in ("run.mgf", "run.b.mgf") for scan in (17, 19)
    ]
