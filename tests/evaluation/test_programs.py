"""Answers of programs: the spectra that their rows name, and their figures."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from denovo.choices import Match, Unsupported
from denovo.errors import InputError
from denovo.evaluation import Entries, evaluate, evaluate_programs, measured_sets
from denovo.io.predictions import RunRecord, read_program, write_predictions
from denovo.sequencing import SequencingSettings
from tests.evaluation.conftest import PEPTIDE
from tests.helpers.judged import write_spectra

CASANOVO = json.loads((Path(__file__).parents[1] / "metrics" / "casanovo.json").read_text())
PROFORMA = re.compile(r"(\[[^\]]+\]-)?([A-Z](\[[^\]]+\](?!-))?)+")


def write_custom(path, rows):
    lines = [f'{name},{peptide},{score},"[]"' for name, peptide, score in rows]
    path.write_text("\n".join(["spectrum_id,sequence,score,aa_scores", *lines, ""]))
    return path


def judge(files, predictions, match=Match.DEEPNOVO, **options):
    read = [read_program(path) for path in predictions]
    entries = Entries.of(files, lambda: None)
    vocabulary = entries.vocabulary(read)
    sets, census = measured_sets(files, vocabulary, Unsupported.SKIP)
    named = {path.name: (path, each) for path, each in zip(predictions, read, strict=True)}
    return evaluate_programs(
        named, sets, entries, vocabulary, census, SequencingSettings(), match, **options
    )


def test_figures_are_those_of_casanovo_for_the_same_answers(tmp_path):
    pairs = [row.split() for row in CASANOVO["pairs"]]
    # Pairs whose answer has a modification of the N-terminus inside are no ProForma.
    kept = [pair for pair in pairs if pair[0] == "-" or PROFORMA.fullmatch(pair[0])]
    spectra = write_spectra(tmp_path / "run.mgf", [truth for _, truth, _ in kept])
    lines = [
        "MTD\tms_run[1]-location\tfile:///elsewhere/run.mgf",
        "PSH\tsequence\tsearch_engine_score[1]\texp_mass_to_charge\tspectra_ref",
        *(
            f"PSM\t{guess}\t0.5\t{400 + n}\tms_run[1]:index={n}"
            for n, (guess, _, _) in enumerate(kept)
            if guess != "-"
        ),
    ]
    answers = tmp_path / "casanovo.mztab"
    answers.write_text("\n".join(lines))
    (found,) = judge([spectra], [answers])
    rows = found.scores[0].rows
    assert rows["n_matched"].tolist() == [matches.count("1") for _, _, matches in kept]
    assert rows["is_right"].tolist() == ["0" not in matches for _, _, matches in kept]
    assert rows["has_answer"].tolist() == [guess != "-" for guess, _, _ in kept]
    assert found.program == "Casanovo"


def test_the_answers_of_a_network_have_the_same_figures_from_a_file(
    library, make_pipeline, tmp_path, common
):
    pipeline = make_pipeline(probability=0.3)
    sets, _ = measured_sets([library], pipeline.vocabulary, Unsupported.SKIP)
    direct = evaluate("net", pipeline, sets)
    read = pipeline(sets[0].read())
    predictions = [pipeline.prediction(*each) for each in read]
    run = RunRecord((str(library),), {}, "1.0", common.alphabet)
    path = tmp_path / "own.parquet"
    write_predictions([path], predictions, run)
    (found,) = judge([library], [path], reference=direct)
    own, other = direct.scores[0].rows, found.scores[0].rows
    for name in ("prediction", "n_matched", "residues_right", "title", "site_coverage", "status"):
        assert own[name].tolist() == other[name].tolist()
    for name in ("probability", "q_value", "ppm_error", "annotation_ppm_error"):
        assert np.allclose(own[name], other[name], equal_nan=True)
    (difference,) = found.differences
    assert (difference["gained"], difference["lost"]) == (0, 0)
    assert difference["peptide_recall"] == difference["aa_precision"] == 0


def test_rows_without_a_spectrum_and_spectra_without_a_row_are_named(tmp_path):
    spectra = write_spectra(tmp_path / "run.mgf", [PEPTIDE, "PEPTIDEK", "SAMPLER", ""])
    rows = [
        ("spectrum 0", PEPTIDE, 0.9),
        ("spectrum 0", "WWWWWW", 0.1),
        ("spectrum 3", "AAA", 0.5),
        ("spectrum 9", "AAA", 0.5),
        ("spectrum 1", "PEPT(+1234)IDEK", 0.5),
    ]
    (found,) = judge([spectra], [write_custom(tmp_path / "a.csv", rows)])
    (note,) = found.notes
    assert "rows of ProteoBench: 5" in note
    assert "rows that name no spectrum of the files: 1 (row 5, 'spectrum 9')" in note
    assert "rows of spectra that are not evaluated: 1 (row 4, 'spectrum 3')" in note
    assert "rows with further answers to a spectrum: 1 (row 3, 'spectrum 0')" in note
    assert "answers that cannot be read and count as wrong: 1 (row 6: " in note
    assert "spectra without a row: 1 (first: 'spectrum 2')" in note
    scored = found.scores[0].rows
    assert scored["is_right"].tolist() == [True, False, False]
    assert scored["status"].tolist() == ["ok", "ok", "no_row"]
    assert scored["n_predicted"].tolist() == [6, 8, 0]


def test_the_kind_of_reference_is_the_one_that_agrees_with_the_precursors(tmp_path):
    # The numbers are positions here: scan 1 is the first spectrum, and position 1 the second.
    spectra = write_spectra(tmp_path / "run.mgf", [PEPTIDE, "PEPTIDEK", "SAMPLER"], first_scan=1)
    header = "spectrum_id,predictions,log_probs,precursor_mz"
    path = tmp_path / "instanovo.csv"
    path.write_text(f"{header}\nrun:1,PEPTIDEK,-1,401\nrun:2,SAMPLER,-1,402\n")
    assert judge([spectra], [path])[0].scores[0].rows["is_right"].tolist() == [False, True, True]
    path.write_text(f"{header}\nrun:1,{PEPTIDE},-1,400\nrun:2,PEPTIDEK,-1,401\n")
    assert judge([spectra], [path])[0].scores[0].rows["is_right"].tolist() == [True, True, False]


def test_rows_find_their_spectra_in_one_of_several_files(tmp_path):
    first = write_spectra(tmp_path / "a.mgf", [PEPTIDE, "PEPTIDEK"])
    second = write_spectra(tmp_path / "b.mgf", ["SAMPLER", "SAMPLEK"])
    path = tmp_path / "casanovo.mztab"
    path.write_text(
        "MTD\tms_run[1]-location\tfile:///x/b.mgf\nMTD\tms_run[2]-location\tfile:///x/a.mgf\n"
        "PSH\tsequence\tsearch_engine_score[1]\tspectra_ref\n"
        f"PSM\tSAMPLER\t0.5\tms_run[1]:index=0\nPSM\t{PEPTIDE}\t0.5\tms_run[2]:index=0\n"
    )
    (found,) = judge([first, second], [path])
    right = [score.rows["is_right"].tolist() for score in found.scores]
    assert right == [[True, False], [True, False], [True, False, True, False]]
    rows = [("spectrum 0", PEPTIDE, 0.5), ("spectrum 1", PEPTIDE, 0.5)]
    with pytest.raises(InputError, match="none of 2 rows"):  # both files have these titles
        judge([first, second], [write_custom(tmp_path / "titles.csv", rows)])


def test_a_file_of_other_spectra_is_refused(tmp_path):
    spectra = write_spectra(tmp_path / "run.mgf", [PEPTIDE, "PEPTIDEK"])
    other = write_custom(tmp_path / "a.csv", [("elsewhere 7", PEPTIDE, 0.5)])
    with pytest.raises(InputError, match=r"'elsewhere 7'.*'spectrum 0'"):
        judge([spectra], [other])
    path = tmp_path / "instanovo.csv"
    path.write_text("spectrum_id,predictions,log_probs,precursor_mz\nrun:1,PEPTIDEK,-1,700.5\n")
    with pytest.raises(InputError, match="1 of 1 rows state another precursor m/z"):
        judge([spectra], [path])


def test_the_vocabulary_has_the_modifications_of_annotations_and_answers(tmp_path):
    peptides = ["PEPS[Phospho]K", "[UNIMOD:737]-PEPK[TMT6plex]", "PEPK[Formula:C8H10N2]"]
    spectra = write_spectra(tmp_path / "run.mgf", peptides)
    rows = [("spectrum 0", "PEPS(+79.97)K", 0.5), ("spectrum 1", "[TMT6plex]-PEPK[UNIMOD:737]", 1)]
    rows.append(("spectrum 2", "PEPK[Formula:C8H10N2]", 0.5))
    (found,) = judge([spectra], [write_custom(tmp_path / "a.csv", rows)])
    scored = found.scores[0].rows
    assert scored["is_right"].tolist() == [True, True, True]
    assert scored["prediction"].tolist() == [
        "PEPS[UNIMOD:21]K",
        "[UNIMOD:737]-PEPK[UNIMOD:737]",
        "PEPK[Formula:C8H10N2]",
    ]


@pytest.mark.parametrize(
    ("match", "right"),
    [
        (Match.DEEPNOVO, [True, True, True, False]),
        (Match.PROTEOBENCH, [True, True, False, False]),
        (Match.EXACT, [True, True, False, False]),
    ],
)
def test_definitions_differ_where_masses_are_close(tmp_path, match, right):
    spectra = write_spectra(tmp_path / "run.mgf", ["PEPTIDEK", "PEN[UNIMOD:7]K", "PEQK", "AGGK"])
    answers = ["PEPTLDEK", "PEDK", "PEKK", "ANK"]
    rows = [(f"spectrum {n}", answer, 0.5) for n, answer in enumerate(answers)]
    (found,) = judge([spectra], [write_custom(tmp_path / "a.csv", rows)], match)
    assert found.scores[0].rows["is_right"].tolist() == right
    assert found.match is match
