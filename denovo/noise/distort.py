"""All distortions of a batch, in the order in which they arise in an instrument."""

from collections.abc import Callable

import torch

from denovo.chemistry import Vocabulary
from denovo.curriculum.stage import Noise
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.derived_ions import a_ions, doubly_charged, isotopes, triply_charged
from denovo.noise.detection import calibrated, detected
from denovo.noise.immonium import immonium_ions
from denovo.noise.internal_fragments import internal_fragments
from denovo.noise.neutral_losses import losses
from denovo.noise.other_peptides import coisolated_peptides
from denovo.noise.peaks import ABSENT, Draw, Peaks, join
from denovo.noise.precursor import precursor_losses, unfragmented_precursor, with_precursor_error
from denovo.noise.predicted_peaks import fragmented, with_complements
from denovo.spectra.batch import LabelledSpectra, Spectra, keep_most_intense
from denovo.spectra.peak_selection import arrange_peaks

Addition = Callable[[AnnotatedBatch, float, Draw], Peaks]

ADDITIONS: dict[str, Addition] = {
    "isotopes": isotopes,
    "losses": losses,
    "a_ions": a_ions,
    "doubly_charged": doubly_charged,
    "triply_charged": triply_charged,
    "immonium": immonium_ions,
    "unfragmented_precursor": unfragmented_precursor,
    "precursor_losses": precursor_losses,
    "internal_fragments": internal_fragments,
    "coisolation": coisolated_peptides,
}
"""Peaks that MS2PIP does not predict, by the field of `Noise` that holds their strength."""


def distort(
    batch: LabelledSpectra,
    noise: Noise,
    vocabulary: Vocabulary,
    generator: torch.Generator,
    n_peaks: int | None = None,
) -> Spectra:
    """Apply every distortion at the strength given by ``noise``.

    Parameters
    ----------
    batch : LabelledSpectra
        Clean spectra and their peptides.
    noise : Noise
        Strengths; a strength of 0 changes nothing, and with all at 0 the result is the input.
    vocabulary : Vocabulary
        Masses of the tokens: many peaks are derived from the peptide.
    generator : torch.Generator
        Source of randomness, on the device of the spectra. Equal seeds give equal noise.
    n_peaks : int or None
        Number of the most intense peaks that are kept; None keeps all.

    Returns
    -------
    Spectra
        Distorted spectra, sorted by m/z, scaled to the base peak.
    """
    spectra = batch.spectra
    if noise.noisy_fraction == 0 or noise == Noise(noisy_fraction=noise.noisy_fraction):
        return spectra if n_peaks is None else keep_most_intense(spectra, n_peaks)
    draw = Draw(generator, len(spectra))
    is_noisy = draw.chance(noise.noisy_fraction)  # [batch, 1]
    if noise.complements:
        batch = with_complements(batch, noise.complements * is_noisy, vocabulary, draw)
        spectra = batch.spectra
    clean = Peaks(spectra.mz, torch.where(spectra.peak_mask, spectra.intensity, ABSENT))
    broken = fragmented(clean, noise, draw)
    annotated = AnnotatedBatch(batch, broken, vocabulary)
    extra = [
        add(annotated, strength, draw)
        for name, add in ADDITIONS.items()
        if (strength := getattr(noise, name))
    ]
    peaks = Peaks(clean.mz, torch.where(is_noisy, broken.intensity, clean.intensity))
    peaks = join([peaks, *(part.where(is_noisy) for part in extra)])
    precursor_mass = with_precursor_error(spectra.precursor_mass, is_noisy, noise, draw)
    seen = detected(peaks, annotated, precursor_mass, is_noisy, noise, draw)
    seen = seen.strongest(n_peaks or seen.mz.shape[1])
    seen = calibrated(seen, is_noisy, noise, draw)
    arranged = arrange_peaks(seen.mz, seen.intensity, seen.is_present, n_peaks=seen.mz.shape[1])
    return Spectra(*arranged, precursor_mass, spectra.precursor_charge)
