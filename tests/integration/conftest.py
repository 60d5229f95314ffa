"""Compose the shipped configuration as `train.py` does, in small."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

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
    "logger=csv",
    "callbacks.examples.n_spectra=8",
    "callbacks.examples.n_right=1",
    "callbacks.examples.n_wrong=1",
    "~callbacks.progress",
)

Compose = Callable[..., DictConfig]


@pytest.fixture(scope="session")
def store_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stores that the tests of one process share."""
    return tmp_path_factory.mktemp("stores")


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
