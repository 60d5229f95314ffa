"""Simulation in several processes: same result, clean stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import SyntheticProteome
from denovo.simulation.recipe import Recipe
from denovo.simulation.simulator import Ms2pipSimulator
from denovo.simulation.store import SpectrumStore, build_store

RECIPE = Recipe(
    SyntheticProteome(30),
    Digest(),
    Precursors(),
    Ms2pipSimulator(),
    n_peptides=600,
    shard_size=10,
)

# Where tests run in the background, interrupts are ignored, and children inherit that.
SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from hydra.utils import instantiate
from omegaconf import OmegaConf
from denovo.chemistry import Vocabulary
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import SyntheticProteome
from denovo.simulation.recipe import Recipe
from denovo.simulation.simulator import Ms2pipSimulator
from denovo.simulation.store import build_store

RECIPE = {recipe}

def main():
    vocabulary = Vocabulary(instantiate(OmegaConf.load({residues!r}).residues))
    build_store(RECIPE, vocabulary, {stores!r}, processes=2)

{guard}main()
"""


@contextmanager
def started(folder: Path, root: Path, guard: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start a script that builds the store under ``folder`` with two workers."""
    script = folder / "script.py"
    residues = str(root / "conf" / "residues" / "common.yaml")
    stores = str(folder / "stores")
    script.write_text(
        SCRIPT.format(recipe=repr(RECIPE), residues=residues, stores=stores, guard=guard)
    )
    command = [sys.executable, str(script)]
    # A session of its own, so that whatever is left of it can be ended.
    with subprocess.Popen(
        command, cwd=root, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, common: Vocabulary) -> SpectrumStore:
    """The store as one process writes it without interruption."""
    return build_store(RECIPE, common, tmp_path_factory.mktemp("expected"), processes=1)


@pytest.mark.slow
def test_a_stopped_build_leaves_whole_files_and_continues_to_the_same_bytes(
    tmp_path: Path, root: Path, common: Vocabulary, expected: SpectrumStore
) -> None:
    with started(tmp_path, root, guard='if __name__ == "__main__": ') as process:
        deadline = time.monotonic() + 300
        while not list(tmp_path.glob("stores/*/shard-*.parquet")):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        # Ends only when the workers, which share its error stream, have ended as well.
        process.communicate(timeout=240)
    assert process.returncode != 0
    (folder,) = tmp_path.glob("stores/*")
    written = {path.name: path.read_bytes() for path in folder.glob("shard-*.parquet")}
    assert 0 < len(written) < 60
    assert written.items() <= {p.name: p.read_bytes() for p in expected.path.iterdir()}.items()
    assert not list(folder.glob(".*.part"))

    store = build_store(RECIPE, common, tmp_path / "stores", processes=1)
    assert {path.name: path.read_bytes() for path in store.path.iterdir()} == {
        path.name: path.read_bytes() for path in expected.path.iterdir()
    }


@pytest.mark.slow
def test_a_script_without_a_guard_gets_a_sentence_instead_of_hanging(
    tmp_path: Path, root: Path
) -> None:
    with started(tmp_path, root) as process:
        _, errors = process.communicate(timeout=240)
    assert process.returncode != 0
    assert "lacks `if __name__ == '__main__'`" in errors


def test_a_number_of_processes_below_one_is_refused(tmp_path: Path, common: Vocabulary) -> None:
    with pytest.raises(InputError, match="processes must be at least 1, got 0"):
        build_store(replace(RECIPE, n_peptides=5), common, tmp_path, processes=0)
