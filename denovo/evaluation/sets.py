"""Sets of spectra that a sequencer is scored on: simulated, measured, and without a meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from denovo.chemistry import Ppm, Vocabulary, mz_to_mass
from denovo.chemistry.identity import identity
from denovo.curriculum import Noise
from denovo.data import ExchangedSpectra, SpectrumSource
from denovo.errors import InputError
from denovo.sequencing.fitting import known_spectra, training_noise
from denovo.spectra.measured import MeasuredSpectrum
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


_CONTROL_SEED = 0


def control_sets(sets: Sequence[SpectrumSet]) -> tuple[list[SpectrumSet], list[str]]:
    """Exchange the peaks within each measured set.

    Every spectrum keeps its precursor and its peptide, and is shown the peaks of a spectrum of
    another peptide (bare, I = L) of the same set. Whatever is read right then comes from somewhere
    else than the peaks: peptides learnt by heart and found again by their mass, or a truth that has
    leaked into what the sequencer sees. To hold answers to proper spectra against exchanged
    peptides instead would find neither: it tests the counting alone, and hardly that, as few
    peptides of a set weigh the same.

    Parameters
    ----------
    sets : sequence of SpectrumSet
        All that is scored; those that are not measured are passed over.

    Returns
    -------
    controls : list of SpectrumSet
        Named as the sets they are made of.
    faults : list of str
        A sentence for each measured set whose peaks cannot be exchanged.
    """
    controls, faults = [], []
    for each in sets:
        if each.kind is not Kind.MEASURED:
            continue
        try:
            exchanged = ExchangedSpectra(each.source, identities_of(each.source), _CONTROL_SEED)
        except InputError as fault:
            faults.append(f"no control for {each.name}: {fault}")
            continue
        controls.append(SpectrumSet(each.name, Kind.CONTROL, exchanged))
    return controls, faults


ALLOWED_MODIFICATIONS = ("C[UNIMOD:4]", "M[UNIMOD:35]")


class Selection:
    """Refuse spectra that say more about their file than about a sequencer.

    An instance remembers what it has kept, and serves one file.

    Parameters
    ----------
    vocabulary : Vocabulary
        What the peptides are written in.
    min_length, max_length : int
        Shortest and longest peptide, in residues.
    precursor_ppm : float
        Largest distance of the precursor from the peptide in ppm. Beyond, the annotation is wrong
        or an isotope was picked.
    one_per_precursor : bool
        Whether only the first spectrum of each peptide and charge is kept, for files that hold many
        of few peptides.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        min_length: int = 6,
        max_length: int = 20,
        precursor_ppm: float = 50.0,
        one_per_precursor: bool = False,
    ) -> None:
        self.vocabulary = vocabulary
        self.min_length, self.max_length = min_length, max_length
        self.tolerance = Ppm(precursor_ppm)
        self.one_per_precursor = one_per_precursor
        self._kept: set[tuple[int, ...]] = set()

    def __call__(self, spectrum: MeasuredSpectrum, tokens: list[int]) -> str | None:
        """Say why a spectrum is not wanted, or None.

        Parameters
        ----------
        spectrum : MeasuredSpectrum
            With peptide and charge.
        tokens : list of int
            The peptide, modifications as they are written.
        """
        names = [self.vocabulary.tokens[token] for token in tokens]
        odd = [name for name in names if "[" in name and name not in ALLOWED_MODIFICATIONS]
        charge = spectrum.precursor_charge
        assert charge is not None, "annotated spectra have a charge"
        if odd:
            return f"{odd[0]} is modified otherwise than {' and '.join(ALLOWED_MODIFICATIONS)}"
        if not self.min_length <= len(tokens) <= self.max_length:
            return f"{len(tokens)} residues, not {self.min_length} to {self.max_length}"
        mass = mz_to_mass(spectrum.precursor_mz, charge)
        if not self.tolerance.contains(mass, self.vocabulary.peptide_mass(tokens)):
            return f"its precursor is over {self.tolerance} from its peptide"
        key = (*self.vocabulary.canonical[tokens].tolist(), charge)
        if self.one_per_precursor and key in self._kept:
            return "another spectrum of its peptide and charge is there already"
        self._kept.add(key)
        return None
