from dataclasses import fields

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.curriculum import Noise
from denovo.data.augment import distort
from denovo.spectra import Spectra

STRENGTHS = {
    "peak_dropout": 0.8,
    "intensity_sigma": 0.7,
    "mz_offset_ppm": 5.0,
    "mz_scatter_ppm": 5.0,
    "noise_peaks": 30.0,
    "precursor_ppm": 5.0,
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def clean():
    source = generator(1)
    mz = (torch.rand(64, 40, generator=source) * 1200 + 100).sort(dim=1).values
    intensity = torch.rand(64, 40, generator=source) ** 3
    intensity = intensity / intensity.amax(dim=1, keepdim=True)
    mass = torch.full((64,), 1300.0, dtype=torch.float64)
    return Spectra(mz, intensity, torch.ones_like(mz, dtype=torch.bool), mass, torch.full((64,), 2))


def same(one, other):
    return all(torch.equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def test_no_noise_is_the_identity(clean):
    assert same(distort(clean, Noise(), generator()), clean)
    assert same(distort(clean, Noise(fraction=1.0), generator()), clean)
    assert same(distort(clean, Noise(fraction=0.0, **STRENGTHS), generator()), clean)


@pytest.mark.parametrize("name", STRENGTHS)
def test_every_strength_does_something_and_nothing_else(clean, name):
    noisy = distort(clean, Noise(fraction=1.0, **{name: STRENGTHS[name]}), generator())
    n_before, n_after = clean.peak_mask.sum(1), noisy.peak_mask.sum(1)
    changes = {
        "fewer": bool((n_after < n_before).any()),
        "more": bool((n_after > n_before).any()),
        "precursor": not torch.equal(noisy.precursor_mass, clean.precursor_mass),
    }
    same_shape = noisy.mz.shape == clean.mz.shape
    changes["mz"] = same_shape and not torch.equal(noisy.mz, clean.mz)
    changes["intensity"] = same_shape and not torch.allclose(noisy.intensity, clean.intensity)
    expected = {
        "peak_dropout": {"fewer"},
        "intensity_sigma": {"intensity"},
        "mz_offset_ppm": {"mz"},
        "mz_scatter_ppm": {"mz"},
        "noise_peaks": {"more"},
        "precursor_ppm": {"precursor"},
    }[name]
    # A shift of the m/z may swap neighbours, and with them their intensities.
    ignored = {"intensity"} if "mz" in expected else {"mz", "intensity"} - expected
    assert {change for change, seen in changes.items() if seen} - ignored == expected


@given(st.integers(0, 2**62))
def test_equal_seeds_give_equal_noise(seed):
    mz = torch.tensor([[100.0, 200.0, 300.0]])
    spectra = Spectra(
        mz, mz / 300, mz > 0, torch.tensor([500.0], dtype=torch.float64), torch.tensor([2])
    )
    noise = Noise(fraction=1.0, **STRENGTHS)
    assert same(distort(spectra, noise, generator(seed)), distort(spectra, noise, generator(seed)))


def test_the_fraction_says_how_many_spectra_change(clean):
    noisy = distort(clean, Noise(fraction=0.25, precursor_ppm=5.0), generator())
    changed = (noisy.precursor_mass != clean.precursor_mass).sum()
    assert 6 <= changed <= 28  # 16 expected, 3.5 standard deviations either way


def test_weak_peaks_are_dropped_first(clean):
    noisy = distort(clean, Noise(fraction=1.0, peak_dropout=0.6), generator())
    assert noisy.intensity[noisy.peak_mask].mean() > clean.intensity.mean() * 1.1
    assert noisy.peak_mask.any(dim=1).all()


def test_shifts_have_the_size_that_was_asked_for(clean):
    noisy = distort(clean, Noise(fraction=1.0, mz_offset_ppm=4.0), generator())
    ppm = 1e6 * (noisy.mz.double() / clean.mz.double() - 1)
    assert ppm.abs().max() < 4.2  # float32 adds up to 0.1 ppm
    per_spectrum = ppm.std(dim=1)
    assert per_spectrum.max() < 0.2  # all peaks of a spectrum move together
    assert ppm.mean(dim=1).std() == pytest.approx(4 / 3**0.5, rel=0.25)


def test_precursor_errors_have_the_spread_that_was_asked_for(clean):
    noisy = distort(clean, Noise(fraction=1.0, precursor_ppm=3.0), generator())
    ppm = 1e6 * (noisy.precursor_mass / clean.precursor_mass - 1)
    assert ppm.std().item() == pytest.approx(3.0, rel=0.3)


def test_noise_peaks_are_not_stronger_than_the_base_peak_and_in_order(clean):
    noisy = distort(clean, Noise(fraction=1.0, **STRENGTHS), generator())
    assert noisy.intensity.max() == 1
    for mz, mask in zip(noisy.mz, noisy.peak_mask, strict=True):
        assert (mz[mask].diff() >= 0).all()
        assert mask[: mask.sum()].all()  # padding stands at the end
