"""Census of annotated files: the fate of every entry, and the spectra that are evaluated."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from denovo.chemistry import Ppm, Vocabulary, mz_to_mass
from denovo.choices import Unsupported
from denovo.errors import InputError, UnreadablePeptideError
from denovo.io import open_spectra
from denovo.spectra.measured import MeasuredSpectrum, Rejected


class Fate(StrEnum):
    """Fate of an entry; the values are the names of the counts.

    ``annotated``: evaluated. ``unannotated``: without a peptide. ``skipped``: peptide outside the
    alphabet. ``unreadable``: peptide in an unknown notation. ``not_selected``: see `Selection`.
    ``rejected``: not a usable MS2 spectrum.
    """

    ANNOTATED = "n_spectra"
    UNANNOTATED = "n_not_annotated"
    SKIPPED = "n_skipped"
    UNREADABLE = "n_unreadable"
    NOT_SELECTED = "n_not_selected"
    REJECTED = "n_rejected"


ALLOWED_MODIFICATIONS = ("C[UNIMOD:4]", "M[UNIMOD:35]")
_MIN_LENGTH, _MAX_LENGTH = 6, 20
_PRECURSOR_FIT = Ppm(50.0)
"""Larger errors indicate a wrong annotation or a wrong isotopic peak."""


class Selection:
    """Select the spectra of one file; an instance stores the precursors that it has kept.

    ``is_comparable`` keeps only spectra comparable with simulated ones: peptides of 6 to 20
    residues, with `ALLOWED_MODIFICATIONS` alone, and a precursor within 50 ppm of the peptide.
    ``one_per_precursor`` keeps only the first spectrum of each peptide and charge.
    """

    def __init__(
        self, vocabulary: Vocabulary, is_comparable: bool = True, one_per_precursor: bool = False
    ) -> None:
        self.vocabulary = vocabulary
        self.is_comparable, self.one_per_precursor = is_comparable, one_per_precursor
        self._kept: set[tuple[int | None, ...]] = set()

    def __call__(self, spectrum: MeasuredSpectrum, tokens: list[int]) -> str | None:
        """Return the reason to leave a spectrum out, or None; tokens are not canonical."""
        reason = self._difference(spectrum, tokens) if self.is_comparable else None
        if reason is None and self.one_per_precursor:
            charge = spectrum.precursor_charge
            key = (*self.vocabulary.canonical[tokens].tolist(), charge)
            if key in self._kept:
                reason = "another spectrum of its peptide and charge precedes it"
            self._kept.add(key)
        return reason

    def _difference(self, spectrum: MeasuredSpectrum, tokens: list[int]) -> str | None:
        names = [self.vocabulary.tokens[token] for token in tokens]
        odd = [name for name in names if "[" in name and name not in ALLOWED_MODIFICATIONS]
        if odd:
            return f"{odd[0]} is not among the modifications {' and '.join(ALLOWED_MODIFICATIONS)}"
        if not _MIN_LENGTH <= len(tokens) <= _MAX_LENGTH:
            return f"{len(tokens)} residues, not {_MIN_LENGTH} to {_MAX_LENGTH}"
        if spectrum.precursor_charge is None:
            return "its precursor has no single charge"
        mass = mz_to_mass(spectrum.precursor_mz, spectrum.precursor_charge)
        if not _PRECURSOR_FIT.contains(mass, self.vocabulary.peptide_mass(tokens)):
            return f"its precursor is over {_PRECURSOR_FIT} from its peptide"
        return None


MakeSelection = Callable[[], Selection] | None
OpenFile = Callable[[Path], Iterable[MeasuredSpectrum | Rejected]]
"""A reader of spectra with their peptides: `open_spectra`, or `SearchResults.open`."""


@dataclass
class Census:
    """Counts of the entries of files by fate.

    Parameters
    ----------
    counts : Counter of Fate
        Number of entries of each fate.
    reasons : Counter of str
        Number of entries left out for each reason.
    skipped : list of Rejected
        Entries that were skipped or unreadable.
    first : str
        A sentence about the first entry that was left out; empty if none was.
    """

    counts: Counter[Fate] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: list[Rejected] = field(default_factory=list)
    first: str = ""

    @property
    def n_entries(self) -> int:
        """Number of entries."""
        return self.counts.total()

    def parts(self) -> Mapping[str, int]:
        """Return the number of entries of each fate by the name of its count."""
        return {fate.value: self.counts[fate] for fate in Fate}

    def as_dict(self) -> dict[str, Any]:
        """Return counts, reasons and skipped entries as plain values."""
        names = ("file", "native_id", "title", "scan", "reason")
        return {
            "n_entries": self.n_entries,
            **self.parts(),
            "reasons": dict(self.reasons.most_common()),
            "skipped": [{name: getattr(entry, name) for name in names} for entry in self.skipped],
        }

    def add(
        self,
        path: Path,
        vocabulary: Vocabulary,
        unsupported: Unsupported = Unsupported.ERROR,
        selection: MakeSelection = None,
        on_entry: Callable[[], object] = lambda: None,
        open_file: OpenFile = open_spectra,
    ) -> int:
        """Count the entries of one file; return the number of annotated spectra.

        ``selection`` makes the `Selection` of the file; None keeps all annotated spectra.
        ``open_file`` reads the file.

        Raises
        ------
        InputError
            If the file cannot be read to its end, or if an annotation is unsupported.
        """
        n_annotated = 0
        for fate, entry in _entries(path, vocabulary, selection, open_file):
            on_entry()
            n_annotated += fate is Fate.ANNOTATED
            self.counts[fate] += 1
            if not isinstance(entry, Rejected):
                continue
            if entry.index is None:
                # Figures of a part of a file must not pass for those of the whole file.
                raise InputError(entry.sentence)
            if fate is Fate.SKIPPED and unsupported is Unsupported.ERROR:
                raise InputError(
                    f"{entry.sentence}; leave such spectra out with --unsupported skip"
                )
            if fate in (Fate.SKIPPED, Fate.UNREADABLE):
                self.skipped.append(entry)
            self.reasons[entry.reason] += 1
            self.first = self.first or entry.sentence
        return n_annotated


def truth_of(spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> list[int] | None:
    """Return the tokens of the annotation, not canonical; None without one."""
    if spectrum.peptide is not None:
        return vocabulary.encode(spectrum.peptide)
    if spectrum.peptide_fault:
        raise UnreadablePeptideError(spectrum.peptide_fault)
    return None


def annotated_spectra(
    path: Path,
    vocabulary: Vocabulary,
    selection: MakeSelection = None,
    intensity_power: float = 1.0,
    open_file: OpenFile = open_spectra,
) -> Iterator[MeasuredSpectrum]:
    """Read the spectra of a file that `Census.add` counts as annotated, in order.

    An ``intensity_power`` of 2 reverses a square root stored in the file.
    """
    for fate, entry in _entries(path, vocabulary, selection, open_file):
        if fate is Fate.ANNOTATED:
            assert isinstance(entry, MeasuredSpectrum)
            relative = entry.intensity / entry.intensity.max()
            yield replace(entry, intensity=relative**intensity_power)


def _entries(
    path: Path, vocabulary: Vocabulary, make_selection: MakeSelection, open_file: OpenFile
) -> Iterator[tuple[Fate, MeasuredSpectrum | Rejected]]:
    """Yield every entry of a file with its fate; those left out as `Rejected`, with a reason."""
    selection = make_selection() if make_selection else None
    for record in open_file(path):
        if isinstance(record, Rejected):
            yield Fate.REJECTED, record
            continue
        try:
            tokens = truth_of(record, vocabulary)
        except InputError as fault:
            is_unreadable = isinstance(fault, UnreadablePeptideError)
            fate = Fate.UNREADABLE if is_unreadable else Fate.SKIPPED
            yield fate, _left_out(record, str(fault))
            continue
        if tokens is None:
            yield Fate.UNANNOTATED, record
            continue
        reason = selection(record, tokens) if selection else None
        if reason:
            yield Fate.NOT_SELECTED, _left_out(record, reason)
        else:
            yield Fate.ANNOTATED, record


def _left_out(spectrum: MeasuredSpectrum, reason: str) -> Rejected:
    names = ("index", "native_id", "title", "line", "scan")
    return Rejected(spectrum.file, reason, *(getattr(spectrum, name) for name in names))
