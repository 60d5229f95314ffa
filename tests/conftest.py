"""Fixtures shared by every room: the shipped alphabets, and measured spectra where they exist."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from denovo.chemistry import ResidueAlphabet, Vocabulary

ROOT = Path(__file__).parents[1]


def load_vocabulary(name: str) -> Vocabulary:
    alphabet = instantiate(OmegaConf.load(ROOT / "conf" / "residues" / f"{name}.yaml").residues)
    assert isinstance(alphabet, ResidueAlphabet)
    return Vocabulary(alphabet)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def canonical() -> Vocabulary:
    """Twenty residues."""
    return load_vocabulary("canonical")


@pytest.fixture(scope="session")
def common() -> Vocabulary:
    """Twenty residues and the usual modifications."""
    return load_vocabulary("common")


@pytest.fixture(scope="session", params=["canonical", "common"])
def vocabulary(request: pytest.FixtureRequest) -> Vocabulary:
    """Each of the shipped alphabets in turn."""
    return load_vocabulary(request.param)


@pytest.fixture(scope="session")
def real_data(root: Path) -> Callable[[str], Path]:
    """Find a file of measured spectra beside the repository, or skip the test."""

    def find(name: str) -> Path:
        path = root.parent / "shared" / "data" / "real" / name
        if not path.exists():
            pytest.skip(f"measured spectra are not at hand: ../shared/data/real/{name}")
        return path

    return find
