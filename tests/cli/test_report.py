"""`denovo report` and `denovo dashboard`, as people type them."""

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from tests.helpers.runs import write_run


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_report_is_written_and_its_place_printed(tmp_path):
    result = invoke("report", write_run(tmp_path / "run"))
    assert result.exit_code == 0
    path = tmp_path / "run" / "report.html"
    assert result.stdout == f"report  {path}\n"
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_a_folder_without_metrics_is_one_sentence(tmp_path):
    result = invoke("report", tmp_path)
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: {tmp_path} holds no metrics/metrics.csv; give the folder of a run that has "
        "trained at least one logging interval\n"
    )


@pytest.mark.parametrize("file", ["config.yaml", "metrics/metrics.csv"])
def test_a_damaged_run_is_one_sentence(tmp_path, file):
    run = write_run(tmp_path / "run")
    (run / file).write_text("[]\n")
    result = invoke("report", run)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {run / file} is damaged: ")
    assert result.stderr.count("\n") == 1
    assert not (run / "report.html").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    run, output = write_run(tmp_path / "run"), tmp_path / "file" / "report.html"
    (tmp_path / "file").touch()
    result = invoke("report", run, "--output", output)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: cannot write {output}")


def test_the_dashboard_needs_a_project():
    result = invoke("dashboard")
    assert result.exit_code == 2
    assert "--project" in result.stderr
