"""After a kill of `train.py` the same command goes on and leaves what an undisturbed run leaves."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults import record
from tests.faults.forked import Drill, ended, run, started, training
from tests.integration.conftest import SMALL
from tests.integration.test_going_on import SETTINGS, assert_same

COMMAND = ("data.sources.processes=1", *SMALL, *SETTINGS, "hydra.run.dir=run")


def drill_of(folder: Path, stores: Path, number: int = 0, event: str = "") -> Drill:
    folder.mkdir()
    command = (*COMMAND, f"store_dir={stores}")
    return Drill(command, folder, number, event, signal.SIGKILL, program=training)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stores that all runs share, so that their settings are equal."""
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="module")
def undisturbed(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The folder of an undisturbed run, and how long it took."""
    start, folder = time.monotonic(), tmp_path_factory.mktemp("whole") / "work"
    done = run(drill_of(folder, stores))
    assert done.status == 0, done.error
    return folder / "run", time.monotonic() - start


@pytest.mark.faults
@pytest.mark.parametrize("moment", ["time", "open", "os.rename"])
def test_a_training_that_is_killed_goes_on_to_the_same_end(
    tmp_path: Path, stores: Path, undisturbed: tuple[Path, float], moment: str
) -> None:
    whole, longest = undisturbed
    draw = random.Random(moment)
    for number in range(2):
        folder = tmp_path / str(number)
        fault = () if moment == "time" else (draw.randint(1, 12), moment)
        drill = drill_of(folder, stores, *fault)
        with started(drill) as process:
            process.join(120 if fault else draw.uniform(0, longest))
            process.kill()
            done = ended(drill, process)
        record.tried["kills"] += done.status == -signal.SIGKILL
        again = run(Drill(drill.arguments, folder, program=training))
        record.check("kills", "tracebacks", "Traceback" not in again.error, again.error)
        assert again.status == 0, again.error
        assert_same(whole, folder / "run")
