"""A command writes the same bytes into every file here and as a process of its own."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from tests.helpers.fake_model import mgf_of

OUTPUTS = ("o.csv", "o.tsv", "o.mztab", "o.parquet")
EMPTY = "BEGIN IONS\nTITLE=empty\nPEPMASS=500\nCHARGE=2+\nEND IONS\n"


@pytest.mark.slow
def test_a_repeated_command_writes_the_same_bytes(root, tmp_path, monkeypatch):
    path = mgf_of(tmp_path / "a.mgf", 6)
    path.write_text(path.read_text() + EMPTY)
    options = [word for output in OUTPUTS for word in ("--output", output)]
    command = ["sequence", "a.mgf", *options, "--report", "o.html", "--overwrite"]

    def written():
        names = (*OUTPUTS, "o.rejected.csv", "o.html")
        return {name: (tmp_path / name).read_bytes() for name in names}

    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    before = written()
    # The seed of hashes decides the order of sets.
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    subprocess.run(
        [sys.executable, "-m", "denovo", *command],
        cwd=tmp_path, check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed},
    )  # fmt: skip
    after = written()
    assert [name for name in before if before[name] != after[name]] == []
    assert b"empty" in after["o.rejected.csv"]
