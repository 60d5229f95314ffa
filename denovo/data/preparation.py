"""Preparation of batches for a network: noise, peak selection, control with shuffled peaks."""

from collections.abc import Hashable, Sequence

import numpy as np
import torch

from denovo.chemistry import Vocabulary
from denovo.curriculum import Noise
from denovo.errors import InputError
from denovo.noise import distort
from denovo.spectra.batch import LabelledSpectra, Spectra, keep_most_intense
from denovo.typing import Int, ndarray


def prepare_batch(
    batch: LabelledSpectra,
    noise: Noise,
    seed: int,
    n_peaks: int,
    vocabulary: Vocabulary | None = None,
) -> LabelledSpectra:
    """Distort a clean batch and keep its most intense peaks.

    Parameters
    ----------
    batch : LabelledSpectra
        Clean spectra.
    noise : Noise
        Strengths of the distortions.
    seed : int
        Equal seeds give equal noise.
    n_peaks : int
        Largest number of peaks per spectrum.
    vocabulary : Vocabulary or None
        Masses of the tokens; may be None without noise.

    Returns
    -------
    LabelledSpectra
        The batch as the input of a sequencer.
    """
    if noise == Noise():
        spectra = keep_most_intense(batch.spectra, n_peaks)
    else:
        assert vocabulary is not None, "noise needs the masses of the tokens"
        generator = torch.Generator(batch.tokens.device).manual_seed(seed)
        spectra = distort(batch, noise, vocabulary, generator, n_peaks)
    return LabelledSpectra(spectra, batch.tokens, batch.number)


def shuffled_partners(keys: Sequence[Hashable], seed: int) -> Int[ndarray, " spectrum"]:
    """Draw a permutation that maps each spectrum to one of another peptide.

    Parameters
    ----------
    keys : sequence [spectrum]
        Key of the peptide of each spectrum; equal keys are one peptide.
    seed : int
        Equal seeds give equal partners.

    Returns
    -------
    array [spectrum], int64
        Number of the partner of each spectrum.

    Raises
    ------
    InputError
        If one peptide has more than half of the spectra: then there is no permutation.
    """
    rng = np.random.default_rng(seed)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    group = np.array([numbers[key] for key in keys], dtype=np.int64)
    largest = int(np.bincount(group).max()) if len(group) else 0
    if 2 * largest > len(group):
        raise InputError(
            f"{largest} of {len(group)} spectra are of one peptide, so that their peaks cannot be "
            "shuffled; give spectra of more peptides"
        )
    # In spectra sorted by peptide, a shift by the largest group always leads to another peptide.
    place = rng.permutation(len(numbers))
    order = np.lexsort((rng.random(len(group)), place[group]))
    partner = np.empty_like(order)
    partner[order] = np.roll(order, -largest)
    return partner


def shuffle_peaks(batch: LabelledSpectra, seed: int) -> LabelledSpectra:
    """Give each peptide of a batch the peaks of another one; the precursors stay.

    Parameters
    ----------
    batch : LabelledSpectra
        Spectra with their noise, since noise adds ions of the peptide.
    seed : int
        See `shuffled_partners`.

    Raises
    ------
    InputError
        If one peptide has more than half of the spectra of the batch.
    """
    rows = zip(batch.tokens.tolist(), batch.residue_mask.sum(dim=1).tolist(), strict=True)
    partner = shuffled_partners([tuple(tokens[:n]) for tokens, n in rows], seed)
    index = torch.from_numpy(partner).to(batch.tokens.device)
    own, other = batch.spectra, batch.spectra.select(index)
    peaks = other.mz, other.intensity, other.peak_mask
    spectra = Spectra(*peaks, own.precursor_mass, own.precursor_charge)
    return LabelledSpectra(spectra, batch.tokens, batch.number)
