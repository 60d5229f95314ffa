"""A library of a few annotated spectra, and a pipeline that always reads the same peptide."""

import numpy as np
import pytest

from denovo.chemistry import PROTON_MASS, IonType
from denovo.decoding import DecoderKind, make_decoder
from denovo.sequencing import SpectrumSequencer
from tests.helpers.calibrations import fixed_calibration
from tests.helpers.table_sequencer import Oracle

PEPTIDE = "SGATLK"


@pytest.fixture(scope="session")
def entry(common):
    """Write an MGF entry with the complete b and y ladder of a peptide."""

    def write(peptide, charge="2+", annotated=True, shift=0.0, sites=None):
        masses = common.masses[common.encode(peptide)]
        total = masses.sum() + 18.010564684
        prefix = masses.cumsum(0)[:-1]
        chosen = prefix if sites is None else prefix[[site - 1 for site in sites]]
        ions = [IonType.parse(name).mz(chosen, total).numpy() for name in ("b", "y")]
        peaks = [f"{mz:.5f} 1.0" for mz in np.sort(np.concatenate([*ions, [60.0]]))]
        lines = [f"TITLE=of {peptide}", f"PEPMASS={float(total) / 2 + PROTON_MASS + shift:.6f}"]
        lines += [f"CHARGE={charge}"] if charge else []
        lines += [f"SEQ={peptide}"] if annotated else []
        return "\n".join(["BEGIN IONS", *lines, *peaks, "END IONS", ""])

    return write


@pytest.fixture
def library(entry, tmp_path):
    """Every fate that an entry can have: right, half right, without peptide, outside, broken."""
    path = tmp_path / "library.mgf"
    broken = entry("PEPTIDEK").replace("60.00000 1.0", "60.00000 much")
    path.write_text(
        entry(PEPTIDE)
        + entry("SAGTLK", sites=[1, 4, 5])
        + entry("PEPTIDEK", annotated=False)
        + entry("PEPTIDEK").replace("SEQ=PEPTIDEK", "SEQ=PEPT[+1234.5]IDEK")
        + broken
        + entry("SGATIK")
        + entry("WYWYWY", shift=-482.2)  # no residue weighs what is left
    )
    return path


@pytest.fixture(scope="session")
def make_pipeline(common):
    """Put a pipeline together whose network always reads SGATLK."""

    def make(kind="greedy", probability=None, **options):
        calibration = None
        if probability is not None:
            intercept = float(np.log(probability / (1 - probability)))
            calibration = fixed_calibration(intercept)
        return SpectrumSequencer(
            Oracle(common, "forward", PEPTIDE),
            make_decoder(DecoderKind(kind), beam_width=3),
            n_peaks=150,
            calibration=calibration,
            **options,
        )

    return make
