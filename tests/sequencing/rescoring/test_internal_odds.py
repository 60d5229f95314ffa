"""Internal fragments tell candidates apart that terminal ions do not."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from denovo.chemistry import Da, Ppm
from denovo.sequencing.rescoring.internal_odds import internal_log_odds
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import FragmentMatches

TRUE, SWAPPED = "TVPEGLANSK", "VTPEGLANSK"


def spectrum(mz, intensity):
    """Make a spectrum of these peaks and one that is hardly seen."""
    mz, intensity = [*mz, 1999.5], [*intensity, 0.0005]
    order = np.argsort(mz)
    mz, intensity = (torch.tensor(values)[order].float()[None] for values in (mz, intensity))
    return Spectra(
        mz,
        intensity,
        torch.ones_like(mz, dtype=torch.bool),
        torch.tensor([mass.fast_mass(TRUE)], dtype=torch.float64),
        torch.tensor([2]),
    )


def ions(peptide, *spans):
    return [mass.fast_mass(peptide[a:b], ion_type="b", charge=1) for a, b in spans]


def terminal(peptide, sites):
    return [
        mass.fast_mass(part, ion_type=kind, charge=1)
        for site in sites
        for kind, part in (("b", peptide[:site]), ("y", peptide[site:]))
    ]


def odds(spectra, peptides, vocabulary):
    row = np.zeros(len(peptides), dtype=np.int64)
    tokens = [vocabulary.encode(peptide) for peptide in peptides]
    return internal_log_odds(FragmentMatches.of(spectra, row, tokens, vocabulary))


def test_a_fragment_that_begins_at_a_silent_site_tells_which_residue_is_first(common):
    # Both explain all b and y ions: the first site is silent.
    known = terminal(TRUE, range(2, 9))
    inner = ions(TRUE, (1, 3), (1, 4), (1, 5))
    seen = spectrum([*known, *inner], [1.0] * len(known) + [0.02] * len(inner))
    true, swapped = odds(seen, [TRUE, SWAPPED], common)
    assert true > swapped + 5


def test_a_peak_that_is_a_terminal_ion_says_nothing(common):
    known = terminal(TRUE, range(1, 10))
    alone = odds(spectrum(known, [1.0] * len(known)), [TRUE], common)
    assert alone < 0


def test_a_high_peak_is_hardly_an_internal_fragment(common):
    known, inner = terminal(TRUE, range(2, 9)), ions(TRUE, (2, 6))
    low, high = (
        odds(spectrum([*known, *inner], [1.0] * len(known) + [height]), [TRUE], common)
        for height in (0.005, 1.0)
    )
    assert low > high


@pytest.mark.parametrize("tolerance", [Da(0.1), Da(0.4), Ppm(400.0)])
def test_nothing_is_said_at_low_resolution(common, tolerance):
    spectra = spectrum(ions(TRUE, (1, 3), (1, 4)), [0.3, 0.2])
    tokens = [common.encode(peptide) for peptide in (TRUE, SWAPPED)]
    row = np.zeros(2, dtype=np.int64)
    fine = internal_log_odds(FragmentMatches.of(spectra, row, tokens, common))
    coarse = internal_log_odds(FragmentMatches.of(spectra, row, tokens, common, tolerance))
    assert fine[0] != fine[1]
    assert coarse.tolist() == [0.0, 0.0]


def test_nothing_is_said_without_peaks_or_without_room(common):
    seen = spectrum([300.0, 400.0], [1.0, 0.01])
    assert odds(seen, ["GASK"[:3], "GK"], common).tolist() == [0.0, 0.0]
    empty = Spectra(
        seen.mz, seen.intensity, ~seen.peak_mask, seen.precursor_mass, seen.precursor_charge
    )
    assert odds(empty, [TRUE], common).tolist() == [0.0]
    assert odds(seen, [], common).shape == (0,)


@settings(max_examples=20)
@given(
    st.lists(st.text("GASPVTLNDQKEMHFRYW", min_size=2, max_size=14), min_size=1, max_size=5),
    st.integers(0, 999),
)
def test_company_changes_nothing(common, peptides, seed):
    generator = np.random.default_rng(seed)
    mz = generator.uniform(100, 1000, 60)
    seen = spectrum(mz, generator.uniform(0.01, 1, 60))
    together = odds(seen, peptides, common)
    alone = [odds(seen, [peptide], common)[0] for peptide in peptides]
    assert together == pytest.approx(alone)
    assert np.isfinite(together).all()
