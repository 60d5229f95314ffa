"""Every benchmark fits the package: it imports what it uses, and says how it is run."""

import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = [path for path in sorted(FOLDER.glob("*.py")) if "__main__" in path.read_text("utf-8")]


@pytest.fixture
def own_modules(monkeypatch):
    """Let scripts import each other as when they are run, and forget these modules."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield
    for name in {path.stem for path in FOLDER.glob("*.py")} & set(sys.modules):
        del sys.modules[name]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_imports_and_prints_its_help(script, own_modules, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    try:
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(script), run_name="__main__")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("denovo"):
            raise
        pytest.skip(f"{error.name} is not installed")
    assert end.value.code == 0
    assert "usage" in capsys.readouterr().out
