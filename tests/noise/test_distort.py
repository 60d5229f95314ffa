"""The whole of the noise: its parts, their order, and what 0 means."""

from dataclasses import fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.chemistry import ISOTOPE_SPACING
from denovo.curriculum import Noise
from denovo.noise.detection import unresolved
from denovo.noise.distort import distort
from denovo.noise.peaks import ABSENT, Peaks
from denovo.spectra.batch import LabelledSpectra, Spectra
from tests.helpers.noise_batches import PEPTIDES, generator, labelled

# A strength of each part that cannot be overlooked, and what it changes.
STRENGTHS = {
    "peak_dropout": (0.8, {"fewer"}),
    "ion_dropout": (0.8, {"fewer"}),
    "intensity_sigma": (0.7, {"intensity"}),
    "complements": (1.0, {"intensity"}),
    "isotopes": (1.0, {"more"}),
    "losses": (1.0, {"more"}),
    "a_ions": (1.0, {"more"}),
    "doubly_charged": (1.0, {"more"}),
    "immonium": (1.0, {"more"}),
    "unfragmented_precursor": (1.0, {"more"}),
    "precursor_losses": (1.0, {"more"}),
    "internal_fragments": (1.0, {"more"}),
    "coisolation": (1.0, {"more"}),
    "detection_limit": (0.8, {"fewer"}),
    "noise_peaks": (30.0, {"more"}),
    "scan_start_mz": (500.0, {"fewer"}),
    "low_mass_cutoff": (0.5, {"fewer"}),
    "peak_width_da": (8.0, {"fewer"}),
    "mz_offset_ppm": (5.0, {"mz"}),
    "mz_scatter_ppm": (5.0, {"mz"}),
    "mz_scatter_da": (0.01, {"mz"}),
    "rounding": (1.0, {"mz"}),
    "precursor_ppm": (5.0, {"precursor"}),
    "precursor_isotope": (1.0, {"precursor"}),
}
MODIFIERS = {"low_mz_noise": 1.0, "other_peptide_noise": 0.5, "spectrum_variation": 1.0}
"""Parts that say how others are distributed and do nothing alone."""
MODIFIERS["triply_charged"] = 1.0  # nothing at charge 2
EVERYTHING = {name: value for name, (value, _) in STRENGTHS.items()} | MODIFIERS


@pytest.fixture(scope="module")
def random_peaks():
    """64 spectra of 40 random peaks; the peptide has nothing to do with them."""
    source = generator(1)
    mz = (torch.rand(64, 40, generator=source) * 1200 + 100).sort(dim=1).values
    intensity = torch.rand(64, 40, generator=source) ** 3
    intensity = intensity / intensity.amax(dim=1, keepdim=True)
    mass = torch.full((64,), 1300.0, dtype=torch.float64)
    spectra = Spectra(mz, intensity, mz > 0, mass, torch.full((64,), 2))
    return LabelledSpectra(spectra, torch.tensor([[4, 5, 6, 7, 2]]).repeat(64, 1))


@pytest.fixture(scope="module")
def peptides(common):
    return labelled(PEPTIDES[:4] * 12, common)


def same(one, other):
    return all(torch.equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def noisy(batch, vocabulary, seed=0, fraction=1.0, **strengths):
    return distort(batch, Noise(noisy_fraction=fraction, **strengths), vocabulary, generator(seed))


def test_every_field_of_the_noise_is_under_test():
    assert {f.name for f in fields(Noise)} == {"noisy_fraction", *STRENGTHS, *MODIFIERS}


def test_no_noise_is_the_identity(peptides, common):
    assert same(noisy(peptides, common), peptides.spectra)
    assert same(noisy(peptides, common, fraction=0.0, **EVERYTHING), peptides.spectra)
    assert same(noisy(peptides, common, **MODIFIERS), peptides.spectra)


@pytest.mark.parametrize("name", STRENGTHS)
def test_every_part_does_something_and_nothing_else(peptides, common, name):
    clean = peptides.spectra
    strength, expected = STRENGTHS[name]
    after = noisy(peptides, common, **{name: strength})
    n_before, n_after = clean.peak_mask.sum(1), after.peak_mask.sum(1)
    changes = {
        "fewer": bool((n_after < n_before).any()),
        "more": bool((n_after > n_before).any()),
        "precursor": not torch.equal(after.precursor_mass, clean.precursor_mass),
    }
    same_shape = after.mz.shape == clean.mz.shape
    changes["mz"] = same_shape and not torch.equal(after.mz, clean.mz)
    changes["intensity"] = same_shape and not torch.allclose(after.intensity, clean.intensity)
    # A shift of the m/z may swap neighbours, and with them their intensities.
    ignored = {"intensity"} if "mz" in expected else {"mz", "intensity"} - expected
    assert {change for change, seen in changes.items() if seen} - ignored == expected


@pytest.mark.parametrize("name", STRENGTHS)
def test_a_part_of_vanishing_strength_vanishes(peptides, common, name):
    """What a ramp from 0 begins with is what stood there before."""
    clean = peptides.spectra
    after = noisy(peptides, common, **{name: 1e-9})
    assert after.mz.shape == clean.mz.shape
    assert torch.equal(after.mz, clean.mz)
    assert torch.allclose(after.intensity, clean.intensity)
    assert torch.allclose(after.precursor_mass, clean.precursor_mass, rtol=1e-12)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**62))
def test_equal_seeds_give_equal_noise(canonical, seed):
    batch = labelled(["GASPVTK", "SAMPLER"], canonical)
    once, again = (noisy(batch, canonical, seed, **EVERYTHING) for _ in range(2))
    assert same(once, again)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**62), fraction=st.sampled_from([0.5, 1.0]))
def test_noisy_spectra_are_in_order_and_relative_to_the_base_peak(common, seed, fraction):
    batch = labelled(PEPTIDES, common)
    after = noisy(batch, common, seed, fraction, **EVERYTHING)
    assert torch.isfinite(after.mz).all()
    assert (after.intensity >= 0).all()
    assert after.intensity.max() <= 1
    for mz, intensity, mask in zip(after.mz, after.intensity, after.peak_mask, strict=True):
        assert (mz[mask].diff() >= 0).all()
        assert mask[: mask.sum()].all()  # padding stands at the end
        assert not mask.any() or intensity.max() == 1


def test_spectra_that_stay_clean_stay_as_they_are(peptides, common):
    strengths = EVERYTHING | {"precursor_ppm": 5.0}
    after = noisy(peptides, common, fraction=0.5, **strengths)
    clean = peptides.spectra
    untouched = after.precursor_mass == clean.precursor_mass
    assert 8 < untouched.sum() < 40  # of 48
    n = clean.mz.shape[1]
    assert torch.equal(after.mz[untouched][:, :n], clean.mz[untouched])
    assert torch.equal(after.intensity[untouched][:, :n], clean.intensity[untouched])
    assert not after.peak_mask[untouched][:, n:].any()


def test_the_strongest_peaks_of_what_is_seen_are_kept(peptides, common):
    noise = Noise(noisy_fraction=1.0, **EVERYTHING)
    every = distort(peptides, noise, common, generator())
    some = distort(peptides, noise, common, generator(), n_peaks=12)
    assert some.peak_mask.sum(dim=1).max() == 12
    for k in range(len(every)):
        strongest = every.intensity[k].sort(descending=True).values[:12]
        assert some.intensity[k].sort(descending=True).values[:12] == pytest.approx(strongest)


def test_the_fraction_says_how_many_spectra_change(random_peaks, common):
    after = noisy(random_peaks, common, fraction=0.25, precursor_ppm=5.0)
    changed = (after.precursor_mass != random_peaks.spectra.precursor_mass).sum()
    assert 6 <= changed <= 28  # 16 expected, 3.5 standard deviations either way


def test_weak_peaks_are_dropped_first(random_peaks, common):
    after = noisy(random_peaks, common, peak_dropout=0.6)
    clean = random_peaks.spectra
    assert after.intensity[after.peak_mask].mean() > clean.intensity.mean() * 1.1
    assert after.peak_mask.any(dim=1).all()


def test_ions_are_dropped_however_strong_they_are(random_peaks, common):
    after = noisy(random_peaks, common, ion_dropout=0.8)
    # Each spectrum loses 0 to 80 %, and as often as not its base peak with them.
    assert after.peak_mask.float().sum() == pytest.approx(0.6 * 64 * 40, rel=0.1)
    base = random_peaks.spectra.intensity.argmax(dim=1)
    base_mz = random_peaks.spectra.mz.gather(1, base[:, None])
    n_lost = int((~(after.mz == base_mz).any(dim=1)).sum())
    assert 12 <= n_lost <= 40


def test_nothing_below_the_cut_is_seen(random_peaks, common):
    after = noisy(random_peaks, common, detection_limit=0.1)
    weakest = after.intensity.masked_fill(~after.peak_mask, 1.0).amin(dim=1)
    assert weakest.min() >= 0.1 / 50
    clean = random_peaks.spectra
    n_above = (clean.intensity >= 0.1).sum(dim=1)
    assert (after.peak_mask.sum(dim=1) >= n_above).all()


def test_noise_stands_just_above_the_cut(random_peaks, common):
    after = noisy(random_peaks, common, detection_limit=1.0, noise_peaks=200.0)
    is_new = ~torch.isin(after.mz, random_peaks.spectra.mz) & after.peak_mask
    assert after.intensity[is_new].min() >= 1 / 50
    assert 60 < is_new.sum(dim=1).float().mean() < 140


def test_noise_at_low_mz_is_where_it_was_asked_for(random_peaks, common):
    after = noisy(random_peaks, common, noise_peaks=200.0, low_mz_noise=0.5)
    is_new = ~torch.isin(after.mz, random_peaks.spectra.mz) & after.peak_mask
    is_low = (after.mz > 100) & (after.mz < 200)
    # Half of it by request, and a twelfth of the other half by chance.
    assert (is_low & is_new).sum() / is_new.sum() == pytest.approx(0.5 + 0.5 / 12.5, abs=0.03)


def test_a_spectrum_alone_has_no_noise_of_other_peptides(common):
    batch = labelled(PEPTIDES[:1], common)
    one = noisy(batch, common, noise_peaks=50.0, other_peptide_noise=1.0)
    assert same(one, noisy(batch, common, noise_peaks=50.0))


def test_a_scan_begins_below_the_first_mz(random_peaks, common):
    after = noisy(random_peaks, common, scan_start_mz=400.0)
    lowest = after.mz.masked_fill(~after.peak_mask, 9999).amin(dim=1)
    assert lowest.max() > 300
    clean = random_peaks.spectra
    assert (after.peak_mask.sum(dim=1) >= (clean.mz > 400).sum(dim=1)).all()


def test_shifts_have_the_size_that_was_asked_for(random_peaks, common):
    after = noisy(random_peaks, common, mz_offset_ppm=4.0)
    ppm = 1e6 * (after.mz.double() / random_peaks.spectra.mz.double() - 1)
    assert ppm.abs().max() < 4.2  # float32 adds up to 0.1 ppm
    per_spectrum = ppm.std(dim=1)
    assert per_spectrum.max() < 0.2  # all peaks of a spectrum move together
    assert ppm.mean(dim=1).std() == pytest.approx(4 / 3**0.5, rel=0.25)


def test_scatter_in_th_is_the_same_at_every_mz(random_peaks, common):
    after = noisy(random_peaks, common, mz_scatter_da=0.002)
    shift = after.mz.double() - random_peaks.spectra.mz.double()
    light = random_peaks.spectra.mz < 700
    for part in (shift[light], shift[~light]):
        assert part.std().item() == pytest.approx(0.002, rel=0.1)


def test_peaks_that_an_analyser_does_not_resolve_are_one_at_their_centroid(common):
    mz = torch.tensor([[300.0, 300.2, 300.5, 301.5, 302.4, 0.0]])
    intensity = torch.tensor([[0.3, 0.1, 0.2, 1.0, 0.5, 0.0]])
    mass = torch.tensor([900.0], dtype=torch.float64)
    spectra = Spectra(mz, intensity, mz > 0, mass, torch.tensor([2]))
    batch = LabelledSpectra(spectra, torch.tensor([[4, 5, 2]]))
    after = noisy(batch, common, peak_width_da=0.55)
    centroid = (300.0 * 0.3 + 300.2 * 0.1 + 300.5 * 0.2) / 0.6
    assert after.mz[0].tolist() == pytest.approx([centroid, 301.5, 302.4])
    assert after.intensity[0].tolist() == pytest.approx([0.6, 1.0, 0.5])


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31), width=st.floats(0.01, 50.0))
def test_merged_peaks_stand_apart_and_keep_the_whole_intensity(common, seed, width):
    source = generator(seed)
    mz = (torch.rand(4, 30, generator=source) * 900 + 100).sort(dim=1).values
    intensity = torch.rand(4, 30, generator=source) + 0.01
    is_there = torch.rand(4, 30, generator=source) < 0.8
    peaks = Peaks(mz, torch.where(is_there, intensity, ABSENT))
    is_noisy = torch.tensor([[True], [True], [True], [False]])
    merged = unresolved(peaks, is_noisy, width)
    for row in range(3):
        kept = merged.mz[row][merged.is_present[row]]
        assert (kept.diff() >= 0).all()
        alone = mz[row][is_there[row]]
        assert len(kept) == 1 + int((alone.diff() >= width).sum()) if len(alone) else not len(kept)
    before, after = (each.intensity.clamp(min=0).sum(dim=1) for each in (peaks, merged))
    assert torch.allclose(before, after)
    assert torch.equal(merged.mz[3][merged.is_present[3]], mz[3][is_there[3]])


@pytest.mark.parametrize("charge", [1, 2, 3])
def test_an_ion_trap_holds_nothing_far_below_the_precursor(common, charge):
    batch = labelled(PEPTIDES, common, charge)
    after = noisy(batch, common, low_mass_cutoff=0.28)
    lowest = 0.28 * (batch.spectra.precursor_mass / charge + 1.00728)
    for row in range(len(batch)):
        kept = batch.spectra.mz[row][batch.spectra.mz[row] >= lowest[row]]
        assert torch.equal(after.mz[row][after.peak_mask[row]], kept)


def test_spectra_scatter_differently_if_they_are_to(random_peaks, common):
    clean = random_peaks.spectra
    alike, unlike = (
        noisy(random_peaks, common, mz_scatter_ppm=4.0, spectrum_variation=spread)
        for spread in (0.0, 0.9)
    )
    widths = [(1e6 * (s.mz.double() / clean.mz.double() - 1)).std(dim=1) for s in (alike, unlike)]
    assert widths[0].mean().item() == pytest.approx(4.0, rel=0.1)
    assert widths[1].std() > 2.5 * widths[0].std()


def test_rounded_values_have_two_decimals(random_peaks, common):
    after = noisy(random_peaks, common, rounding=1.0)
    hundredths = after.mz.double() * 100
    assert (hundredths - hundredths.round()).abs().max() < 0.01  # float32
    assert (after.mz - random_peaks.spectra.mz).abs().max() < 0.0051


def test_precursor_errors_have_the_spread_that_was_asked_for(random_peaks, common):
    after = noisy(random_peaks, common, precursor_ppm=3.0)
    ppm = 1e6 * (after.precursor_mass / random_peaks.spectra.precursor_mass - 1)
    assert ppm.std().item() == pytest.approx(3.0, rel=0.3)


def test_a_wrong_isotope_is_one_neutron_off(random_peaks, common):
    after = noisy(random_peaks, common, precursor_isotope=0.5)
    shift = after.precursor_mass - random_peaks.spectra.precursor_mass
    is_off = shift > 0.5
    assert 16 <= is_off.sum() <= 48
    assert shift[is_off].numpy() == pytest.approx(ISOTOPE_SPACING)
    assert (shift[~is_off] == 0).all()


def test_noise_peaks_are_not_stronger_than_the_base_peak(random_peaks, common):
    after = noisy(random_peaks, common, noise_peaks=100.0)
    kept = torch.isin(random_peaks.spectra.mz, after.mz)
    assert kept.all()
    base = after.intensity.amax(dim=1)
    assert (base == 1).all()
