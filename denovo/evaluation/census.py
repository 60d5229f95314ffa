"""Which entries of files have a peptide that answers can be held against."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from denovo.chemistry import Vocabulary
from denovo.errors import InputError, UnreadablePeptideError
from denovo.io import expand, open_spectra
from denovo.spectra.measured import MeasuredSpectrum, Rejected

Paths = str | Path | Sequence[str | Path]
_N_NAMED = 3
"""How many files a message names before it only hints at more."""


class Unsupported(StrEnum):
    """What to do with annotations that the alphabet of a network cannot write.

    ``error``: stop. ``skip``: leave such spectra out, and list them. Annotations that cannot be
    read at all are always left out and listed.
    """

    ERROR = "error"
    SKIP = "skip"


@dataclass
class Census:
    """What became of every entry of some files.

    Parameters
    ----------
    n_annotated : int
        Spectra whose peptide is known: those that count.
    n_not_annotated : int
        Spectra without a peptide.
    skipped : list of Rejected
        Spectra with a peptide outside the alphabet, or one that cannot be read.
    rejected : mapping of str to int
        Entries that are no usable MS2 spectrum, by reason.
    """

    n_annotated: int = 0
    n_not_annotated: int = 0
    skipped: list[Rejected] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def n_entries(self) -> int:
        """All of them."""
        return sum(self.parts().values())

    def parts(self) -> Mapping[str, int]:
        """Count the entries of each fate."""
        return {
            "n_spectra": self.n_annotated,
            "n_not_annotated": self.n_not_annotated,
            "n_skipped": len(self.skipped),
            "n_rejected": self.rejected.total(),
        }

    def reasons(self) -> Counter[str]:
        """Count why entries were left out, skipped or rejected."""
        return self.rejected + Counter(entry.reason for entry in self.skipped)


def truth_of(spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> list[int] | None:
    """Read the annotation of a spectrum.

    Returns
    -------
    list of int or None
        Residue tokens as annotated, not made canonical; None if there is no annotation.

    Raises
    ------
    UnreadablePeptideError
        If there is one that cannot be read.
    InputError
        If it is outside the alphabet.
    """
    if spectrum.peptide is not None:
        return vocabulary.encode(spectrum.peptide)
    if spectrum.peptide_fault:
        raise UnreadablePeptideError(spectrum.peptide_fault)
    return None


def take_census(
    paths: Paths,
    vocabulary: Vocabulary,
    unsupported: Unsupported = Unsupported.ERROR,
    on_entry: Callable[[], object] = lambda: None,
) -> Census:
    """Go through files and sort their entries, before anything is sequenced.

    Parameters
    ----------
    paths : str, Path, or sequence of them
        As `open_spectra` takes them.
    vocabulary : Vocabulary
        What the peptides are written in.
    unsupported : Unsupported
        Whether a peptide outside the alphabet stops the count.
    on_entry : callable
        Called for every entry.

    Returns
    -------
    Census
        With at least one annotated spectrum.

    Raises
    ------
    InputError
        If a file cannot be read to its end, no spectrum is annotated, or an annotation is
        unsupported and that is an error.
    """
    files = expand(paths)
    census, first = Census(), ""
    for record in open_spectra(files):
        on_entry()
        if isinstance(record, Rejected):
            if record.index is None:
                # Figures of a part of a file would be taken for those of the whole.
                raise InputError(record.sentence)
            census.rejected[record.reason] += 1
            first = first or record.sentence
            continue
        try:
            is_annotated = truth_of(record, vocabulary) is not None
        except InputError as fault:
            skipped = _left_out(record, str(fault))
            is_readable = not isinstance(fault, UnreadablePeptideError)
            if is_readable and unsupported is Unsupported.ERROR:
                raise InputError(
                    f"{skipped.sentence}; leave such spectra out with --unsupported skip"
                ) from fault
            census.skipped.append(skipped)
            first = first or skipped.sentence
            continue
        census.n_annotated += is_annotated
        census.n_not_annotated += not is_annotated
    if not census.n_annotated:
        raise InputError(_nothing_left(files, census, first))
    return census


def annotated_spectra(paths: Paths, vocabulary: Vocabulary) -> Iterator[MeasuredSpectrum]:
    """Read the spectra that `take_census` counts as annotated, in order."""
    for record in open_spectra(paths):
        if isinstance(record, MeasuredSpectrum):
            try:
                truth = truth_of(record, vocabulary)
            except InputError:
                continue
            if truth is not None:
                yield record


def _left_out(spectrum: MeasuredSpectrum, reason: str) -> Rejected:
    return Rejected(
        spectrum.file,
        reason,
        spectrum.index,
        spectrum.native_id,
        spectrum.title,
        spectrum.line,
        spectrum.scan,
    )


def _nothing_left(files: Sequence[Path], census: Census, first: str) -> str:
    named = ", ".join(map(str, files[:_N_NAMED])) + (", ..." if len(files) > _N_NAMED else "")
    example = f" ({first})" if first else ""
    return (
        f"{named}: none of {census.n_entries} entries is a spectrum with a peptide to compare "
        f"with: {census.n_not_annotated} have no peptide, {len(census.skipped)} one outside the "
        f"alphabet and {census.rejected.total()} are no usable spectrum{example}; give annotated "
        "files, such as mgf with SEQ= or an msp library"
    )
