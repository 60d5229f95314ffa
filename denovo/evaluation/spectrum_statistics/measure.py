"""Assignment of the peaks of annotated spectra to kinds of ions."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import torch

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    EOS,
    ISOTOPE_SPACING,
    WATER_MASS,
    Vocabulary,
    ppm_error,
)
from denovo.choices import SpectrumGrouping
from denovo.errors import InputError
from denovo.evaluation.figures import LENGTHS, binned
from denovo.evaluation.spectrum_statistics.summary import PARTS, SpectrumStatistics, summarise
from denovo.evaluation.spectrum_statistics.theory import (
    is_fragment,
    is_light,
    nearest_error,
    theoretical_ions,
)
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.derived_ions import HEAVY_PER_DA
from denovo.noise.peaks import ABSENT, Peaks
from denovo.spectra.batch import LabelledSpectra, keep_most_intense
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE, FragmentMatches
from denovo.typing import Float32, Int, Tensor

_STRONG = 0.1
"""Least intensity of an ion, relative to the base peak, whose companions are searched for."""


def measure_spectra(
    name: str, batches: Iterable[LabelledSpectra], vocabulary: Vocabulary, n_peaks: int = 100
) -> SpectrumStatistics:
    """Measure the frequency and intensity of each kind of ions in annotated spectra.

    Parameters
    ----------
    name : str
        Name of the set.
    batches : iterable of LabelledSpectra
        Measured or simulated spectra with their peptides.
    vocabulary : Vocabulary
        Vocabulary of the tokens.
    n_peaks : int
        Number of most intense peaks used of each spectrum.

    Returns
    -------
    SpectrumStatistics
        Statistics; peaks are assigned to ions within 20 ppm.

    Raises
    ------
    InputError
        If there are no spectra.
    """
    return summarise(name, _observed(name, batches, vocabulary, n_peaks))


def measure_groups(
    name: str,
    batches: Iterable[LabelledSpectra],
    vocabulary: Vocabulary,
    by: SpectrumGrouping,
    n_peaks: int = 100,
) -> list[SpectrumStatistics]:
    """Measure each group of a set of spectra, as `measure_spectra` does the whole.

    Parameters
    ----------
    name, batches, vocabulary, n_peaks
        As for `measure_spectra`.
    by : SpectrumGrouping
        What spectra are grouped by.

    Returns
    -------
    list of SpectrumStatistics
        One for each group with spectra, named after the set and the group.

    Raises
    ------
    InputError
        If there are no spectra.
    """
    found = _observed(name, batches, vocabulary, n_peaks)
    rows = pd.DataFrame({key: [spectrum[key] for spectrum in found] for key in SpectrumGrouping})
    groups = binned(rows, by, LENGTHS) if by is SpectrumGrouping.LENGTH else pd.Series(rows[by])
    return [
        summarise(f"{name}, {by} {group}", [found[row] for row in members])
        for group, members in groups.groupby(groups, observed=True).groups.items()
    ]


def _observed(
    name: str, batches: Iterable[LabelledSpectra], vocabulary: Vocabulary, n_peaks: int
) -> list[dict[str, Any]]:
    cut = (_cut(batch, n_peaks) for batch in batches)
    found = [spectrum for batch in cut for spectrum in observe(batch, vocabulary)]
    if not found:
        raise InputError(f"{name}: there are no spectra")
    return found


def _cut(batch: LabelledSpectra, n_peaks: int) -> LabelledSpectra:
    return LabelledSpectra(keep_most_intense(batch.spectra, n_peaks), batch.tokens, batch.number)


def observe(batch: LabelledSpectra, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Explain every peak of a batch and find companions of b and y ions, a dict per spectrum."""
    annotated = _annotated(batch, vocabulary)
    peaks = annotated.peaks
    part, errors = _explain(annotated)
    light, foreign = is_light(peaks) & (part == len(PARTS) - 1), is_fragment(peaks, vocabulary)
    matches = FragmentMatches.of_batch(batch, vocabulary)
    chance = FragmentMatches.of_batch(_reversed(batch), vocabulary).site_coverage
    companions = _companions(annotated)
    precursor = ppm_error(batch.spectra.precursor_mass, annotated.sites.peptide_mass)
    rows = []
    for k in range(len(batch)):
        present = peaks.is_present[k]
        height, kind = peaks.intensity[k][present], part[k][present]
        of_part = [height[kind == number] for number in range(len(PARTS))]
        followed = {name: ratio[k][is_asked[k]] for name, (ratio, is_asked) in companions.items()}
        rows.append(
            {
                SpectrumGrouping.CHARGE: int(batch.spectra.precursor_charge[k]),
                SpectrumGrouping.LENGTH: int(matches.is_site[k].sum()) + 1,
                "n_peaks": len(height),
                "weakest": float(height.min()) if len(height) else 0.0,
                "heights": [values.numpy() for values in of_part],
                "intensity_share": torch.stack([v.sum() for v in of_part])
                .div(height.sum())
                .numpy(),
                "peak_share": torch.tensor([len(v) / max(len(height), 1) for v in of_part]).numpy(),
                "errors": errors[k][present][kind == 0].numpy(),
                "is_covered": matches.is_covered[k][matches.is_site[k]],
                "max_missing_sites": matches.max_missing_sites[k],
                "is_other_peptide": foreign[k][light[k]].numpy(),
                "chance": chance[k],
                "precursor_error": float(precursor[k]),
                "ratios": {name: r[r > 0].numpy() for name, r in followed.items()},
                "is_followed": {name: (r > 0).numpy() for name, r in followed.items()},
            }
        )
    return rows


def _annotated(batch: LabelledSpectra, vocabulary: Vocabulary) -> AnnotatedBatch:
    spectra = batch.spectra
    intensity = torch.where(spectra.peak_mask, spectra.intensity, ABSENT)
    return AnnotatedBatch(batch, Peaks(spectra.mz, intensity), vocabulary)


def _explain(
    annotated: AnnotatedBatch,
) -> tuple[Int[Tensor, "batch peak"], Float32[Tensor, "batch peak"]]:
    """Return the index of the part of each peak, and its error as a b or y ion."""
    ions = theoretical_ions(annotated)
    errors = [nearest_error(annotated.peaks, mz) for mz in ions.values()]
    part = torch.full_like(errors[0], len(PARTS) - 1, dtype=torch.int64)
    for number in reversed(range(len(errors))):
        part[errors[number].abs() <= FRAGMENT_TOLERANCE.value] = number
    return part, errors[0]


def _reversed(batch: LabelledSpectra) -> LabelledSpectra:
    """Reverse peptides except for the last residue, which the enzyme determines."""
    tokens = batch.tokens.clone()
    for row in tokens:
        end = int((row == EOS).nonzero()[0]) - 1
        row[:end] = row[:end].flip(0)
    return LabelledSpectra(batch.spectra, tokens, batch.number)


def _companions(annotated: AnnotatedBatch) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the relative heights of companions of ions, negative without a peak.

    The second tensor of each pair marks the ions that are intense enough.
    """
    parents, charge = annotated.parents.peaks, annotated.parents.charge
    n_sites = annotated.sites.is_site.shape[1]
    is_strong = parents.intensity >= _STRONG

    def ratio(shift: float | Tensor, n_ions: int) -> Tensor:
        height = annotated.height_at((parents.mz + shift)[:, :n_ions].float())
        return height / parents.intensity[:, :n_ions]

    n_ions = parents.mz.shape[1]
    averagine = HEAVY_PER_DA * parents.mz * charge
    return {
        "isotopes": (ratio(ISOTOPE_SPACING / charge, n_ions) / averagine, is_strong),
        "loss of water": (ratio(-WATER_MASS / charge, n_ions), is_strong),
        "loss of ammonia": (ratio(-AMMONIA_MASS / charge, n_ions), is_strong),
        "a": (ratio(-CARBON_MONOXIDE_MASS, n_sites), is_strong[:, :n_sites]),
    }
