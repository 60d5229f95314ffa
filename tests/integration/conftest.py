"""Compose the shipped configuration as `train.py` does, in small."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import jaxtyping
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from train import train

SMALL = (
    "size.n_peptides=300",
    "size.n_proteins=20",
    "size.steps_per_stage=3",
    "size.batch_size=8",
    "size.val_spectra=8",
    "size.test_spectra=8",
    "size.d_state=16",
    "size.d_scorer=8",
    "size.d_model=16",
    "size.n_layers=1",
    "calibration_spectra=0",
    "decoder.max_length=8",
    "trainer.val_check_interval=15",
    "logger=csv",
    "callbacks.examples.n_spectra=8",
    "callbacks.examples.n_right=1",
    "callbacks.examples.n_wrong=1",
    "~callbacks.progress",
)

Compose = Callable[..., DictConfig]


@contextmanager
def shape_checks(are_made: bool) -> Iterator[None]:
    """Make run-time checks of shapes or leave them out; they double the time of a training."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", not are_made)
    try:
        yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Check shapes in drills, and otherwise in the training of `trained` alone."""
    is_here = item.path.is_relative_to(Path(__file__).parent)
    with shape_checks(not is_here or item.get_closest_marker("faults") is not None):
        return (yield)


@pytest.fixture(scope="session")
def store_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stores that the tests of one process share."""
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="session")
def trained(
    root: Path, store_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, float]:
    """A finished run with an odd number of steps between checkpoints, and its score."""
    run_dir = tmp_path_factory.mktemp("trained")
    settings = ("callbacks.last.every_n_train_steps=7", "trainer.log_every_n_steps=1")
    with shape_checks(True):
        return run_dir, train(composed_in(root, store_dir, run_dir, *settings))


@pytest.fixture
def composed(root: Path, store_dir: Path, tmp_path: Path) -> Compose:
    """Compose `conf/train.yaml` with overrides, writing into the folder of the test."""

    def make(*overrides: str, small: bool = True) -> DictConfig:
        return composed_in(root, store_dir, tmp_path, *overrides, small=small)

    return make


def composed_in(
    root: Path, store_dir: Path, run_dir: Path, *overrides: str, small: bool = True
) -> DictConfig:
    """Compose `conf/train.yaml` with overrides, writing into a folder."""
    settings = [f"run_dir={run_dir}", f"store_dir={store_dir}", *(SMALL if small else ())]
    if not any(choice.startswith("data=") for choice in overrides):
        settings.append("data.sources.processes=1")
    with initialize_config_dir(str(root / "conf"), version_base="1.3"):
        return compose("train", overrides=[*settings, *overrides], return_hydra_config=False)
