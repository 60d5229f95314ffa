"""`denovo compare`."""

import csv

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from tests.helpers.sweeps import write_job, write_sweep


def invoke(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_a_sweep_becomes_a_table_a_file_and_a_picture(tmp_path):
    sweep = write_sweep(tmp_path / "sweep")
    table, plot = tmp_path / "out" / "table.csv", tmp_path / "plot.png"
    result = invoke(sweep, "--output", table, "--plot", plot)
    assert result.exit_code == 0
    assert "penalty" in result.stdout
    assert "Mean over seeds" in result.stdout
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["penalty"] for row in rows] == ["clamp", "clamp", "log", "log"]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_failed_job_is_named_with_its_reason(tmp_path):
    sweep = write_sweep(tmp_path)
    write_job(sweep / "4", failure="loss_scale must be positive, got [0]", seed=9)
    result = invoke(sweep)
    assert result.exit_code == 0
    assert "job 4 failed: loss_scale must be positive, got [0]" in result.stdout


def test_a_reenactment_counts_the_steps(tmp_path):
    sweep = write_sweep(tmp_path / "sweep")
    result = invoke(sweep, "--reenactment", "--plot", tmp_path / "plot.svg")
    assert result.exit_code == 0
    assert "never" in result.stdout
    assert "<10,000" in result.stdout
    assert "<svg" in (tmp_path / "plot.svg").read_text()


def test_a_sweep_in_which_nothing_has_happened_is_one_sentence(tmp_path):
    for name in ("0", "1"):
        write_job(tmp_path / "sweep" / name)
    table, plot = tmp_path / "table.csv", tmp_path / "plot.png"
    result = invoke(tmp_path / "sweep", "--output", table, "--plot", plot)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: none of the 2 jobs has logged anything")
    assert result.stdout == ""
    assert not table.exists()
    assert not plot.exists()


def test_a_sweep_in_which_all_failed_has_a_table_and_no_picture(tmp_path):
    write_job(tmp_path / "sweep" / "0", failure="out of luck")
    plot = tmp_path / "plot.png"
    result = invoke(tmp_path / "sweep", "--plot", plot)
    assert result.exit_code == 0
    assert "job 0 failed: out of luck" in result.stdout
    assert not plot.exists()


@pytest.mark.parametrize("file", ["config.yaml", "metrics/metrics.csv"])
def test_a_damaged_job_is_one_sentence(tmp_path, file):
    sweep = write_sweep(tmp_path)
    (sweep / "1" / file).write_text("[]\n")
    result = invoke(sweep)
    assert result.exit_code == 1
    assert f"{sweep / '1' / file} is damaged" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "mention"),
    [((), "holds no metrics"), (("--plot", "a.doc"), ".png, .svg, .pdf")],
)
def test_faults_are_one_sentence(tmp_path, options, mention):
    result = invoke(tmp_path, *options)
    assert result.exit_code == 1
    assert mention in result.stderr
    assert "Traceback" not in result.output
