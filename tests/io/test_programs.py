"""Answers of sequencing programs, read from files as the programs write them."""

import math

import pytest

from denovo.errors import InputError
from denovo.io.predictions import RunRecord, read_program, write_predictions
from tests.helpers.predictions import prediction, unanswered

CASANOVO_5 = """MTD\tmzTab-version\t1.0.0
MTD\tsoftware[1]\t[MS, MS:1003281, Casanovo, 5.2.1]
MTD\tms_run[1]-location\tfile:///data/run%20one.mgf

PSH\tsequence\tPSM_ID\tsearch_engine_score[1]\tcharge\texp_mass_to_charge\tspectra_ref\
\topt_global_aa_scores\topt_global_cv_MS:1003169_proforma_peptidoform_sequence
PSM\tPEMK\t1\t-0.25\t2.0\t400.5\tms_run[1]:index=3\t0.90000,0.80000,0.70000,0.60000,0.50000\
\t[Acetyl]-PEM[Oxidation]K
"""
CASANOVO_4 = """MTD\tms_run[1]-location\tfile:///data/run.mzML
PSH\tsequence\tPSM_ID\tsearch_engine_score[1]\texp_mass_to_charge\tspectra_ref\topt_ms_run[1]_aa_scores
PSM\t+42.011C+57.021EK\t1\t0.9\t400.5\tms_run[1]:scan=17\t0.9,0.8,0.7,0.6
"""
INSTANOVO = """scan_number,spectrum_id,precursor_mz,precursor_charge,predictions,\
predictions_tokenised,log_probs,token_log_probs,delta_mass_ppm
100,run:100,400.2,2,PEM[UNIMOD:35]K,"P, E, M[UNIMOD:35], K",-0.25,"[-0.1, -0.2, 0.0, -0.4]",1.2
101,run:101,512.3,2,,,-inf,[],
"""
PRIMENOVO = """label\tprediction\tcharge\tscore
controllerType=0 controllerNumber=1 scan=8\t[+43.006-17.027]-PEM[+15.995]K\t2\t0.97
"""
PEPNET = """TITLE\tDENOVO\tScore\tPPM Difference\tPositional Score
of PEMCK\tPEMCK\t0.0930\t-0.005\t[0.98, 0.99, 0.9, 1.0, 0.7]
"""
PROTEOBENCH = """spectrum_id,sequence,score,aa_scores
scan=8,[UNIMOD:1]-PEK,0.5,"[0.1, 0.2, 0.3, 0.4]"
"""
SAMPLES = {
    "casanovo.mztab": CASANOVO_5,
    "casanovo4.mzTab": CASANOVO_4,
    "instanovo.csv": INSTANOVO,
    "primenovo.tsv": PRIMENOVO,
    "pepnet.tsv": PEPNET,
    "custom.csv": PROTEOBENCH,
}


def read(tmp_path, name, text=None):
    path = tmp_path / name
    path.write_text(SAMPLES[name] if text is None else text)
    return read_program(path)


def fault(tmp_path, name, text):
    with pytest.raises(InputError) as caught:
        read(tmp_path, name, text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_casanovo_5_states_file_index_proforma_and_scores(tmp_path):
    found = read(tmp_path, "casanovo.mztab")
    (answer,) = found.answers
    assert found.program == "Casanovo"
    assert (answer.line, answer.spectrum, answer.keys["index"]) == (6, "index=3", 3)
    assert answer.file == "file:///data/run%20one.mgf"
    assert (answer.peptide, answer.score) == ("[Acetyl]-PEM[Oxidation]K", -0.25)
    assert (answer.precursor_mz, answer.token_scores) == (400.5, (0.9, 0.8, 0.7, 0.6, 0.5))


def test_casanovo_4_writes_masses_into_the_sequence(tmp_path):
    (answer,) = read(tmp_path, "casanovo4.mzTab").answers
    assert (answer.peptide, answer.keys["scan"]) == ("+42.011C+57.021EK", 17)
    assert answer.token_scores == (0.9, 0.8, 0.7, 0.6)


def test_instanovo_states_a_number_and_logarithms(tmp_path):
    found = read(tmp_path, "instanovo.csv")
    answer, empty = found.answers
    assert (answer.file, answer.keys["index"], answer.keys["scan"]) == ("run", 100, 100)
    assert answer.token_scores == pytest.approx([math.exp(x) for x in (-0.1, -0.2, 0.0, -0.4)])
    assert (answer.score, answer.precursor_mz) == (-0.25, 400.2)
    assert (empty.peptide, empty.score, empty.token_scores) == ("", -math.inf, ())


def test_primenovo_writes_two_modifications_as_one(tmp_path):
    (answer,) = read(tmp_path, "primenovo.tsv").answers
    assert answer.peptide == "[+43.006][-17.027]-PEM[+15.995]K"
    assert answer.keys["title"] == "controllerType=0 controllerNumber=1 scan=8"
    assert answer.keys["scan"] == 8


@pytest.mark.parametrize(
    ("name", "peptide", "title", "n_scores"),
    [("pepnet.tsv", "PEMCK", "of PEMCK", 5), ("custom.csv", "[UNIMOD:1]-PEK", "scan=8", 4)],
)
def test_pepnet_and_the_custom_format_are_read(tmp_path, name, peptide, title, n_scores):
    (answer,) = read(tmp_path, name).answers
    assert (answer.peptide, answer.keys["title"]) == (peptide, title)
    assert len(answer.token_scores) == n_scores


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv", ".mztab"])
def test_files_of_denovo_keep_the_probability(tmp_path, common, suffix):
    path = tmp_path / f"own{suffix}"
    run = RunRecord(("run.mgf",), {}, "1.0", common.alphabet)
    write_predictions([path], [prediction(0), unanswered(1)], run)
    found = read_program(path)
    first, second = found.answers
    assert found.program == "denovo"
    assert (first.peptide, first.probability, first.score) == ("PEPTIDE", 0.5, -1.3)
    assert (first.keys["native_id"], first.keys["index"], first.precursor_mz) == (
        "index=0",
        0,
        400.6873,
    )
    assert (second.peptide, second.token_scores) == ("", ())


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("empty.csv", "", ["empty.csv is empty"]),
        ("rows.csv", INSTANOVO.splitlines()[0] + "\n", ["rows.csv holds no predictions"]),
        ("a.csv", "peptide,mass\nPEK,1\n", ["a.csv, line 1", "peptide, mass", "PepNet (TITLE"]),
        ("a.mztab", CASANOVO_5.replace("spectra_ref", "x"), ["a.mztab, line 5", "spectra_ref"]),
        ("a.mztab", "MTD\tmzTab-version\t1.0.0\n", ["a.mztab has no line of PSM columns"]),
        ("a.tsv", PEPNET.replace("0.0930", "high"), ["a.tsv, line 2", "Score", "'high'"]),
        ("a.tsv", PEPNET.replace("0.98,", "x,"), ["a.tsv, line 2", "scores of residues"]),
        ("a.tsv", PEPNET + "one\ttwo\n", ["a.tsv, line 3", "2 cells for 5 columns"]),
        ("a.csv", PROTEOBENCH + '"open', ["a.csv, line 3"]),
        ("a.parquet", "no parquet", ["a.parquet", "expected Parquet"]),
    ],
)
def test_a_wrong_file_is_named_with_line_and_expected_columns(tmp_path, name, text, parts):
    message = fault(tmp_path, name, text)
    assert all(part in message for part in parts), message
    assert "\n" not in message


def test_a_binary_or_missing_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="not UTF-8"):
        read_program(tmp_path / "a.csv")
    with pytest.raises(InputError, match="does not exist"):
        read_program(tmp_path / "missing.csv")
