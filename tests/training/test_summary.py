"""What a run leaves behind: a file for programs, tables for people."""

import json
from io import StringIO

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from rich.console import Console

from denovo.reports.figures_logged import Place, shown_in
from denovo.reports.run_tables import stage_table
from denovo.reports.run_tables import test_table as table_of_test
from denovo.training.callbacks import CurriculumCallback, Pace, StageHistory
from denovo.training.summary import describe_training, write_summary
from tests.helpers.tiny_training import SmallSources, train_small, two_stages


def rendered(table, width=80):
    console = Console(file=StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def training(canonical, tmp_path_factory):
    curriculum = two_stages(3)
    best = ModelCheckpoint(
        tmp_path_factory.mktemp("run"), "best", monitor="val/peptide_recall", mode="max"
    )
    history = StageHistory(curriculum, every_n_steps=1)
    callbacks = [CurriculumCallback(curriculum), history, Pace(), best]
    options = {"val_check_interval": 3, "enable_checkpointing": True}
    trainer = train_small(canonical, curriculum, callbacks, **options)
    return describe_training(trainer, SmallSources(canonical))


def test_a_finished_training_is_described_in_plain_values(training):
    assert json.loads(json.dumps(training)) == training
    assert (training["steps"], training["spectra"]) == (6, 48)
    assert [row["name"] for row in training["stages"]] == ["tokens", "masses"]
    assert {"train/ppm_error", "val/peptide_recall"} <= set(training["metrics"])
    assert training["checkpoint"].endswith("best.ckpt")
    assert training["best_peptide_recall"] == training["metrics"]["val/peptide_recall"]
    assert training["data"] == {"kind": "small", "store_hash": None}
    assert training["store_hash"] is None
    assert training["versions"]["torch"] == torch.__version__


def test_the_summary_holds_training_and_test(training, tmp_path, capsys):
    test = {"test/peptide_recall": torch.tensor(0.5), "test_noisy/peptide_recall": 0.25}
    rows = {"test": [{"length": 7, "n_spectra": 2, "peptide_recall": 0.5}]}
    write_summary(tmp_path, training, test | {"train/loss": 9.0}, rows)
    summary = json.loads((tmp_path / "summary.json").read_text())
    expected = training["metrics"] | {
        "test/peptide_recall": 0.5, "test_noisy/peptide_recall": 0.25
    }  # fmt: skip
    assert summary == training | {"metrics": expected, "by_length": rows}
    shown = capsys.readouterr().out
    assert "masses" in shown
    assert "summary.json" in shown


def test_stages_stand_one_below_the_other_and_what_is_missing_is_blank():
    rows = [
        {"stage": 1, "name": "tokens", "end_step": 600, "train/loss_token": 2.3456},
        {"stage": 2, "name": "masses", "end_step": 1200, "val/peptide_recall": 0.5},
    ]
    table = stage_table(rows)
    assert table.headings == ("stage", "until", "token loss", "clean recall")
    assert table.rows == (("tokens", "600", "2.35", ""), ("masses", "1200", "", "0.5"))


def test_the_table_of_stages_fits_a_terminal_of_80_columns(training):
    row = (
        training["stages"][0]
        | {"name": "precursor", "end_step": 200_000}
        | {name: -1234.6 for name in shown_in(Place.STAGES)}
    )
    lines = rendered(stage_table([row]).rich()).splitlines()
    assert max(map(len, lines)) <= 80
    assert {"recall", "decoded", "-1,235"} <= {word for line in lines for word in line.split()}


def test_each_evaluation_set_is_a_column():
    figures = {
        "test/aa_recall": 0.75, "test_noisy/aa_recall": 0.5, "test/n_spectra": 8.0,
        "val/aa_recall": 1.0, "test/refinement_edits_2": 3.0,
    }  # fmt: skip
    table = table_of_test(figures)
    assert table.headings == ("figure", "test", "test noisy")
    assert table.rows == (("aa_recall", "0.75", "0.5"), ("n_spectra", "8", ""))
