"""Find the peaks of profile spectra.

A profile spectrum samples each peak at several points. A local maximum and its two neighbours are
taken as points of a Gaussian, whose logarithm is a parabola; the parabola through the three points
gives position and height in closed form. MaxQuant locates peaks so [1]_.

References
----------
.. [1] Cox, J. and Mann, M. (2008). MaxQuant enables high peptide identification rates,
   individualized p.p.b.-range mass accuracies and proteome-wide protein quantification. Nature
   Biotechnology 26, 1367-1372. doi:10.1038/nbt.1511
"""

import numpy as np

from denovo.typing import Float64, Int, ndarray

_DENSE_PPM = 50.0
"""Samples of Orbitrap and time-of-flight instruments follow each other within some 5 to 30 ppm."""
_MAX_STEP = 0.2
"""Th between samples of an ion trap at most; isotopes of charge 4 are further apart."""
_EVEN = 0.1
"""Relative difference between steps that count as the same: m/z may be rounded."""
_MIN_POINTS = 5
_GAP, _SAMPLED = 5.0, 0.25
"""Points further apart than this many times the lower quartile of the spacings belong to different
peaks. Of the steps of a profile at least that share is between samples of one peak."""
_MIN_SHARE = 0.01
"""Neighbours below this share of a maximum say nothing about its shape."""
_HIGHEST_RISE = 1.0
"""ln of top over highest sample. Even samples stay under ln(100) / 8 = 0.58; uneven ones beyond
this are no Gaussian."""


def is_profile(mz: Float64[ndarray, " point"]) -> bool:
    """Judge by their m/z alone whether the points of a spectrum are samples of a signal.

    What a file says is not asked: files carry the flag of a profile over spectra that were
    centroided since, and the other way round. A profile samples each peak at three points or more,
    those of no intensity at its feet included, and they stand less than 50 ppm apart or, on slower
    or coarser instruments, at even steps. Centroids are hardly ever so close, and then in pairs. A
    spectrum is a profile where half of at least five points stand in such runs of three or more.

    Parameters
    ----------
    mz : array [point], float64
        Ascending m/z in Th, points of no intensity included.

    Returns
    -------
    bool
        True for profile.
    """
    if len(mz) < _MIN_POINTS:
        return False
    step = np.diff(mz)  # [point - 1]
    is_even = np.abs(np.diff(step)) <= _EVEN * step[1:]
    is_even &= (step[1:] > 0) & (step[1:] < _MAX_STEP)
    is_small = step < _DENSE_PPM * 1e-6 * mz[1:]
    is_within = (is_small[:-1] & is_small[1:]) | is_even  # [point - 2], neither first nor last
    in_run = np.convolve(is_within, [1, 1, 1]) > 0  # [point]
    return bool(in_run.mean() >= 0.5)


def centroid(
    mz: Float64[ndarray, " point"], intensity: Float64[ndarray, " point"]
) -> tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]:
    """Replace the points of a profile spectrum by one peak for each local maximum.

    Points of no intensity, and gaps of more than five times the usual step, separate peaks. A
    maximum with one neighbour, or with two that no Gaussian fits, lies at their weighted mean, one
    without stays where it is; they keep the height of the highest point.

    Parameters
    ----------
    mz : array [point], float64
        Ascending m/z in Th.
    intensity : array [point], float64
        Intensities, not negative.

    Returns
    -------
    mz, intensity : array [peak], float64
        Position and height of each peak, by ascending m/z.
    """
    # Several samples at one m/z would have no spacing to fit in; the highest stands for them.
    mz, starts = np.unique(mz, return_index=True)
    intensity = np.maximum.reduceat(intensity, starts) if len(mz) else intensity
    spacing = np.diff(mz) / mz[1:]
    is_joined = spacing <= _GAP * np.quantile(spacing, _SAMPLED) if len(spacing) else spacing > 0
    # Where a writer has left out the weak points, nothing but the gap separates two peaks.
    gaps = np.flatnonzero(~is_joined) + 1
    top = np.insert(np.arange(len(mz)), gaps, -1)[_maxima(np.insert(intensity, gaps, 0.0))]
    if not len(top):
        return mz[:0], intensity[:0]
    is_joined = np.concatenate([[False], is_joined, [False]])  # [point + 1]
    padded = np.concatenate([[0.0], intensity, [0.0]])
    positions = np.concatenate([mz[:1], mz, mz[-1:]])
    height = intensity[top]
    before, after = positions[top] - mz[top], positions[top + 2] - mz[top]
    left = np.where(is_joined[top], padded[top], 0.0) / height
    right = np.where(is_joined[top + 1], padded[top + 2], 0.0) / height
    left, right = (np.where(share < _MIN_SHARE, 0.0, share) for share in (left, right))
    shift, gain = _fit(before, left, after, right)
    return mz[top] + shift, height * gain


def _maxima(intensity: Float64[ndarray, " point"]) -> Int[ndarray, " peak"]:
    """Find the points above their neighbours; of a plateau the first point of the highest one."""
    padded = np.concatenate([[0.0], intensity, [0.0]])
    changes = np.flatnonzero(np.diff(padded))  # where a point differs from the one before
    is_rise = padded[changes + 1] > padded[changes]
    return changes[:-1][is_rise[:-1] & ~is_rise[1:]]


def _fit(
    before: Float64[ndarray, " peak"],
    left: Float64[ndarray, " peak"],
    after: Float64[ndarray, " peak"],
    right: Float64[ndarray, " peak"],
) -> tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]:
    """Find the top of each peak from its maximum and the neighbours on both sides.

    Parameters
    ----------
    before, after : array [peak], float64
        Distance of the neighbours from the maximum in Th, negative and positive.
    left, right : array [peak], float64
        Their height relative to the maximum, 0 where there is none.

    Returns
    -------
    shift : array [peak], float64
        From the maximum to the top, in Th.
    gain : array [peak], float64
        Height of the top relative to the maximum.
    """
    shift = (left * before + right * after) / (left + 1.0 + right)
    gain = np.ones_like(shift)
    both = (left > 0) & (right > 0)
    # ln(height) = slope * x + bend * x^2, with x measured from the maximum; bend is negative.
    x, fall_left = before[both], np.log(left[both])
    z, fall_right = after[both], np.log(right[both])
    with np.errstate(all="ignore"):  # of points at absurd distances, which do not fit
        bend = (fall_right / z - fall_left / x) / (z - x)
        slope = fall_left / x - bend * x
        top = -slope / (2.0 * bend)
        rise = slope * top / 2.0
    fits = (rise >= 0) & (rise <= _HIGHEST_RISE)
    both[both] = fits
    shift[both], gain[both] = top[fits], np.exp(rise[fits])
    return shift, gain
