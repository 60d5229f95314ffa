"""Spectra that hold every b ion of their peptides."""

from collections.abc import Sequence

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.simulation.predicted import spectra_of
from denovo.simulation.simulated import SimulatedSpectra


def ladder_spectra(peptides: Sequence[str], vocabulary: Vocabulary) -> SimulatedSpectra:
    """Make spectra of charge 2 from all singly charged b ions of peptides, at intensity 1."""
    lengths = [vocabulary.n_residues(vocabulary.encode(text)) for text in peptides]
    ladders = {"b": [np.ones(n_residues - 1, dtype=np.float32) for n_residues in lengths]}
    return spectra_of(peptides, [2] * len(peptides), ladders, vocabulary)
