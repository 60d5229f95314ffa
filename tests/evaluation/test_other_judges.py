"""The verdicts of Casanovo, InstaNovo and ProteoBench on the same answers.

``other_judges.json`` and ``proteobench.json`` name their versions and the commands.
"""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from denovo.cli import app
from denovo.metrics import match_residues, precision_coverage, score_peptides
from tests.helpers.judged import write_casanovo, write_instanovo, write_spectra
from tests.helpers.proteobench_oracle import MODES, golden_rows

TESTS = Path(__file__).parents[1]
GOLDEN = json.loads((TESTS / "evaluation" / "other_judges.json").read_text())
CASANOVO, INSTANOVO = (
    GOLDEN["evaluation/proteobench.json"][name] for name in ("Casanovo", "InstaNovo")
)
PROTEOBENCH = TESTS / "evaluation" / "proteobench.json"
FILES = ("casanovo.mztab", "instanovo.csv")
# Some answers have a modification of the N-terminus inside, which is no ProForma.
ENTRY = re.compile(r"\[[^\]]+\]-|[A-Z](?:\[[^\]]+\](?!-))?")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Figures by definition and file, and rows, of `denovo evaluate` of the golden answers."""
    folder = tmp_path_factory.mktemp("judged")
    golden = golden_rows(PROTEOBENCH)
    truth = write_spectra(folder / "run.mgf", golden["annotation"])
    write_casanovo(folder / FILES[0], golden)
    write_instanovo(folder / FILES[1], golden)
    answers = [part for name in FILES for part in ("--predictions", folder / name)]
    found = {}
    for match in ("deepnovo", "proteobench"):
        written = ["--json", folder / f"{match}.json", "--csv", folder / f"{match}.csv"]
        command = ["evaluate", truth, *answers, "--match", match, *written]
        result = CliRunner().invoke(app, [str(part) for part in command])
        assert result.exit_code == 0, result.output
        found[match] = json.loads((folder / f"{match}.json").read_text())["networks"]
    return found, pd.read_csv(folder / "deepnovo.csv", keep_default_na=False)


@pytest.mark.parametrize("file", FILES)
def test_figures_of_files_are_those_of_casanovo(judged, file):
    (found,) = judged[0]["deepnovo"][file]["sets"]
    names = ("aa_precision", "aa_recall", "peptide_recall")  # it adds 1e-8 below the line
    assert [found[name] for name in names] == pytest.approx(
        [CASANOVO[name] for name in names], rel=1e-9
    )
    rows = judged[1]
    assert rows.loc[rows["network"] == file, "n_matched"].tolist() == CASANOVO["n_matched"]


@pytest.mark.parametrize("file", FILES)
def test_peptide_figures_and_curve_of_files_are_those_of_instanovo(judged, file):
    (found,) = judged[0]["deepnovo"][file]["sets"]
    for name in ("peptide_recall", "peptide_precision"):
        assert found[name] == pytest.approx(INSTANOVO[name], rel=1e-12)
    rows = judged[1][judged[1]["network"] == file]
    answers = rows[rows["has_answer"]]
    curve = precision_coverage(
        answers["log_probability"].to_numpy(float), answers["is_right"].to_numpy(bool), len(rows)
    )
    points = np.stack([curve.recall, curve.precision], axis=1)
    expected = np.array(INSTANOVO["curve"])
    assert len(expected) == 21
    assert np.abs(points[:, None] - expected).max(axis=2).min(axis=0).max() < 1e-12
    # Its area is the one under these points alone.
    assert found["peptide_precision_recall_area"] == pytest.approx(curve.area_over_recall)
    assert abs(found["peptide_precision_recall_area"] - INSTANOVO["area"]) < 0.01


@pytest.mark.parametrize("file", FILES)
def test_figures_of_files_are_those_of_proteobench(judged, file):
    found = judged[0]["proteobench"][file]["proteobench"]
    expected = json.loads(PROTEOBENCH.read_text())["figures"]
    for level, key in (("peptide", "peptide"), ("aa", "residue")):
        for mode in MODES:
            assert list(found[key][mode].values()) == pytest.approx(
                expected[f"{level}, {mode}"], rel=1e-12
            ), (level, mode)
    for tag, counts in expected["modifications"].items():
        assert list(found["modifications"][tag].values()) == counts


def test_residues_of_instanovo_are_those_of_the_walk_from_the_n_terminus(common):
    frozen = GOLDEN["metrics/casanovo.json"]
    known = json.loads((TESTS / "metrics" / "casanovo.json").read_text())["pairs"]
    texts = zip(*(row.split()[:2] for row in known), strict=True)
    guesses, truths = ([common.encode(ENTRY.findall(text)) for text in part] for part in texts)
    masses = common.masses.numpy()
    # Behind ends that nothing matches, the walk from the C-terminus finds nothing.
    n_matched = [
        int(match_residues(np.append(masses[guess], 1e4), np.append(masses[truth], 2e4)).sum())
        for guess, truth in zip(guesses, truths, strict=True)
    ]
    assert n_matched == frozen["n_matched"]
    n_read, n_true = (sum(map(len, part)) for part in (guesses, truths))
    assert frozen["aa_precision"] == pytest.approx(sum(n_matched) / n_read, rel=1e-12)
    assert frozen["aa_recall"] == pytest.approx(sum(n_matched) / n_true, rel=1e-12)
    rows = score_peptides(guesses, truths, common)
    assert frozen["peptide_recall"] == pytest.approx(rows["is_right"].mean(), rel=1e-12)
    n_right, n_answers = rows["is_right"].sum(), rows["has_answer"].sum()
    assert frozen["peptide_precision"] == pytest.approx(n_right / n_answers, rel=1e-12)
