"""`denovo evaluate --predictions`: answers of programs in tables, page, JSON and CSV."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from denovo.cli import app
from tests.helpers.tiny_training import train_small, two_stages

# The scan number is in the title, as in the file of ProteoBench.
ENTRY = """BEGIN IONS
TITLE=scan=17 of {peptide}
PEPMASS={mz}
CHARGE=2+
SEQ={peptide}
147.113 0.5
205.097 1.0
END IONS
"""
# m/z of [M+2H]2+, from pyteomics.mass.calculate_mass.
GOOD = {"GASPVTK": 323.182, "PEPTIDEK": 464.735}
PEPTIDES = list(GOOD)


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def sentence_of(*arguments):
    """Run a command that must fail with one sentence."""
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    return error


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "truth.mgf"
    entries = [ENTRY.format(peptide=peptide, mz=mz) for peptide, mz in GOOD.items()]
    path.write_text("".join(entries))
    return path


@pytest.fixture
def primenovo(tmp_path):
    path = tmp_path / "primenovo.tsv"
    rows = [f"scan=17 of {peptide}\t{peptide}\t2\t0.9" for peptide in PEPTIDES]
    path.write_text("\n".join(["label\tprediction\tcharge\tscore", *rows, ""]))
    return path


@pytest.fixture
def pepnet(tmp_path):
    path = tmp_path / "pepnet.tsv"
    header = "TITLE\tDENOVO\tScore\tPPM Difference\tPositional Score"
    path.write_text(f"{header}\nscan=17 of PEPTIDEK\tEPPTIDEK\t0.5\t0.0\t[{'0.5, ' * 7}0.5]\n")
    return path


def test_programs_are_compared_in_tables_page_json_and_csv(truth, primenovo, pepnet, tmp_path):
    outputs = {name: tmp_path / f"out.{name}" for name in ("json", "csv", "html")}
    result = invoke(
        *("evaluate", truth, "--predictions", primenovo, "--predictions", pepnet),
        *("--match", "proteobench"),
        *(part for name, path in outputs.items() for part in (f"--{name}", path)),
    )
    assert result.exit_code == 0, result.output
    assert "pepnet.tsv: difference to the first, paired" in result.output
    assert "pepnet.tsv: ProteoBench, modifications" in result.output
    assert "pepnet.tsv: rows of PepNet: 1; spectra without a row: 1" in result.output
    found = json.loads(outputs["json"].read_text())
    first, second = found["networks"].values()
    assert list(found["networks"]) == ["primenovo.tsv", "pepnet.tsv"]
    assert (first["program"], second["program"]) == ("PrimeNovo", "PepNet")
    assert first["sets"][0]["peptide_recall"] == 1
    assert second["proteobench"]["peptide"]["mass"] == {
        "precision": 0.0,
        "recall": 0.0,
        "coverage": 0.5,
        "area": None,
    }
    assert second["differences"][0]["lost"] == 2
    assert found["settings"]["match"] == "proteobench"
    rows = pd.read_csv(outputs["csv"])
    assert rows["network"].tolist() == ["primenovo.tsv"] * 2 + ["pepnet.tsv"] * 2
    assert rows["status"].tolist() == ["ok", "ok", "no_row", "ok"]
    page = outputs["html"].read_text()
    assert "The scores of PepNet are no calibrated probabilities" in page
    assert "pepnet.tsv: figures of ProteoBench" in page


def test_answers_are_looked_up_in_proteins(truth, primenovo, pepnet, tmp_path):
    (tmp_path / "p.fasta").write_text(">P1\nMKEPPTIDEKAA\n")
    outputs = {name: tmp_path / f"out.{name}" for name in ("json", "html")}
    result = invoke(
        *("evaluate", truth, "--predictions", primenovo, "--predictions", pepnet),
        *("--match", "proteobench", "--fasta", tmp_path / "p.fasta"),
        *(part for name, path in outputs.items() for part in (f"--{name}", path)),
    )
    assert result.exit_code == 0, result.output
    found = json.loads(outputs["json"].read_text())
    first, second = found["networks"].values()
    assert first["sets"][0]["in_fasta"]["answers"] == 0
    assert second["sets"][0]["in_fasta"] == {
        **{"n_answers": 1, "answers": 1, "n_wrong_answers": 1, "wrong_answers": 1}
    }
    assert second["proteobench"]["in_fasta"] == {"correct": 0, "in_fasta": 1, "not_in_fasta": 1}
    assert "pepnet.tsv: answers in the proteins" in outputs["html"].read_text()


def test_a_network_is_the_first_that_programs_are_compared_to(
    truth, primenovo, canonical, tmp_path
):
    checkpoint = tmp_path / "small.ckpt"
    train_small(canonical, two_stages(2), []).save_checkpoint(checkpoint, weights_only=False)
    result = invoke(
        *("evaluate", truth, "--predictions", primenovo, "--checkpoint", checkpoint),
        *("--decoder", "greedy"),
    )
    assert result.exit_code == 0, result.output
    assert "primenovo.tsv: difference to the first, paired" in result.output
    assert "primenovo.tsv: figures of ProteoBench" not in result.output


def test_the_upload_for_proteobench_is_written(truth, primenovo, tmp_path):
    path = tmp_path / "upload.csv"
    result = invoke("evaluate", truth, "--predictions", primenovo, "--proteobench", path)
    assert result.exit_code == 0, result.output
    written = pd.read_csv(path)
    assert written["spectrum_id"].tolist() == ["scan=17", "scan=17"]
    assert written["sequence"].tolist() == PEPTIDES
    assert written["aa_scores"].tolist()[0] == str([0.9] * len(PEPTIDES[0]))


def test_wrong_files_and_options_are_refused(truth, primenovo, tmp_path):
    twice = sentence_of("evaluate", truth, "--predictions", primenovo, "--predictions", primenovo)
    assert "given twice" in twice
    assert "columns" in sentence_of("evaluate", truth, "--predictions", truth)
    control = sentence_of("evaluate", truth, "--predictions", primenovo, "--control")
    assert "--checkpoint" in control
    read = sentence_of("evaluate", truth, "--predictions", primenovo, "--csv", primenovo)
    assert "both read and written" in read
