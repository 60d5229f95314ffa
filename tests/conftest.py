"""Fixtures shared by every room: alphabets, spectra with complete ladders, and measured ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hydra.utils import instantiate
from hypothesis import settings
from omegaconf import OmegaConf

from denovo.chemistry import PROTON_MASS, IonType, ResidueAlphabet, Vocabulary
from denovo.spectra.measured import MeasuredSpectrum

ROOT = Path(__file__).parents[1]

# Without a deadline: a first example may load a library or compile a kernel.
settings.register_profile("suite", max_examples=30, deadline=None)
settings.load_profile("suite")


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


@pytest.fixture(scope="session")
def ladder(common):
    """Make a measured spectrum with chosen cleavage sites of a peptide."""

    def make(peptide, charge=2, sites=None, index=0, stated=True):
        tokens = common.encode(peptide)
        masses = common.masses[tokens]
        n_modifications = int(common.is_n_terminal[tokens].sum())
        total = masses.sum() + 18.010564684
        prefix = masses.cumsum(0)[n_modifications:-1]
        chosen = prefix if sites is None else prefix[[site - 1 for site in sites]]
        ions = [IonType.parse(name).mz(chosen, total).numpy() for name in ("b", "y")]
        mz = np.sort(np.concatenate([*ions, [60.0]]))
        return MeasuredSpectrum(
            title=peptide,
            index=index,
            line=1,
            precursor_mz=float(total) / charge + PROTON_MASS,
            precursor_charge=charge if stated else None,
            mz=mz,
            intensity=np.ones(len(mz)),
            peptide=peptide,
            file="a.mgf",
            native_id=f"index={index}",
        )

    return make
