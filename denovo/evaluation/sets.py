"""Sets of spectra to evaluate on: files, simulated spectra, and the control with shuffled peaks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatch
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from denovo.chemistry import PROTON_MASS, Vocabulary
from denovo.chemistry.identity import identity
from denovo.curriculum import Noise
from denovo.data import AnnotatedSpectra, SpectrumSource, prepare_batch, shuffled_partners
from denovo.errors import InputError
from denovo.evaluation.census import (
    Census,
    Fate,
    OpenFile,
    Selection,
    Unsupported,
    annotated_spectra,
)
from denovo.io import expand, open_spectra
from denovo.sequencing.fitting import known_spectra, training_noise
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.measured import MeasuredSpectrum

CLEAN, NOISY = "simulated, clean", "simulated, noisy"
_BATCH = 64
_NOISE_SEED = 0
_CONTROL_SEED = 0
_PROTEIN_SEED = 104_729
"""Seed of the simulated proteins; differs from those of training and of calibration."""
_MAX_NAMED = 3
"""Number of files that a message names."""


class SetKind(StrEnum):
    """Origin of the spectra of a set.

    ``simulated``: predicted. ``measured``: from an instrument. ``control``: measured, with peaks
    shuffled between peptides.
    """

    SIMULATED = "simulated"
    MEASURED = "measured"
    CONTROL = "control"


@dataclass(frozen=True)
class EvaluationSet:
    """Spectra with known peptides.

    Parameters
    ----------
    name : str
        Name in tables.
    kind : SetKind
        Origin of the spectra.
    n_spectra : int
        Number of spectra.
    read : callable
        Returns the spectra, each with a peptide; may be called more than once.
    """

    name: str
    kind: SetKind
    n_spectra: int
    read: Callable[[], Iterable[MeasuredSpectrum]]


def measured_sets(
    files: Sequence[str | Path],
    vocabulary: Vocabulary,
    unsupported: Unsupported = Unsupported.ERROR,
    is_comparable: bool = False,
    one_per_precursor: Sequence[str] = (),
    sqrt_intensity: Sequence[str] = (),
    on_entry: Callable[[], object] = lambda: None,
    open_file: OpenFile = open_spectra,
    open_counted: OpenFile | None = None,
) -> tuple[list[EvaluationSet], Census]:
    """Count the entries of annotated files and make a set of each file; peaks are not stored.

    Parameters
    ----------
    files : sequence of str or Path
        Files of any format, or patterns.
    vocabulary : Vocabulary
        Alphabet of the network.
    unsupported : Unsupported
        What to do with peptides outside the alphabet.
    is_comparable : bool
        See `Selection`.
    one_per_precursor : sequence of str
        Names of files, or patterns, of which one spectrum per peptide and charge is kept.
    sqrt_intensity : sequence of str
        Names of files, or patterns, that hold square roots of intensities.
    on_entry : callable
        Called for every entry.
    open_file : callable
        Reads a file; `SearchResults.open` takes the peptides from search results.
    open_counted : callable or None
        Yields the entries that are counted, whose peaks do not matter; ``open_file`` if None.

    Returns
    -------
    sets : list of EvaluationSet
        One for each file with annotated spectra, named by the file name, or by the path if two
        names are equal.
    census : Census
        Fate of all entries.

    Raises
    ------
    InputError
        If a file cannot be read to its end, a name matches no file, no spectrum is annotated, or an
        annotation is unsupported while that is an error.
    """
    paths = _named_files(files, one_per_precursor, sqrt_intensity)
    census, sets = Census(), []
    for name, path in paths.items():
        selection = partial(
            Selection, vocabulary, is_comparable, _is_named(path, one_per_precursor)
        )
        power = 2.0 if _is_named(path, sqrt_intensity) else 1.0
        counted = open_counted or open_file
        n_spectra = census.add(path, vocabulary, unsupported, selection, on_entry, counted)
        if n_spectra:
            read = partial(annotated_spectra, path, vocabulary, selection, power, open_file)
            sets.append(EvaluationSet(name, SetKind.MEASURED, n_spectra, read))
    if not sets:
        raise InputError(_nothing_left(list(paths.values()), census))
    return sets, census


def open_sources(
    files: Sequence[str | Path],
    vocabulary: Vocabulary,
    sqrt_intensity: Sequence[str] = (),
    is_comparable: bool = False,
) -> dict[str, AnnotatedSpectra]:
    """Load each file as a source, by file name; parameters as those of `measured_sets`.

    Spectra that are not annotated, supported and selected are skipped.
    """
    return {
        name: AnnotatedSpectra(
            path,
            vocabulary,
            unsupported="skip",
            intensity_power=2.0 if _is_named(path, sqrt_intensity) else 1.0,
            refuse=Selection(vocabulary, is_comparable),
        )
        for name, path in _named_files(files, sqrt_intensity).items()
    }


def _named_files(files: Sequence[str | Path], *patterns: Sequence[str]) -> dict[str, Path]:
    """List files by name, or by path if two names are equal; each pattern must match a file."""
    paths = expand(files)
    for pattern in chain(*patterns):
        if not any(_is_named(path, [pattern]) for path in paths):
            raise InputError(f"{pattern} names none of the files; give the name of one of them")
    has_same_names = len({path.name for path in paths}) < len(paths)
    return {str(path) if has_same_names else path.name: path for path in paths}


def _is_named(path: Path, patterns: Sequence[str]) -> bool:
    """Return whether a file matches one of the names or patterns."""
    return any(fnmatch(path.name, Path(pattern).name) for pattern in patterns)


def _nothing_left(files: Sequence[Path], census: Census) -> str:
    named = ", ".join(map(str, files[:_MAX_NAMED])) + (", ..." if len(files) > _MAX_NAMED else "")
    example = f" ({census.first})" if census.first else ""
    n = census.counts
    return (
        f"{named}: none of {census.n_entries} entries is a spectrum with a peptide to compare "
        f"with: {n[Fate.UNANNOTATED]} have no peptide, {n[Fate.SKIPPED]} one outside the alphabet, "
        f"{n[Fate.UNREADABLE]} one in no known notation, {n[Fate.NOT_SELECTED]} are not selected "
        f"and {n[Fate.REJECTED]} are no usable spectrum{example}; "
        "give annotated files, such as mgf with SEQ= or an msp library"
    )


def simulated_sets(
    vocabulary: Vocabulary, config: Mapping[str, Any], n_spectra: int, n_peaks: int
) -> list[EvaluationSet]:
    """Predict clean and noisy spectra of peptides that are used neither in training nor in fits.

    Parameters
    ----------
    vocabulary : Vocabulary
        Alphabet of the network.
    config : mapping
        Configuration of the training. Peptides are sampled in the same way from other proteins;
        every spectrum has the noise of the last stage.
    n_spectra : int
        Number of spectra; 0 for no sets.
    n_peaks : int
        Number of most intense peaks kept of each.

    Returns
    -------
    list of EvaluationSet
        `CLEAN`, and `NOISY` of the same peptides if the training ended with noise.
    """
    if not n_spectra:
        return []
    source = known_spectra(vocabulary, config, n_spectra, _PROTEIN_SEED)
    noise = training_noise(config)
    is_noisy = noise != Noise(noisy_fraction=noise.noisy_fraction)
    return [
        EvaluationSet(name, SetKind.SIMULATED, len(source), partial(_read, source, shown, n_peaks))
        for name, shown in ((CLEAN, Noise()), (NOISY, noise))[: 1 + is_noisy]
    ]


def _read(source: SpectrumSource, noise: Noise, n_peaks: int) -> Iterator[MeasuredSpectrum]:
    order = np.argsort(source.lengths, kind="stable")
    for number, start in enumerate(range(0, len(order), _BATCH)):
        indices = order[start : start + _BATCH]
        known = source.read(indices)
        shown = prepare_batch(known, noise, _NOISE_SEED + number, n_peaks, source.vocabulary)
        yield from records_of(shown, source.identifiers(indices), source.vocabulary)


def records_of(
    batch: LabelledSpectra, titles: Sequence[str], vocabulary: Vocabulary
) -> Iterator[MeasuredSpectrum]:
    """Yield the spectra of a batch as records with their peptides."""
    spectra = batch.spectra
    for row, title in enumerate(titles):
        is_peak = spectra.peak_mask[row]
        charge = int(spectra.precursor_charge[row])
        yield MeasuredSpectrum(
            title=title,
            index=row,
            line=0,
            precursor_mz=float(spectra.precursor_mass[row]) / charge + PROTON_MASS,
            precursor_charge=charge,
            mz=spectra.mz[row][is_peak].double().numpy(),
            intensity=spectra.intensity[row][is_peak].double().numpy(),
            peptide=vocabulary.decode(batch.tokens[row].tolist()),
        )


def control_sets(
    sets: Sequence[EvaluationSet], vocabulary: Vocabulary
) -> tuple[list[EvaluationSet], list[str]]:
    """Shuffle the peaks within each measured set, which is loaded into memory.

    Every spectrum keeps its precursor and peptide, and gets the peaks of a spectrum of another
    peptide of the same set. Answers that are right nevertheless do not depend on the peaks: the
    network has memorised peptides by mass, or the truth leaks into its input.

    Parameters
    ----------
    sets : sequence of EvaluationSet
        All sets; those that are not measured are ignored.
    vocabulary : Vocabulary
        Residues of the peptides.

    Returns
    -------
    controls : list of EvaluationSet
        Controls with the names of their sets.
    notes : list of str
        One sentence for each measured set whose peaks cannot be shuffled.
    """
    controls, notes = [], []
    for each in sets:
        if each.kind is not SetKind.MEASURED:
            continue
        own = list(each.read())
        texts = [spectrum.peptide for spectrum in own]
        keys = [identity(vocabulary.decode(vocabulary.encode(text))) for text in texts if text]
        try:
            partners = shuffled_partners(keys, _CONTROL_SEED).tolist()
        except InputError as fault:
            notes.append(f"no control for {each.name}: {fault}")
            continue
        shuffled = [
            replace(spectrum, mz=own[other].mz, intensity=own[other].intensity)
            for spectrum, other in zip(own, partners, strict=True)
        ]
        read = partial(list, shuffled)
        controls.append(EvaluationSet(each.name, SetKind.CONTROL, len(shuffled), read))
    return controls, notes
