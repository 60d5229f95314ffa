"""Profile spectra become peaks at the places and heights of the Gaussians that made them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.io.centroid import centroid, is_profile, is_sampled


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


def test_samples_of_peaks_are_profile_and_centroids_are_not() -> None:
    generator = np.random.default_rng(0)
    centres = np.sort(generator.uniform(100, 1500, 40))
    profile = np.sort((centres[:, None] * (1 + np.arange(-4, 5) * 1e-5)).ravel())
    assert is_profile(profile)
    assert not is_profile(np.sort(generator.uniform(100, 1500, 500)))
    assert not is_profile(np.array([100.0, 100.0001]))


@given(
    resolution=st.floats(5_000, 200_000),
    n_samples=st.integers(4, 12),
    n_peaks=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_samples_of_peaks_are_told_from_centroids(
    resolution: float, n_samples: int, n_peaks: int, seed: int
) -> None:
    centres = np.sort(np.random.default_rng(seed).uniform(150, 1500, n_peaks))
    grid = np.linspace(-1, 1, n_samples) / min(resolution, 1e5)
    samples = np.unique((centres[:, None] * (1 + grid)).ravel())
    assert is_sampled(samples)
    if n_peaks > 2:
        assert not is_sampled(centres[np.append(True, np.diff(centres) > 0.3)])


def test_even_steps_of_an_ion_trap_are_samples() -> None:
    assert is_sampled(np.arange(150, 152, 1 / 12))
    # Centroids of an isotope envelope, of one charge after the other.
    for charge in (1, 2, 3, 4):
        assert not is_sampled(500 + np.arange(6) * 1.00335 / charge)
