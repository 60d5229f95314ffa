"""Preparation of a clean batch for a network: noise, then selection of the most intense peaks."""

import torch

from denovo.chemistry import Vocabulary
from denovo.curriculum import Noise
from denovo.noise import distort
from denovo.spectra.batch import LabelledSpectra, keep_most_intense


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
