"""The notebooks run from top to bottom, and hold no output."""

import copy
import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbstripout import strip_output

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
PICTURES = {"01": 2, "02": 2, "03": 2, "04": 4, "05": 2}
"""Pictures that each notebook shows at least."""

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Offer the Python that runs the tests as kernel, and keep Jupyter out of the home folder."""
    folder = tmp_path / "jupyter" / "kernels" / "under_test"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "tests", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    for name, place in (
        ("JUPYTER_PATH", "jupyter"),
        ("JUPYTER_CONFIG_DIR", "config"),
        ("JUPYTER_RUNTIME_DIR", "runtime"),
        ("IPYTHONDIR", "ipython"),
        ("TMPDIR", "work"),
    ):
        (tmp_path / place).mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(tmp_path / place))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("STEPS", "2")  # of the trainings of notebooks 02, 03 and 05
    for name in ("RUN_DIR", "SWEEP_DIR", "SPECTRA", "CHECKPOINT", "PYTHONWARNINGS"):
        monkeypatch.delenv(name, raising=False)
    return folder.name


def outputs_of(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def test_a_notebook_holds_no_output(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    stripped = strip_output(copy.deepcopy(notebook), False, False, False)
    assert notebook == stripped
    assert outputs_of(notebook) == []


def test_a_notebook_names_no_machine(path):
    text = path.read_text()
    assert not any(place in text for place in ("/home/", "/Users/", os.sep + "root"))


@pytest.mark.slow
def test_a_notebook_runs_and_shows_its_pictures(path, kernel):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name=kernel,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    outputs = outputs_of(notebook)
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= PICTURES[path.stem[:2]]
    # Warnings would tire a reader.
    assert [o["text"] for o in outputs if o.get("name") == "stderr"] == []
    if folder := os.environ.get("NOTEBOOK_OUTPUT"):
        nbformat.write(notebook, Path(folder) / path.name)
