"""Statistics of a set of spectra, computed from observations of single spectra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from denovo.typing import Bool, Float32, ndarray

PARTS = (
    *("b, y", "b, y of charge 2", "isotopes", "losses", "a", "immonium", "precursor", "internal"),
    "unexplained",
)
"""Kinds of peaks, in order of precedence."""

SITES = ("first", "second", "middle", "last but one", "last")
"""Classes of cleavage sites, from the N-terminus."""

MISSING_RUNS = ("0", "1", "2", "3+")
"""Classes of the number of consecutive missing sites."""

_MIN_ERRORS = 3
"""Least number of assigned peaks to determine the calibration of a spectrum."""


@dataclass(frozen=True)
class SpectrumStatistics:
    """Statistics of a set of annotated spectra.

    Parameters
    ----------
    name : str
        Name of the set.
    n_spectra : int
        Number of spectra.
    intensity_share, peak_share : dict of str to float
        Mean share of each of `PARTS` in the intensity and in the number of peaks.
    spectra_share : dict of str to float
        Share of the spectra with peaks of each part.
    height : dict of str to float
        Median height of the peaks of each part, relative to the base peak; NaN without peaks.
    ratio : dict of str to float
        Median height of companions relative to their ion: ``isotopes`` (the first, divided by the
        ratio of averagine), ``loss of water``, ``loss of ammonia`` and ``a``.
    frequency : dict of str to float
        Share of the ions of at least a tenth of the base peak that have such a companion.
    figures : dict of str to float
        All other statistics, by name.
    """

    name: str
    n_spectra: int
    intensity_share: dict[str, float]
    peak_share: dict[str, float]
    spectra_share: dict[str, float]
    height: dict[str, float]
    ratio: dict[str, float]
    frequency: dict[str, float]
    figures: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as plain values, NaN as None."""
        return {
            key: {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value
            for key, value in vars(self).items()
        }


def summarise(name: str, spectra: Sequence[Mapping[str, Any]]) -> SpectrumStatistics:
    """Compute the statistics of a set from the observations of `observe`, at least one."""
    parts = range(len(PARTS))
    heights = [np.concatenate([s["heights"][k] for s in spectra]) for k in parts]
    companions = {key for s in spectra for key in s["ratios"]}
    return SpectrumStatistics(
        name,
        len(spectra),
        _by_part(np.mean([s["intensity_share"] for s in spectra], axis=0)),
        _by_part(np.mean([s["peak_share"] for s in spectra], axis=0)),
        _by_part(np.mean([s["peak_share"] > 0 for s in spectra], axis=0)),
        _by_part([_median(values) for values in heights]),
        {
            key: _median(np.concatenate([s["ratios"][key] for s in spectra]))
            for key in sorted(companions)
        },
        {
            key: _mean(np.concatenate([s["is_followed"][key] for s in spectra]))
            for key in sorted(companions)
        },
        _figures(spectra, heights[0]),
    )


def _figures(
    spectra: Sequence[Mapping[str, Any]], b_y_heights: Float32[ndarray, " peak"]
) -> dict[str, float]:
    return {
        "peaks": _mean([s["n_peaks"] for s in spectra]),
        "unexplained peaks": _mean([len(s["heights"][-1]) for s in spectra]),
        "light unexplained peaks like fragments": _mean(
            np.concatenate([s["is_other_peptide"] for s in spectra])
        ),
        "weakest peak": _median([s["weakest"] for s in spectra]),
        "weakest tenth of b, y": float(np.percentile(b_y_heights, 10)) if len(b_y_heights) else 0.0,
        **_calibration(spectra),
        **_coverage(spectra),
    }


def _calibration(spectra: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    errors = [s["errors"] for s in spectra if len(s["errors"]) >= _MIN_ERRORS]
    offsets = [np.median(e) for e in errors]
    scatter = np.concatenate(
        [np.abs(e - o) for e, o in zip(errors, offsets, strict=True)] or [np.array([])]
    )
    return {
        "offset, ppm": _mean(offsets),
        "offset between spectra, sd, ppm": float(np.std(offsets)) if offsets else np.nan,
        "scatter, MAD, ppm": _median(scatter),
        "scatter, 90 %, ppm": float(np.percentile(scatter, 90)) if len(scatter) else np.nan,
        "precursor error, MAD, ppm": _median([abs(s["precursor_error"]) for s in spectra]),
    }


def _coverage(spectra: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    covered = [s["is_covered"] for s in spectra]
    runs = np.array([s["max_missing_sites"] for s in spectra])
    long = [sites for sites in covered if len(sites) >= len(SITES)]
    return {
        "sites covered": _mean([sites.mean() for sites in covered]),
        "sites covered by chance": _mean([s["chance"] for s in spectra]),
        "every site covered": _mean([sites.all() for sites in covered]),
        **{
            f"most missing sites in a row {label}": _mean(np.minimum(runs, 3) == length)
            for length, label in enumerate(MISSING_RUNS)
        },
        **{
            f"{site} site covered": _mean([_at_site(sites, site) for sites in long])
            for site in SITES
        },
    }


def _at_site(sites: Bool[ndarray, " site"], site: str) -> float:
    place = {"first": 0, "second": 1, "last but one": -2, "last": -1}
    return float(sites[2:-2].mean() if site == "middle" else sites[place[site]])


def _by_part(values: Any) -> dict[str, float]:
    return {part: float(value) for part, value in zip(PARTS, values, strict=True)}


def _median(values: Any) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)
