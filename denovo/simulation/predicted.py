"""Predicted spectra of a few peptides, without a store."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import SyntheticProteome
from denovo.simulation.simulated import SimulatedSpectra
from denovo.simulation.simulator import make_simulator
from denovo.typing import Float32, ndarray

_PEPTIDES_PER_PROTEIN = 20
"""Peptides that a synthetic protein gives at least, by the default digestion."""
_MAX_PROTEINS_PER_PEPTIDE = 100
"""Digestions that give fewer peptides than this asks for are refused."""


def predict_spectra(
    vocabulary: Vocabulary,
    n_spectra: int,
    model: str | Mapping[str, float] = "HCDch2",
    seed: int = 1,
    digest: Digest | None = None,
    precursors: Precursors | None = None,
) -> SimulatedSpectra:
    """Predict spectra of a few tryptic peptides with MS2PIP.

    Parameters
    ----------
    vocabulary : Vocabulary
        Residues of the peptides.
    n_spectra : int
        Number of peptides, at least 1.
    model : str or mapping of str to float
        Model of MS2PIP, or weights of several; see `make_simulator`.
    seed : int
        Seed of the synthetic proteins. It differs from the seed of the training proteins, so that
        a network has not seen these peptides.
    digest : Digest or None
        Digestion; by default into peptides of 7 to 20 residues.
    precursors : Precursors or None
        Charges and modifications; by default charge 2 or 3, and only the modifications that the
        alphabet implies.

    Returns
    -------
    SimulatedSpectra
        ``n_spectra`` spectra.

    Raises
    ------
    InputError
        If the digestion gives hardly any peptides.
    """
    sequences = _peptides(n_spectra, seed, digest or Digest(), vocabulary)
    drawn = (precursors or Precursors()).draw(sequences, vocabulary.alphabet, seed)
    peptides, charges = [p.peptide for p in drawn], [p.charge for p in drawn]
    intensities = make_simulator(model).predict(peptides, charges, vocabulary.alphabet)
    return spectra_of(peptides, charges, intensities, vocabulary)


def _peptides(n: int, seed: int, digest: Digest, vocabulary: Vocabulary) -> list[str]:
    """Digest as many synthetic proteins as it takes."""
    n_proteins, alphabet = 1 + n // _PEPTIDES_PER_PROTEIN, vocabulary.alphabet
    while len(found := digest.peptides(SyntheticProteome(n_proteins, seed), alphabet)) < n:
        if n_proteins > n * _MAX_PROTEINS_PER_PEPTIDE:
            raise InputError(
                f"{n_proteins:,} synthetic proteins give {len(found)} of {n} peptides by this "
                "digestion; set a wider range of lengths or more missed cleavages"
            )
        n_proteins *= 2
    return found[:n]


def spectra_of(
    peptides: Sequence[str],
    charges: Sequence[int],
    intensities: Mapping[str, Sequence[Float32[ndarray, " _"]]],
    vocabulary: Vocabulary,
) -> SimulatedSpectra:
    """Wrap predicted intensities as a source of spectra, in the order of the peptides.

    Parameters
    ----------
    peptides : sequence of str
        ProForma text, in the spelling of the alphabet.
    charges : sequence of int
        Charge of each precursor.
    intensities : mapping of str to sequence of array
        For each ion type one array for each peptide, by ordinal.
    vocabulary : Vocabulary
        Tokens and masses.
    """
    columns = {
        ion: pa.array([row.tolist() for row in rows], pa.list_(pa.float32()))
        for ion, rows in intensities.items()
    }
    table = {"peptide": list(peptides), "charge": pa.array(charges, pa.int8()), **columns}
    return SimulatedSpectra(pa.table(table), vocabulary)
