"""Sets of spectra that a sequencer is scored on: simulated, measured, and without a meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.curriculum import Noise
from denovo.data import SpectrumSource
from denovo.peptides.identity import identity
from denovo.sequencing.fitting import known_spectra, training_noise
from denovo.typing import Int, ndarray

CLEAN, NOISY = "simulated, clean", "simulated, noisy"
_BATCH = 256
_SEED = 104_729
"""Of the proteins; those of training, and those that probabilities were fitted to, have others."""


class Kind(StrEnum):
    """What the spectra of a set are.

    ``simulated``: predicted. ``measured``: of an instrument. ``control``: measured, but each
    peptide is shown the peaks of another one.
    """

    SIMULATED = "simulated"
    MEASURED = "measured"
    CONTROL = "control"


@dataclass(frozen=True)
class SpectrumSet:
    """Spectra with peptides, and how they are shown.

    Parameters
    ----------
    name : str
        What the set is called in tables.
    kind : Kind
        What they are.
    source : SpectrumSource
        The spectra.
    noise : Noise
        Put on them when they are read.
    """

    name: str
    kind: Kind
    source: SpectrumSource
    noise: Noise = field(default_factory=Noise)

    def __len__(self) -> int:
        return len(self.source)


def simulated_sets(
    vocabulary: Vocabulary, config: Mapping[str, Any], n_spectra: int
) -> list[SpectrumSet]:
    """Predict spectra of peptides that nothing was trained on or fitted to, clean and noisy.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of the network.
    config : mapping
        The configuration of its training: peptides are drawn as there, but from other proteins, and
        the noise is that of its end, on every spectrum.
    n_spectra : int
        How many; with 0 there are no such sets.

    Returns
    -------
    list of SpectrumSet
        `CLEAN`, and `NOISY` if the training ended with noise: the same peptides.
    """
    if not n_spectra:
        return []
    source, noise = known_spectra(vocabulary, config, n_spectra, _SEED), training_noise(config)
    clean = SpectrumSet(CLEAN, Kind.SIMULATED, source)
    is_noisy = noise != Noise(fraction=noise.fraction)
    return [clean, SpectrumSet(NOISY, Kind.SIMULATED, source, noise)] if is_noisy else [clean]


def measured_as_sets(sources: Mapping[str, SpectrumSource]) -> list[SpectrumSet]:
    """Make a set of every file, named as in the mapping."""
    return [SpectrumSet(name, Kind.MEASURED, source) for name, source in sources.items()]


def identities_of(source: SpectrumSource) -> list[str]:
    """Reduce the peptide of every spectrum to bare letters, I read as L; see `identity`."""
    peptides: list[str] = []
    for start in range(0, len(source), _BATCH):
        indices: Int[ndarray, " batch"] = np.arange(start, min(start + _BATCH, len(source)))
        peptides += peptides_in(source.read(indices).tokens.tolist(), source.vocabulary)
    return [identity(peptide) for peptide in peptides]


def peptides_in(tokens: Sequence[Sequence[int]], vocabulary: Vocabulary) -> list[str]:
    """Write padded rows of tokens as peptides in ProForma."""
    return [vocabulary.decode(list(row)) for row in tokens]
