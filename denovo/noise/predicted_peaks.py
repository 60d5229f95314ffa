"""Deviations from predicted fragments: higher, scattered and missing ones."""

from dataclasses import replace

import torch

from denovo.chemistry import IonType, Vocabulary
from denovo.curriculum.stage import Noise
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import ABSENT, Draw, Peaks, join
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.spectra.fragment_matches import IONS
from denovo.spectra.peak_selection import arrange_peaks
from denovo.typing import Bool, Float32, Int, Tensor

_HEIGHT = (-0.4, 0.7)
"""Logarithm of the intensity of a raised ion relative to its complement: mean and standard
deviation."""


def with_complements(
    batch: LabelledSpectra,
    strength: Float32[Tensor, "batch 1"],
    vocabulary: Vocabulary,
    draw: Draw,
) -> LabelledSpectra:
    """Raise a share of the b and y ions to about the height of the other fragment of the cleavage.

    A cleavage divides the charges of the precursor between a b and a y ion. Resonant excitation in
    an ion trap leaves both as they are, whereas b ions break further in a collision cell, which is
    what MS2PIP's models of HCD predict. Ions that are higher stay.
    """
    spectra = batch.spectra
    peaks = Peaks(spectra.mz, torch.where(spectra.peak_mask, spectra.intensity, ABSENT))
    annotated = AnnotatedBatch(batch, peaks, vocabulary)
    mz = annotated.parents.peaks.mz.chunk(len(IONS), dim=1)
    height = annotated.parents.peaks.intensity.chunk(len(IONS), dim=1)
    intensity, missing = peaks.intensity.flatten(), []
    for number, ion in enumerate(IONS):
        n = height[number].shape[1]
        wanted = torch.full_like(height[number], ABSENT)
        for other, complement in zip(IONS, height, strict=True):
            if ion.series != other.series:
                is_rest = _takes_the_rest(ion, other, spectra.precursor_charge)
                wanted = torch.where(is_rest[:, None], complement, wanted)
        wanted = wanted * draw.lognormal(*_HEIGHT, n)
        is_raised = draw.chance(strength, n) & (wanted > height[number].clamp(min=0.0))
        entry, is_found = annotated.find(mz[number])
        known = is_raised & is_found
        intensity = intensity.scatter_reduce(0, entry[known], wanted[known], "amax")
        missing.append(Peaks(mz[number], torch.where(is_raised & ~is_found, wanted, ABSENT)))
    whole = join([Peaks(peaks.mz, intensity.view_as(peaks.intensity)), *missing])
    arranged = arrange_peaks(whole.mz, whole.intensity, whole.is_present, n_peaks=whole.mz.shape[1])
    seen = Spectra(*arranged, spectra.precursor_mass, spectra.precursor_charge)
    return replace(batch, spectra=seen)


def _takes_the_rest(
    ion: IonType, other: IonType, precursor_charge: Int[Tensor, " batch"]
) -> Bool[Tensor, " batch"]:
    """Mark the precursors whose charges two fragments share; either has the only charge of 1+."""
    is_alone = (precursor_charge == 1) & (ion.charge == other.charge == 1)
    return (precursor_charge == ion.charge + other.charge) | is_alone


def fragmented(peaks: Peaks, noise: Noise, draw: Draw) -> Peaks:
    """Scatter the intensities of predicted peaks, and remove some of the peaks.

    ``peak_dropout`` removes the weakest peaks first; ``ion_dropout`` removes peaks of any
    intensity.
    """
    n = peaks.mz.shape[1]
    is_kept = peaks.is_present
    if noise.peak_dropout:
        is_kept = is_kept & ~_weakest(peaks, noise.peak_dropout, draw)
    if noise.ion_dropout:
        is_kept = is_kept & ~draw.chance(noise.ion_dropout * draw.uniform(), n)
    if noise.intensity_sigma:
        sigma = noise.intensity_sigma * spread_factor(noise, draw)
        peaks = Peaks(peaks.mz, peaks.intensity * torch.exp(sigma * draw.normal(n)))
    return peaks.where(is_kept)


def spread_factor(noise: Noise, draw: Draw) -> Float32[Tensor, "batch 1"] | float:
    """Draw the factor by which the standard deviations of a spectrum differ from the mean."""
    if not noise.spectrum_variation:
        return 1.0
    return 1 + noise.spectrum_variation * (2 * draw.uniform() - 1)


def _weakest(peaks: Peaks, strength: float, draw: Draw) -> Bool[Tensor, "batch peak"]:
    share = strength * draw.uniform()
    # Weak peaks go first, but not strictly so: one unit of log intensity is one standard deviation.
    height = peaks.intensity.clamp(min=1e-9).log() + draw.normal(peaks.mz.shape[1])
    height = height.masked_fill(~peaks.is_present, torch.inf)
    rank = height.argsort(dim=1).argsort(dim=1)
    return rank < (share * peaks.is_present.sum(dim=1, keepdim=True)).floor()
