"""Peaks exchanged among peptides: what is read then, was not read from a spectrum."""

from collections.abc import Hashable, Sequence

import numpy as np
import torch

from denovo.chemistry import Vocabulary
from denovo.data.batches import SpectrumSource
from denovo.errors import InputError
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.typing import Int, ndarray


def exchange_partners(keys: Sequence[Hashable], seed: int) -> Int[ndarray, " spectrum"]:
    """Draw for each spectrum another one, of another peptide, each exactly once.

    Parameters
    ----------
    keys : sequence [spectrum]
        What the peptide of each spectrum is known by; equal keys are one peptide.
    seed : int
        Equal seeds give equal partners.

    Returns
    -------
    array [spectrum], int64
        A permutation without a spectrum whose partner has its own key.

    Raises
    ------
    InputError
        If one peptide has more than half of the spectra: then there is no such permutation.
    """
    rng = np.random.default_rng(seed)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    group = np.array([numbers[key] for key in keys], dtype=np.int64)
    largest = int(np.bincount(group).max()) if len(group) else 0
    if 2 * largest > len(group):
        raise InputError(
            f"{largest} of {len(group)} spectra are of one peptide, so that their peaks cannot be "
            "exchanged with those of others; give spectra of more peptides"
        )
    # In the order of their peptides, spectra a whole peptide apart are of different ones.
    place = rng.permutation(len(numbers))
    order = np.lexsort((rng.random(len(group)), place[group]))
    partner = np.empty_like(order)
    partner[order] = np.roll(order, -largest)
    return partner


def exchange_peaks(batch: LabelledSpectra, seed: int) -> LabelledSpectra:
    """Show each peptide of a batch the peaks of another one of it; the precursors stay.

    Parameters
    ----------
    batch : LabelledSpectra
        Spectra as they are to be shown, noise included: noise adds ions of the peptide.
    seed : int
        See `exchange_partners`.

    Raises
    ------
    InputError
        If one peptide has more than half of the spectra of the batch.
    """
    rows = zip(batch.tokens.tolist(), batch.residue_mask.sum(dim=1).tolist(), strict=True)
    partner = exchange_partners([tuple(tokens[:n]) for tokens, n in rows], seed)
    index = torch.from_numpy(partner).to(batch.tokens.device)
    spectra = _with_peaks_of(batch.spectra, batch.spectra.select(index))
    return LabelledSpectra(spectra, batch.tokens, batch.number)


class ExchangedSpectra:
    """A `SpectrumSource` that keeps precursors and peptides of another, but exchanges its peaks.

    Parameters
    ----------
    source : SpectrumSource
        The spectra.
    keys : sequence [spectrum]
        What the peptide of each is known by.
    seed : int
        See `exchange_partners`.

    Raises
    ------
    InputError
        If one peptide has more than half of the spectra.
    """

    def __init__(self, source: SpectrumSource, keys: Sequence[Hashable], seed: int) -> None:
        self.source = source
        self.partners = exchange_partners(keys, seed)

    @property
    def vocabulary(self) -> Vocabulary:
        """That of the source."""
        return self.source.vocabulary

    @property
    def lengths(self) -> Int[ndarray, " spectra"]:
        """Residues of each peptide."""
        return self.source.lengths

    def __len__(self) -> int:
        return len(self.source)

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read precursors and peptides of some spectra, and the peaks of their partners."""
        own, other = self.source.read(indices), self.source.read(self.partners[indices])
        return LabelledSpectra(_with_peaks_of(own.spectra, other.spectra), own.tokens)

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return what the source calls the spectra whose precursors these are."""
        return self.source.identifiers(indices)


def _with_peaks_of(own: Spectra, other: Spectra) -> Spectra:
    return Spectra(
        other.mz, other.intensity, other.peak_mask, own.precursor_mass, own.precursor_charge
    )
