"""Checks of the points of a spectrum and their conversion to peaks, the same for every format."""

import numpy as np

from denovo.io.centroid import centroid, is_profile
from denovo.io.spectrum import HIGHEST_MZ, LOWEST_MZ, MZ_RANGE, SpectrumError
from denovo.typing import Float64, ndarray

_FORMAT = "expected a peak as m/z and intensity, or a field as KEY=value"
_MZ = f"the m/z of a peak must be {MZ_RANGE}"
_INTENSITY = "the intensity of a peak must not be negative"


def finish_peaks(
    mz: Float64[ndarray, " point"], intensity: Float64[ndarray, " other"]
) -> tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]:
    """Check points, sort them by m/z, centroid profile spectra, and drop points without intensity.

    `is_profile` recognises profile spectra; the flag of the file is ignored.

    Parameters
    ----------
    mz, intensity : array [point], float64
        Points of the file, of equal number.

    Returns
    -------
    mz, intensity : array [peak], float64
        Peaks with ascending m/z and positive intensity.

    Raises
    ------
    SpectrumError
        If a value is not finite or out of range, the arrays differ in length, or no peak is left.
    """
    if len(mz) != len(intensity):
        raise SpectrumError(
            f"there are {len(mz)} m/z values but {len(intensity)} intensities in the spectrum"
        )
    _check(mz, (mz >= LOWEST_MZ) & (mz <= HIGHEST_MZ), _MZ)
    _check(intensity, intensity >= 0, _INTENSITY)
    order = np.argsort(mz, kind="stable")
    mz, intensity = mz[order], intensity[order]
    if is_profile(mz):
        mz, intensity = centroid(mz, intensity)
    present = intensity > 0
    if not present.any():
        raise SpectrumError("the spectrum has no peaks")
    return mz[present], intensity[present]


def parse_points(
    lines: list[tuple[int, str]],
) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " point"]]:
    """Read m/z and intensity from numbered lines, which may hold more; a fault names its line."""
    pairs = [text.split(maxsplit=2)[:2] for _, text in lines]
    try:
        # Values are split by line, because one line may have too few and another too many.
        points = np.array(pairs, dtype=np.float64).reshape(len(lines), 2)
    except ValueError:
        raise _first_fault(lines) from None
    _check_lines(points, lines)
    return points[:, 0].copy(), points[:, 1].copy()


def check_number(n_announced: int | None, lines: list[tuple[int, str]], is_ended: bool) -> str:
    """Compare the number of peaks that an entry announces with the lines that it has.

    Returns a note for an entry that has an end and another number of peaks, else an empty text. A
    `SpectrumError` reports an entry that breaks off, or lines that hold several peaks.
    """
    if n_announced is None or n_announced == len(lines):
        return ""
    if n_announced > len(lines):
        if not is_ended:
            raise SpectrumError(
                f"{n_announced} peaks are announced but {len(lines)} follow; is the file complete?"
            )
        if crowded := next((number for number, text in lines if _is_crowded(text)), None):
            raise SpectrumError(
                "expected one peak per line, or peaks separated by semicolons", crowded
            )
    return f"another number of peaks than announced ({len(lines)}, not {n_announced})"


def _is_crowded(text: str) -> bool:
    """Return whether a line holds several pairs of numbers."""
    try:
        return len([float(value) for value in text.split()]) >= 4
    except ValueError:
        return False


def _check(values: Float64[ndarray, " point"], is_good: ndarray, message: str) -> None:
    bad = np.flatnonzero(~(is_good & np.isfinite(values)))
    if len(bad):
        raise SpectrumError(f"{message}, got {values[bad[0]]:g}")


def _check_lines(points: Float64[ndarray, "point 2"], lines: list[tuple[int, str]]) -> None:
    """Report the first bad value with its line, which `finish_peaks` does not know."""
    is_bad = ~np.isfinite(points) | (points < 0)
    is_bad[:, 0] |= (points[:, 0] < LOWEST_MZ) | (points[:, 0] > HIGHEST_MZ)
    rows, columns = np.nonzero(is_bad)
    if len(rows):
        message = (_MZ, _INTENSITY)[columns[0]]
        value = points[rows[0], columns[0]]
        raise SpectrumError(f"{message}, got {value:g}", lines[rows[0]][0])


def _first_fault(lines: list[tuple[int, str]]) -> SpectrumError:
    for number, text in lines:
        try:
            _, _ = map(float, text.split()[:2])
        except ValueError:
            return SpectrumError(_FORMAT, number)
    return SpectrumError(_FORMAT, lines[0][0])
