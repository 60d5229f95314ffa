"""Detection of profile spectra, and their conversion to peaks.

A profile spectrum samples each peak at several points. A local maximum and its two neighbours are
taken as points of a Gaussian, whose logarithm is a parabola; the parabola through the three points
gives position and height in closed form, as in MaxQuant (Cox and Mann 2008, Nature Biotechnology
26, 1367-1372, doi:10.1038/nbt.1511).
"""

import numpy as np

from denovo.typing import Float64, Int, ndarray

_DENSE_PPM = 50.0
"""Largest spacing of samples in ppm; Orbitrap and time-of-flight instruments have 5 to 30."""
_MAX_STEP = 0.2
"""Largest step of an ion trap in Th; isotopes of charge 4 are further apart."""
_STEP_TOLERANCE = 0.1
"""Relative difference of steps that count as equal, because m/z may be rounded."""
_MIN_POINTS = 5
_GAP, _GAP_QUANTILE = 5.0, 0.25
"""Points further apart than this multiple of this quantile of the spacings belong to different
peaks. At least that share of the steps of a profile is between samples of one peak."""
_MIN_SHARE = 0.01
"""Smallest intensity, relative to the maximum, of a neighbour that is used for the fit."""
_MAX_RISE = 1.0
"""Largest logarithm of the fitted height relative to the highest sample. Even samples stay below
ln(100) / 8 = 0.58; points with a larger rise are not a Gaussian."""


def is_profile(mz: Float64[ndarray, " point"]) -> bool:
    """Return whether the points of a spectrum, with ascending m/z, are samples of a signal.

    The flag of the file is not used: files keep the flag of a profile for spectra that were
    centroided later, and the other way round. A profile samples each peak at three points or more,
    points without intensity included. They are less than 50 ppm apart or, on slower or coarser
    instruments, at even steps. Centroids are rarely that close, and then in pairs. A spectrum is a
    profile if at least half of five points or more are in such runs of three or more.
    """
    if len(mz) < _MIN_POINTS:
        return False
    step = np.diff(mz)  # [point - 1]
    is_even = np.abs(np.diff(step)) <= _STEP_TOLERANCE * step[1:]
    is_even &= (step[1:] > 0) & (step[1:] < _MAX_STEP)
    is_small = step < _DENSE_PPM * 1e-6 * mz[1:]
    is_within = (is_small[:-1] & is_small[1:]) | is_even  # [point - 2], neither first nor last
    in_run = np.convolve(is_within, [1, 1, 1]) > 0  # [point]
    return bool(in_run.mean() >= 0.5)


def centroid(
    mz: Float64[ndarray, " point"], intensity: Float64[ndarray, " point"]
) -> tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]:
    """Replace the points of a profile spectrum by one peak for each local maximum.

    The m/z must ascend. Points without intensity, and gaps of more than five times the usual step,
    separate peaks. A maximum with one neighbour, or with two that do not fit a Gaussian, is at
    their weighted mean and keeps the height of the highest point.
    """
    # Of several samples at one m/z, which would have no spacing, the highest is used.
    mz, starts = np.unique(mz, return_index=True)
    intensity = np.maximum.reduceat(intensity, starts) if len(mz) else intensity
    spacing = np.diff(mz) / mz[1:]
    is_joined = (
        spacing <= _GAP * np.quantile(spacing, _GAP_QUANTILE) if len(spacing) else spacing > 0
    )
    # Where a writer omits weak points, only the gap separates two peaks.
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
    """Find the local maxima; a plateau counts as its first point."""
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

    ``before`` and ``after`` are the distances of the neighbours in Th (negative and positive),
    ``left`` and ``right`` their heights relative to the maximum (0 for a missing neighbour).
    Returns the distance of the top from the maximum in Th, and its relative height.
    """
    shift = (left * before + right * after) / (left + 1.0 + right)
    gain = np.ones_like(shift)
    both = (left > 0) & (right > 0)
    # ln(height) = slope * x + bend * x^2, with x measured from the maximum; bend is negative.
    x, fall_left = before[both], np.log(left[both])
    z, fall_right = after[both], np.log(right[both])
    with np.errstate(all="ignore"):  # for points at extreme distances, which do not fit
        bend = (fall_right / z - fall_left / x) / (z - x)
        slope = fall_left / x - bend * x
        top = -slope / (2.0 * bend)
        rise = slope * top / 2.0
    fits = (rise >= 0) & (rise <= _MAX_RISE)
    both[both] = fits
    shift[both], gain[both] = top[fits], np.exp(rise[fits])
    return shift, gain
