"""Profile spectra become peaks at the places and heights of the Gaussians that made them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyteomics import mgf

from denovo.io.centroid import centroid, is_profile


def gaussian(mz: np.ndarray, centre: float, height: float, width: float) -> np.ndarray:
    return height * np.exp(-0.5 * ((mz - centre) / width) ** 2)


@given(
    centre=st.floats(400.0, 400.001),
    width=st.floats(0.0008, 0.003),
    height=st.floats(1.0, 1e9),
)
def test_a_sampled_gaussian_gives_its_centre_and_height_exactly(
    centre: float, width: float, height: float
) -> None:
    mz = np.arange(399.99, 400.01, 0.001)
    position, top = centroid(mz, gaussian(mz, centre, height, width))
    assert position == pytest.approx([centre], abs=1e-8)
    assert top == pytest.approx([height], rel=1e-6)


def test_a_gaussian_on_a_widening_grid_is_found() -> None:
    # Orbitrap: the spacing of samples grows with m/z to the power of 1.5.
    mz = 1.0 / np.linspace(1 / np.sqrt(1000.1), 1 / np.sqrt(1000.0), 25)[::-1] ** 2
    position, top = centroid(mz, gaussian(mz, 1000.0512, 500.0, 0.008))
    assert position == pytest.approx([1000.0512], abs=1e-6)
    assert top == pytest.approx([500.0], rel=1e-6)


def test_neighbouring_peaks_are_told_apart() -> None:
    mz = np.arange(499.9, 500.7, 0.002)
    centres = np.array([500.0, 500.0501, 500.5017])
    signal = sum(gaussian(mz, c, h, 0.006) for c, h in zip(centres, (9.0, 5.0, 2.0), strict=True))
    position, top = centroid(mz, np.where(signal > 0.01, signal, 0.0))
    np.testing.assert_allclose(position, centres, atol=1e-5)
    np.testing.assert_allclose(top, (9.0, 5.0, 2.0), rtol=1e-3)


def test_noise_shifts_a_peak_by_less_than_a_sample() -> None:
    generator = np.random.default_rng(0)
    mz = np.arange(599.98, 600.02, 0.003)
    errors = []
    for _ in range(200):
        centre = 600.0 + generator.uniform(-0.0015, 0.0015)
        signal = gaussian(mz, centre, 100.0, 0.006) + generator.normal(0, 1.0, len(mz))
        position, top = centroid(mz, signal.clip(0.0))
        errors.append(position[top.argmax()] - centre)
    assert np.sqrt(np.mean(np.square(errors))) < 0.0005


def test_a_gap_without_zeros_separates_peaks() -> None:
    samples = np.array([-0.002, -0.001, 0.0, 0.001, 0.002])
    mz = np.concatenate([200.0 + samples, 300.0 + samples, [400.0]])
    shape = np.exp(-0.5 * (samples / 0.001) ** 2)
    position, top = centroid(mz, np.concatenate([shape, shape, [0.7]]))
    np.testing.assert_allclose(position, [200.0, 300.0, 400.0], atol=1e-9)
    np.testing.assert_allclose(top, [1.0, 1.0, 0.7])


def test_a_maximum_with_one_neighbour_lies_at_the_weighted_mean() -> None:
    position, top = centroid(np.array([100.0, 100.001]), np.array([3.0, 1.0]))
    np.testing.assert_allclose(position, [100.00025])
    np.testing.assert_allclose(top, [3.0])


def test_a_plateau_is_one_peak() -> None:
    mz = 100.0 + np.arange(4) * 0.001
    position, top = centroid(mz, np.array([1.0, 2.0, 2.0, 1.0]))
    np.testing.assert_allclose(position, [100.0015])
    assert top[0] > 2.0


@given(
    st.lists(
        st.tuples(st.floats(1.0, 1e4), st.just(0.0) | st.floats(0, 1e300)), min_size=0, max_size=30
    )
)
def test_peaks_of_any_points_lie_among_them_and_are_finite(
    points: list[tuple[float, float]],
) -> None:
    points = sorted(points)
    mz = np.array([m for m, _ in points])
    intensity = np.array([height for _, height in points])
    position, top = centroid(mz, intensity)
    assert np.all(np.diff(position) >= 0)
    assert np.all(np.isfinite(position) & np.isfinite(top) & (top > 0))
    assert len(position) <= (intensity > 0).sum()
    if len(position):
        assert mz[0] <= position[0]
        assert position[-1] <= mz[-1]
        assert top.max() >= intensity.max()


def test_uneven_samples_that_no_gaussian_fits_keep_their_height() -> None:
    position, top = centroid(np.array([100.0, 100.0 + 1e-9, 100.1]), np.array([0.02, 1.0, 0.99]))
    assert top.tolist() == [1.0]
    assert 100.0 <= position[0] <= 100.1


# Spacing of the samples in Th as a function of m/z, for an instrument of some resolution.
INSTRUMENTS = {
    "Orbitrap": lambda mz, resolution: mz**1.5 / (200**0.5 * resolution) / 4,
    "time of flight": lambda mz, resolution: mz / resolution / 4,
    "slow time of flight": lambda mz, resolution: 40e-6 * (500 * mz) ** 0.5,
    "ion trap": lambda mz, resolution: np.full_like(mz, 1 / 15),
}


@given(
    instrument=st.sampled_from(list(INSTRUMENTS)),
    resolution=st.floats(10_000, 120_000),
    n_peaks=st.integers(1, 200),
    flank=st.integers(1, 5),
    has_zeros=st.booleans(),
    is_cut=st.booleans(),
    decimals=st.integers(4, 8),
    seed=st.integers(0, 9999),
)
def test_samples_of_peaks_are_a_profile(
    instrument: str,
    resolution: float,
    n_peaks: int,
    flank: int,
    has_zeros: bool,
    is_cut: bool,
    decimals: int,
    seed: int,
) -> None:
    generator = np.random.default_rng(seed)
    centres = np.sort(generator.uniform(110, 1600, n_peaks))
    step = INSTRUMENTS[instrument](centres, resolution)
    reach = np.full(n_peaks, flank + 2 * has_zeros)
    if is_cut:  # a file of the highest points only
        reach = generator.integers(1, reach, endpoint=True)
    place = np.arange(-reach.max(), reach.max() + 1)[:, None]
    mz = np.unique((centres + place * step)[abs(place) <= reach].round(decimals))
    assert is_profile(mz) == (len(mz) >= 5)


@given(
    n_peaks=st.integers(0, 3000),
    lightest=st.floats(50, 200),
    heaviest=st.floats(800, 2500),
    decimals=st.sampled_from([1, 2, 3, 4, 8]),
    are_nominal=st.booleans(),
    seed=st.integers(0, 9999),
)
def test_centroids_of_any_density_are_no_profile(
    n_peaks: int,
    lightest: float,
    heaviest: float,
    decimals: int,
    are_nominal: bool,
    seed: int,
) -> None:
    generator = np.random.default_rng(seed)
    mz = generator.uniform(lightest, heaviest, n_peaks)
    if are_nominal:  # peptides leave gaps between whole masses
        n_peaks = min(n_peaks, int(heaviest - lightest))
        mz = mz[:n_peaks].round() * 1.00048 + generator.normal(0, 0.05, n_peaks)
    assert not is_profile(np.unique(mz.round(decimals)))


@pytest.mark.parametrize("charge", [1, 2, 3, 4])
def test_isotopes_at_even_steps_are_no_profile(charge: int) -> None:
    assert not is_profile(500 + np.arange(12) * 1.00335 / charge)


def test_pairs_of_centroids_are_no_profile() -> None:
    # Reporter ions of TMT stand 48 to 50 ppm apart, and each peak may have been split in two.
    assert not is_profile(np.sort(np.concatenate([126.12 + np.arange(9), 126.1263 + np.arange(9)])))
    centres = np.linspace(200, 1200, 50)
    assert not is_profile(np.sort(np.concatenate([centres, centres * (1 + 2e-5)])))


@pytest.mark.parametrize(
    ("name", "n_profiles"),
    [
        ("casanovo_sample_preprocessed_spectra.mgf", 18),
        ("winnow_hela_spectra.mgf", 27),
        ("pepnet_train.mgf", 0),
        ("proteometools_kuester_test.mgf", 0),
        ("massivekb_human_hcd.mgf", 0),
    ],
)
def test_the_profiles_of_measured_files_are_those_that_their_points_show(
    real_data: Callable[[str], Path], name: str, n_profiles: int
) -> None:
    with mgf.read(str(real_data(name)), use_index=False, convert_arrays=1) as spectra:
        points = [np.sort(s["m/z array"][s["intensity array"] > 0]) for s in spectra]
    assert sum(map(is_profile, points)) == n_profiles


def test_lone_points_of_a_profile_without_its_weak_points_stay() -> None:
    lone = np.array([110.07, 138.066, 167.09, 207.087, 235.081, 252.109])
    peaks = (610.2434, 1096.4468, 1329.5721)
    runs = [mz * (1 + np.arange(-2, 3) * 2e-5) for mz in peaks]
    mz = np.concatenate([lone, *runs])
    intensity = np.concatenate([np.geomspace(1, 0.1, 6), *[np.array([3, 8, 9, 8, 3]) / 100] * 3])
    assert is_profile(mz)
    found, height = centroid(mz, intensity)
    assert found == pytest.approx([*lone, *peaks], rel=1e-8)
    assert height[:6] == pytest.approx(intensity[:6])
