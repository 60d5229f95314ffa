"""The same command twice, as processes of their own, writes the same bytes into every file."""

import os
import subprocess
import sys

import pytest

from tests.helpers.fake_model import mgf_of

OUTPUTS = ("o.csv", "o.tsv", "o.mztab", "o.parquet")
EMPTY = "BEGIN IONS\nTITLE=empty\nPEPMASS=500\nCHARGE=2+\nEND IONS\n"


@pytest.mark.slow
def test_a_repeated_command_writes_the_same_bytes(root, tmp_path):
    path = mgf_of(tmp_path / "a.mgf", 6)
    path.write_text(path.read_text() + EMPTY)
    options = [word for output in OUTPUTS for word in ("--output", output)]
    written = []
    for seed in ("1", "2"):  # of hashes, which decide the order of sets
        subprocess.run(
            [sys.executable, "-c", "from denovo.cli import main; main()", "sequence", "a.mgf",
             *options, "--report", "o.html", "--overwrite"],
            cwd=tmp_path, check=True, capture_output=True,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed},
        )  # fmt: skip
        names = (*OUTPUTS, "o.rejected.csv", "o.html")
        written.append({name: (tmp_path / name).read_bytes() for name in names})
    assert [name for name in written[0] if written[0][name] != written[1][name]] == []
    assert b"empty" in written[0]["o.rejected.csv"]
