"""Spectra with complete ladders, as files give them."""

import numpy as np
import pytest

from denovo.chemistry import PROTON_MASS, IonType
from denovo.io import MeasuredSpectrum


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
