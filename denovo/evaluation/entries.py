"""Entries of annotated files, and the entries that rows of answers refer to."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from denovo.chemistry import (
    Modification,
    ResidueAlphabet,
    Vocabulary,
    as_proforma,
    find_modification,
    unimod,
)
from denovo.chemistry.pyteomics_mass import mass
from denovo.errors import InputError
from denovo.evaluation.census import OpenFile
from denovo.io import open_spectra
from denovo.io.predictions import ProgramAnswer, ProgramFile
from denovo.io.references import is_renamed, places_of
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_MODIFIED = re.compile(r"([A-Z])\[([^\]]+)\]")
_N_TERMINAL = re.compile(r"(?:\[[^\]]+\])+(?=-)")
_TAG = re.compile(r"\[([^\]]+)\]")
_LETTERS = "GASPVTLINDQKEMHFRYW"
_KNOWN = {
    **dict.fromkeys("STY", ("UNIMOD:21",)),
    **{"C": ("UNIMOD:4",), "M": ("UNIMOD:35",), "N": ("UNIMOD:7",), "Q": ("UNIMOD:7",)},
    "": ("UNIMOD:1", "UNIMOD:5", "UNIMOD:385"),
}
"""Modifications that programs write as masses, by residue; empty: the N-terminus."""
_SAME_MASS = 1e-6
_NO_PEAKS = {"mz": np.empty(0), "intensity": np.empty(0)}
_MZ_TOLERANCE = 0.01
"""Largest difference in Th between two statements of one precursor."""


@dataclass
class Entries:
    """All entries of files, annotated or not, without their peaks.

    Parameters
    ----------
    files : dict of Path to list of MeasuredSpectrum or Rejected
        The entries of each file.
    """

    files: dict[Path, list[MeasuredSpectrum | Rejected]]

    @classmethod
    def of(
        cls,
        files: Sequence[Path],
        on_entry: Callable[[], object],
        open_file: OpenFile = open_spectra,
    ) -> "Entries":
        """Read all entries, by ``open_file``."""
        found: dict[Path, list[MeasuredSpectrum | Rejected]] = {path: [] for path in files}
        for path, entries in found.items():
            for entry in open_file(path):
                on_entry()
                is_spectrum = isinstance(entry, MeasuredSpectrum)
                entries.append(replace(entry, **_NO_PEAKS) if is_spectrum else entry)
        return cls(found)

    def open(self, path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
        """Yield the entries of a file."""
        yield from self.files[path]

    @cached_property
    def table(self) -> pd.DataFrame:
        """``file``, ``index``, ``native_id``, ``title``, ``scan`` and ``precursor_mz`` of each."""
        names = ["file", "index", "native_id", "title", "scan", "precursor_mz"]
        every = list(chain.from_iterable(self.files.values()))
        columns = {name: [getattr(entry, name, None) for entry in every] for name in names}
        return pd.DataFrame(columns)

    def vocabulary(self, answers: Sequence[ProgramFile]) -> Vocabulary:
        """Return the vocabulary of the residues of annotations and answers.

        It has the 20 amino acids, C as carbamidomethylated C, the modifications that programs
        write as masses, and all others that UNIMOD knows or that are formulas.
        """
        texts = {answer.peptide for file in answers for answer in file.answers}
        entries = chain.from_iterable(self.files.values())
        texts |= {e.peptide for e in entries if isinstance(e, MeasuredSpectrum) and e.peptide}
        tags = set[tuple[str, str]]().union(*map(tags_of, texts))
        known: dict[str, list[Modification]] = {
            site: [unimod().modifications[accession] for accession in accessions]
            for site, accessions in _KNOWN.items()
        }
        for site, name in sorted(tags):
            found = find_modification(name)
            of_site = known.setdefault(site, [])
            if found and all(abs(found.mass - each.mass) > _SAME_MASS for each in of_site):
                of_site.append(found)
        residues = [f"{site}[{m.accession}]" for site, of in known.items() if site for m in of]
        alphabet = ResidueAlphabet(
            "annotations and answers",
            [*_LETTERS, *residues],
            {
                m.accession: {"name": m.name, "formula": m.formula}
                for of in known.values()
                for m in of
            },
            [f"[{m.accession}]-" for m in known[""]],
            {"C": "C[UNIMOD:4]"},
        )
        return Vocabulary(alphabet)


def tags_of(peptide: str) -> set[tuple[str, str]]:
    """Return the residue and the text of each modification; an empty residue is the N-terminus."""
    text = as_proforma(peptide)
    start = _N_TERMINAL.match(text)
    found = {(letter, tag) for letter, tag in _MODIFIED.findall(text) if letter in mass.std_aa_mass}
    return found | {("", tag) for tag in _TAG.findall(start[0] if start else "")}


@dataclass
class Resolved:
    """Answers by the entry that they refer to.

    Parameters
    ----------
    answers : dict of int to ProgramAnswer
        For each entry with rows, by its place in `Entries.table`, the row with the best score.
    counts : Counter of str
        Number of rows by fate.
    examples : dict of str to str
        The first row of each fate.
    """

    answers: dict[int, ProgramAnswer] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def count(self, fate: str, answer: ProgramAnswer) -> None:
        """Count a row, and keep the first as an example."""
        self.counts[fate] += 1
        self.examples.setdefault(fate, f"row {answer.line}, {answer.spectrum!r}")


NO_ENTRY = "rows that name no spectrum of the files"
SEVERAL = "rows that name several spectra"
NOT_EVALUATED = "rows of spectra that are not evaluated"
OTHER_PRECURSOR = "rows that state another precursor m/z than their spectrum"
FURTHER = "rows with further answers to a spectrum"


def resolve(
    path: Path, found: ProgramFile, entries: Entries, is_evaluated: Sequence[bool]
) -> Resolved:
    """Find the entry of each row.

    The kind of reference is the one by which most rows find an evaluated spectrum with the
    precursor that they state; of equal kinds, the first of the program.

    Raises
    ------
    InputError
        If no row finds a spectrum, or most of them state another precursor.
    """
    results = [_by_kind(kind, found, entries, is_evaluated) for kind in found.kinds]
    best = max(results, key=lambda each: len(each.answers) - each.counts[OTHER_PRECURSOR])
    n_found, first = len(best.answers), entries.table["title"].iloc[0]
    if not n_found:
        raise InputError(
            f"{path}: none of {len(found.answers)} rows of {found.program} names an evaluated "
            f"spectrum of the annotated files: the first names {found.answers[0].spectrum!r}, the "
            f"first spectrum is {first!r}; give the files that the program has read"
        )
    if best.counts[OTHER_PRECURSOR] > n_found / 2:
        raise InputError(
            f"{path}: {best.counts[OTHER_PRECURSOR]} of {n_found} rows state another precursor m/z "
            f"than their spectrum (first: {best.examples[OTHER_PRECURSOR]}); give the files that "
            f"{found.program} has read"
        )
    return best


def _by_kind(
    kind: str, found: ProgramFile, entries: Entries, is_evaluated: Sequence[bool]
) -> Resolved:
    table = entries.table
    is_file_ignored = is_renamed({each.file for each in found.answers}, set(table["file"]))
    mz = table["precursor_mz"].tolist()
    resolved = Resolved()
    found_at = places_of(found.answers, kind, table, is_file_ignored)
    for answer, at in zip(found.answers, found_at, strict=True):
        if len(at) != 1:
            resolved.count(SEVERAL if at else NO_ENTRY, answer)
            continue
        place = at[0]
        if not is_evaluated[place]:
            resolved.count(NOT_EVALUATED, answer)
            continue
        if answer.precursor_mz is not None and abs(answer.precursor_mz - mz[place]) > _MZ_TOLERANCE:
            resolved.count(OTHER_PRECURSOR, answer)
        other = resolved.answers.get(place)
        if other is not None:
            resolved.count(FURTHER, answer)
        if other is None or answer.score > other.score:
            resolved.answers[place] = answer
    return resolved
