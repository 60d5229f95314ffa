"""Check the points of a spectrum and turn them into peaks: the same rules for every format."""

import numpy as np

from denovo.io.centroid import centroid, is_profile
from denovo.io.spectrum import HIGHEST_MZ, LOWEST_MZ, MZ_RANGE, SpectrumError
from denovo.io.streams import FileError
from denovo.typing import Float64, ndarray

MAX_POINTS = 1 << 21
"""Points of one entry; a small file that unfolds into more must not fill the memory."""
_FORMAT = "expected a peak as m/z and intensity, or a field as KEY=value"
_MZ = f"the m/z of a peak must be {MZ_RANGE}"
_INTENSITY = "the intensity of a peak must not be negative"


def finish_peaks(
    mz: Float64[ndarray, " point"],
    intensity: Float64[ndarray, " other"],
    centroids: bool = True,
) -> tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]:
    """Check points, sort them by m/z, centroid them if need be, and drop those of no intensity.

    Parameters
    ----------
    mz, intensity : array [point], float64
        Points as the file gives them, as many of the one as of the other.
    centroids : bool
        Whether to centroid those that are samples of a signal, as `is_profile` judges; what the
        file calls them does not count.

    Returns
    -------
    mz, intensity : array [peak], float64
        Peaks with ascending m/z and positive intensity.

    Raises
    ------
    SpectrumError
        If a value is not finite or out of range, the arrays differ in length, or nothing is left.
    """
    if len(mz) != len(intensity):
        raise SpectrumError(
            f"there are {len(mz)} m/z values but {len(intensity)} intensities in the spectrum"
        )
    _check(mz, (mz >= LOWEST_MZ) & (mz <= HIGHEST_MZ), _MZ)
    _check(intensity, intensity >= 0, _INTENSITY)
    order = np.argsort(mz, kind="stable")
    mz, intensity = mz[order], intensity[order]
    if centroids and is_profile(mz):
        mz, intensity = centroid(mz, intensity)
    present = intensity > 0
    if not present.any():
        raise SpectrumError("the spectrum has no peaks")
    return mz[present], intensity[present]


def too_many_points(line: int) -> FileError:
    """Return the error of an entry with more than `MAX_POINTS` points."""
    return FileError("an entry of more than two million peaks; is this a spectrum file?", line)


def parse_points(
    lines: list[tuple[int, str]],
) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " point"]]:
    """Read points from lines of text, each with m/z, intensity and perhaps more.

    Parameters
    ----------
    lines : list of (int, str)
        Number and text of each line.

    Returns
    -------
    mz, intensity : array [point], float64
        In the order of the lines.

    Raises
    ------
    SpectrumError
        If a line is no point; it names the line.
    """
    pairs = [text.split(maxsplit=2)[:2] for _, text in lines]
    try:
        # Two values of each line, not of all lines together: one may have too few, another more.
        points = np.array(pairs, dtype=np.float64).reshape(len(lines), 2)
    except ValueError:
        raise _first_fault(lines) from None
    _check_lines(points, lines)
    return points[:, 0].copy(), points[:, 1].copy()


def check_number(n_announced: int | None, lines: list[tuple[int, str]], is_ended: bool) -> str:
    """Compare the number of peaks that an entry announces with those that it has.

    Parameters
    ----------
    n_announced : int or None
        None where it announces none.
    lines : list of (int, str)
        Its points, as of `parse_points`.
    is_ended : bool
        Whether the entry is followed by an empty line or another entry.

    Returns
    -------
    str
        What to note of an entry that ends in order and has another number; empty if it is right.

    Raises
    ------
    SpectrumError
        If peaks are missing and the entry breaks off, or its lines hold several peaks.
    """
    if n_announced is None or n_announced == len(lines):
        return ""
    if n_announced > len(lines):
        if not is_ended:
            raise SpectrumError(
                f"{n_announced} peaks are announced but {len(lines)} follow; is the file complete?"
            )
        if crowded := next((number for number, text in lines if _is_crowded(text)), None):
            raise SpectrumError("expected one peak a line, or ; between several", crowded)
    return f"another number of peaks than announced ({len(lines)}, not {n_announced})"


def _is_crowded(text: str) -> bool:
    """Tell whether a line holds several pairs of numbers."""
    try:
        return len([float(value) for value in text.split()]) >= 4
    except ValueError:
        return False


def _check(values: Float64[ndarray, " point"], is_good: ndarray, message: str) -> None:
    bad = np.flatnonzero(~(is_good & np.isfinite(values)))
    if len(bad):
        raise SpectrumError(f"{message}, got {values[bad[0]]:g}")


def _check_lines(points: Float64[ndarray, "point 2"], lines: list[tuple[int, str]]) -> None:
    """Name the line of the first bad value; `finish_peaks` would find it, but not where it is."""
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
