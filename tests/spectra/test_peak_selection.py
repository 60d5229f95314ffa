import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.spectra.peak_selection import arrange_peaks

PEAKS = st.lists(
    st.tuples(st.floats(50, 2000, width=32), st.floats(0.0009765625, 100, width=32)),
    min_size=1,
    max_size=20,
    unique_by=lambda peak: peak[0],
)


def arrange(peaks, n_peaks, padding=0):
    mz, intensity = torch.tensor(peaks).T
    mask = torch.arange(len(peaks) + padding) < len(peaks)
    pad = torch.nn.functional.pad
    return arrange_peaks(
        pad(mz, (0, padding))[None], pad(intensity, (0, padding))[None], mask[None], n_peaks
    )


@given(PEAKS, st.integers(1, 25), st.integers(0, 4))
def test_the_strongest_peaks_stay_and_stand_in_order(peaks, n_peaks, padding):
    mz, intensity, mask = arrange(peaks, n_peaks, padding)
    kept = mz[mask]
    assert len(kept) == min(n_peaks, len(peaks))
    assert (kept.diff() >= 0).all()
    weakest_kept = intensity[mask].min() * max(i for _, i in peaks)
    lost = [i for m, i in peaks if not torch.isclose(kept, torch.tensor(m)).any()]
    assert all(i <= weakest_kept * (1 + 1e-5) for i in lost)


@given(PEAKS)
def test_the_base_peak_is_one(peaks):
    _, intensity, mask = arrange(peaks, 10)
    assert intensity[mask].max() == 1
    assert intensity.min() >= 0


def test_strong_peaks_at_the_high_end_survive_the_cut():
    noise = [(100.0 + i, 0.1) for i in range(50)]
    mz, _, _ = arrange([*noise, (1500.0, 1.0)], n_peaks=10)
    assert mz.max() == 1500


def test_a_spectrum_without_peaks_keeps_its_row():
    empty = torch.zeros(2, 3)
    mz, intensity, mask = arrange_peaks(empty, empty, empty.bool(), 5)
    assert mz.shape == intensity.shape == mask.shape == (2, 1)
    assert not mask.any()
    assert intensity.isfinite().all()
