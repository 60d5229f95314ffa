import numpy as np
import pyarrow as pa
import pytest
from pyteomics import mass

from denovo.chemistry import PROTON_MASS, mass_to_mz
from denovo.simulation.simulated import SimulatedSpectra

PEPTIDES = ["PEPTIDEK", "[UNIMOD:1]-GGM[UNIMOD:35]K", "ILDNN[UNIMOD:7]K"]


@pytest.fixture(scope="module")
def source(common):
    """Three peptides whose intensities tell ion type and ordinal: b1 = 0.01, y2 (2+) = 0.42, ..."""

    def ladder(base):
        return [[base + 0.01 * (i + 1) for i in range(n)] for n in (7, 3, 5)]

    table = pa.table(
        {
            "peptide": PEPTIDES,
            "charge": pa.array([2, 3, 2], pa.int8()),
            "split": ["train"] * 3,
            "b": pa.array(ladder(0.0), pa.list_(pa.float32())),
            "y": pa.array(ladder(0.2), pa.list_(pa.float32())),
            "y2": pa.array(ladder(0.4), pa.list_(pa.float32())),
        }
    )
    return SimulatedSpectra(table, common, min_relative_intensity=0.0)


def peaks(source, row):
    spectra = source.read(np.array([row])).spectra
    mask = spectra.peak_mask[0]
    base = {0: 0.47, 1: 0.43, 2: 0.45}[row]
    return {
        round(float(i) * base, 2): float(m)
        for m, i in zip(spectra.mz[0][mask], spectra.intensity[0][mask], strict=True)
    }


def test_fragments_stand_where_pyteomics_puts_them(source):
    found = peaks(source, 0)
    for ordinal in (1, 3, 7):
        b = mass.fast_mass("PEPTIDEK"[:ordinal], ion_type="b", charge=1)
        y = mass.fast_mass("PEPTIDEK"[-ordinal:], ion_type="y", charge=1)
        y2 = mass.fast_mass("PEPTIDEK"[-ordinal:], ion_type="y", charge=2)
        assert found[round(0.01 * ordinal, 2)] == pytest.approx(b, abs=1e-3)
        assert found[round(0.2 + 0.01 * ordinal, 2)] == pytest.approx(y, abs=1e-3)
        assert found[round(0.4 + 0.01 * ordinal, 2)] == pytest.approx(y2, abs=1e-3)


def test_an_n_terminal_modification_shifts_b_ions_and_makes_no_site(source, common):
    found = peaks(source, 1)
    acetyl, g = common.masses[common.index["[UNIMOD:1]-"]], common.masses[common.index["G"]]
    assert found[0.01] == pytest.approx(float(acetyl + g) + PROTON_MASS, abs=1e-3)
    assert len(found) == 9
    assert source.lengths.tolist() == [8, 4, 6]


def test_reading_together_equals_reading_alone(source):
    together = source.read(np.array([2, 0, 1]))
    for row, index in enumerate([2, 0, 1]):
        alone = source.read(np.array([index]))
        mask, own = together.spectra.peak_mask[row], alone.spectra.peak_mask[0]
        assert together.spectra.mz[row][mask].tolist() == alone.spectra.mz[0][own].tolist()
        assert together.tokens[row][: alone.tokens.shape[1]].tolist() == alone.tokens[0].tolist()


def test_precursor_and_targets_fit_the_peptide(source, common):
    batch = source.read(np.array([0, 1, 2]))
    for row, peptide in enumerate(PEPTIDES):
        tokens = common.encode(peptide)
        assert batch.spectra.precursor_mass[row] == pytest.approx(common.peptide_mass(tokens))
    assert common.decode(batch.tokens[2].tolist()) == "LLDNDK"  # I = L, deamidated N = D
    assert mass_to_mz(799.35996, 1) == pytest.approx(800.3672, abs=1e-3)


def test_peaks_below_the_floor_are_left_out(source, common):
    table = pa.table(
        {
            "peptide": ["GGK"],
            "charge": pa.array([2], pa.int8()),
            "b": pa.array([[1e-4, 0.5]], pa.list_(pa.float32())),
            "y": pa.array([[1.0, 5e-3]], pa.list_(pa.float32())),
        }
    )
    counts = [
        int(SimulatedSpectra(table, common, floor).read(np.array([0])).spectra.peak_mask.sum())
        for floor in (0.0, 1e-3, 1e-2, 0.6)
    ]
    assert counts == [4, 3, 2, 1]
