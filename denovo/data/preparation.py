"""What a network sees of a clean batch: its spectra distorted, then cut to the strongest peaks."""

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
    """Distort a clean batch and cut it to its most intense peaks.

    Parameters
    ----------
    batch : LabelledSpectra
        Clean spectra.
    noise : Noise
        Strength of the distortions.
    seed : int
        Equal seeds give equal noise.
    n_peaks : int
        Most peaks kept per spectrum.
    vocabulary : Vocabulary or None
        What the tokens mean; only clean spectra can do without.

    Returns
    -------
    LabelledSpectra
        The batch that the sequencer sees.
    """
    if noise == Noise():
        spectra = keep_most_intense(batch.spectra, n_peaks)
    else:
        assert vocabulary is not None, "noise needs to know what the tokens mean"
        generator = torch.Generator(batch.tokens.device).manual_seed(seed)
        spectra = distort(batch, noise, vocabulary, generator, n_peaks)
    return LabelledSpectra(spectra, batch.tokens, batch.number)
