"""`denovo doctor` names what is missing and what to do, and works where libraries are missing."""

import os
import subprocess
import sys
import tempfile
from collections import namedtuple

import pytest
from typer.testing import CliRunner

from denovo.cli import app, doctor_checks


@pytest.fixture
def rows(monkeypatch, tmp_path):
    """Run the command in a folder; return its table by the first column, and the whole result."""
    monkeypatch.chdir(tmp_path)

    def run():
        result = CliRunner().invoke(app, ["doctor"])
        cells = [line.split(" | ") for line in result.stdout.splitlines() if line[:2] == "| "]
        return {cell[0][2:]: cell[1:] for cell in cells}, result

    return run


def test_an_installation_without_fault_passes(rows):
    found, result = rows()
    assert result.exit_code == 0
    assert result.stdout.endswith("everything that is needed is here\n")
    assert {cells[0] for name, cells in found.items() if name not in ("", "---")} <= {"ok", "note"}
    assert found["MS2PIP"][1] == "HCDch2, HCD2019, TMT predict"
    assert found["machine code"][1].startswith("kept in")
    assert "joint, full" in found["network"][1]


def test_a_library_that_is_missing_or_too_old_is_named_with_its_remedy(rows, monkeypatch):
    required = [
        "numpy>=99",
        "no-such-library>=1.5; python_version > '3'",
        "other; python_version < '3'",
        "absent; extra == 'dask'",
    ]
    monkeypatch.setattr(doctor_checks.metadata, "requires", lambda name: required)
    extras = {"dask": True}
    monkeypatch.setattr(doctor_checks, "_extras", lambda requirements: extras)
    found, result = rows()
    assert result.exit_code == 1
    assert found["numpy"][0] == found["no-such-library"][0] == "missing"
    assert "run `pip install 'numpy>=99'`" in found["numpy"][2]
    assert "run `pip install 'no-such-library>=1.5'`" in found["no-such-library"][2]
    assert not {"other", "absent"} & found.keys()
    assert result.stderr == ("error: numpy, no-such-library: see the column 'what to do' above\n")


def test_folders_that_cannot_be_written_are_named(rows, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "absent"))
    found, result = rows()
    assert result.exit_code == 1
    assert found["temporary files"][0] == "missing"
    assert "TMPDIR" in found["temporary files"][2]
    assert found["matplotlib's files"][0] == "note"
    assert found["this folder"][0] == "ok"
    assert result.stderr.startswith("error: temporary files")


def test_a_disk_that_is_full_and_memory_that_is_used_up_are_missing(rows, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor_checks.shutil, "disk_usage", lambda path: usage(10**12, 10**12, 5))
    monkeypatch.setattr(doctor_checks, "_available_memory", lambda: 10**9)
    found, result = rows()
    assert result.exit_code == 1
    assert found["this folder"][0] == found["memory"][0] == "missing"
    assert found["memory"][1] == "1.0 GB free"
    assert "free 1 GB" in found["this folder"][2]


def test_a_torch_that_cannot_be_imported_is_a_row_and_no_traceback(root, tmp_path):
    broken = tmp_path / "broken" / "torch"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('libcudart.so.12 is missing')\n")
    done = subprocess.run(
        [sys.executable, "-m", "denovo", "doctor"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{broken.parent}:{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "| device | missing | ImportError: libcudart.so.12 is missing |" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("error: device, ")
