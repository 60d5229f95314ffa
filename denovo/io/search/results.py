"""Search results matched to the entries of spectrum files, with a reason for every row left out."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denovo.chemistry import (
    ISOTOPE_SPACING,
    WATER_MASS,
    as_proforma,
    bare_sequence,
    mass_to_mz,
    unimod,
)
from denovo.chemistry.identity import mass_shift
from denovo.chemistry.pyteomics_mass import mass
from denovo.errors import InputError
from denovo.io.reading import expand, open_spectra
from denovo.io.references import is_renamed, names_of, places_of
from denovo.io.search.formats import SearchMatch, read_matches, without_charge
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Bool, Float64, ndarray

_KINDS = ("native_id", "title", "scan", "index")
_ISOTOPES = (0, 1, 2, 3, -1)
"""Isotopic peaks that a search engine may have read as the monoisotopic one."""
_MZ_TOLERANCE = 0.05
"""Largest difference in Th of a precursor and that of its row, which may be recalibrated."""
_CARBAMIDOMETHYL = unimod().modifications["UNIMOD:4"].mass
_TAG = re.compile(r"\[([^\]]+)\]")
_PROTEIN_PREFIXES = ("rev_", "REV__", "DECOY_", "decoy_", "XXX_", "##")
"""Prefixes of decoy proteins in formats that do not mark decoys."""
USED, DECOYS, ABOVE = "accepted", "decoys", "above the q-value"
FURTHER, LEFT_OUT = "further rows of a spectrum", "without a spectrum"

Entry = tuple[str, int]
"""File and index of an entry."""


@dataclass
class SearchResults:
    """Accepted rows of search results by entry; made by `read_search_results`.

    Iteration yields the annotated entries: each `MeasuredSpectrum` with an accepted row, with its
    peptide in ProForma and its charge.

    Parameters
    ----------
    spectra : list of Path
        The spectrum files.
    programs : list of str
        Format of each file of search results.
    matches : dict of Entry to SearchMatch
        The accepted row of each entry.
    mismatches : list of Rejected
        Accepted rows that belong to no usable entry, each with the reason.
    counts : Counter of str
        Number of rows by fate.
    notes : list of str
        One sentence for each file without q-values.
    """

    spectra: list[Path]
    programs: list[str] = field(default_factory=list)
    matches: dict[Entry, SearchMatch] = field(default_factory=dict)
    mismatches: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[MeasuredSpectrum]:
        for path in self.spectra:
            for record in self.open(path):
                if isinstance(record, MeasuredSpectrum) and record.peptide is not None:
                    yield record

    def open(self, path: str | Path) -> Iterator[MeasuredSpectrum | Rejected]:
        """Read a spectrum file as `open_spectra` does, with the accepted peptides alone."""
        for record in open_spectra(path):
            if isinstance(record, MeasuredSpectrum):
                record = self._annotated(record)
            yield record

    def _annotated(self, spectrum: MeasuredSpectrum) -> MeasuredSpectrum:
        match = self.matches.get((spectrum.file, spectrum.index))
        if match is None:
            return replace(spectrum, peptide=None, peptide_fault=None)
        charge = spectrum.precursor_charge or match.precursor_charge
        return replace(
            spectrum,
            peptide=match.peptide,
            peptide_fault=None,
            precursor_charge=charge,
            possible_charges=() if charge else spectrum.possible_charges,
        )


def read_search_results(
    paths: str | Path | Sequence[str | Path],
    spectra: str | Path | Sequence[str | Path],
    max_q_value: float = 0.01,
    on_entry: Callable[[], object] = lambda: None,
) -> SearchResults:
    """Read search results, filter them, and match them to the entries of spectrum files.

    Of each spectrum, the best row counts. Where a file has no q-values, they are estimated from its
    decoys; without decoys, all rows are accepted, as search programs filter such files themselves.

    Parameters
    ----------
    paths : str, Path, or sequence of them
        Files of search results; the first that has a spectrum counts.
    spectra : str, Path, or sequence of them
        Spectrum files, or patterns.
    max_q_value : float
        Largest q-value of accepted rows.
    on_entry : callable
        Called for every entry of the spectrum files.

    Returns
    -------
    SearchResults
        Accepted rows by entry, and rows that belong to no entry with the reason.

    Raises
    ------
    InputError
        If a file cannot be read, or no accepted row belongs to an entry.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [*map(Path, paths)]
    read = [(path, *read_matches(path)) for path in files]
    found = SearchResults(expand(spectra))
    entries = _entries(found.spectra, on_entry)
    for path, program, rows in read:
        found.programs.append(program)
        accepted, note = _accepted(rows, max_q_value, found.counts)
        found.notes += [f"{path}: {note}"] if note else []
        if not accepted:
            estimated = f" ({note})" if note else ""
            raise InputError(
                f"{path}: none of {len(rows)} rows of {program} has a q-value of at most "
                f"{max_q_value:g}{estimated}; give a larger --max-q-value"
            )
        _Matching(path, program, accepted, entries).add_to(found)
    return found


def _entries(files: Sequence[Path], on_entry: Callable[[], object]) -> pd.DataFrame:
    """List all entries, with the reason of those that cannot be used."""
    rows: list[tuple[Any, ...]] = []
    for path in files:
        for entry in open_spectra(path):
            on_entry()
            if isinstance(entry, Rejected):
                mz, charge, reason = None, None, entry.reason
            else:
                mz, charge, reason = entry.precursor_mz, entry.precursor_charge, ""
            names = entry.native_id, entry.title, entry.scan
            rows.append((entry.file, entry.index, *names, mz, charge, reason))
    names = ("file", "index", "native_id", "title", "scan", "mz", "charge", "reason")
    return pd.DataFrame(rows, columns=pd.Index(names), dtype=object)


def _accepted(
    rows: Sequence[SearchMatch], max_q_value: float, counts: Counter[str]
) -> tuple[list[SearchMatch], str]:
    """Return the accepted rows, one for each spectrum, and a note on q-values."""
    best: dict[tuple[str, str], SearchMatch] = {}
    for row in rows:
        key = row.file, without_charge(row.spectrum, row.file)
        other = best.get(key)
        if other is None or _order(row) < _order(other):
            best[key] = row
    chosen = list(best.values())
    is_decoy = np.array([_is_decoy(row) for row in chosen])
    q_values, note = _q_values(chosen, is_decoy)
    is_good = np.array([q is None or q <= max_q_value for q in q_values])
    counts[FURTHER] += len(rows) - len(chosen)
    counts[DECOYS] += int(is_decoy.sum())
    counts[ABOVE] += int((~is_decoy & ~is_good).sum())
    kept = [
        replace(row, q_value=q, peptide=as_proforma(row.peptide))
        for row, q, is_kept in zip(chosen, q_values, is_good & ~is_decoy, strict=True)
        if is_kept
    ]
    return kept, note


def _order(row: SearchMatch) -> tuple[int, float, bool]:
    """Return the key that ranks the rows of a spectrum; of equal ones, the decoy counts."""
    return row.rank, -row.score, not _is_decoy(row)


def _is_decoy(row: SearchMatch) -> bool:
    return row.is_decoy or (
        bool(row.proteins) and all(each.startswith(_PROTEIN_PREFIXES) for each in row.proteins)
    )


def _q_values(
    rows: Sequence[SearchMatch], is_decoy: Bool[ndarray, " row"]
) -> tuple[list[float | None], str]:
    """Return the q-values of rows, None if they are unknown, and a note if the file has none."""
    stated = [row.q_value for row in rows]
    if n_known := sum(q is not None for q in stated):
        n = len(stated) - n_known
        note = f"{n:,} rows state no q-value and are left out" if n else ""
        return [math.inf if q is None else q for q in stated], note
    if not is_decoy.any():
        return [None] * len(rows), "no q-values and no decoys; all its rows are accepted"
    scores = np.array([row.score for row in rows])
    found: list[float | None] = decoy_q_values(scores, is_decoy).tolist()
    return found, "no q-values; they are estimated from its decoys"


def decoy_q_values(
    score: Float64[ndarray, " row"], is_decoy: Bool[ndarray, " row"]
) -> Float64[ndarray, " row"]:
    """Estimate q-values from the decoys that compete with targets for spectra.

    Parameters
    ----------
    score : array [row], float64
        Score of the best row of each spectrum, higher is better.
    is_decoy : array [row], bool
        Whether that row is a decoy.

    Returns
    -------
    array [row], float64
        In [0, 1]: the smallest ratio of decoys plus one to targets among the rows at least as good.

    Notes
    -----
    The decoy that is added makes the rate conservative: Levitsky et al., J. Proteome Res. 16, 393
    (2017), doi:10.1021/acs.jproteome.6b00144.
    """
    order = np.argsort(-score, kind="stable")
    ranked, decoys = score[order], np.cumsum(is_decoy[order])
    targets = np.arange(1, len(order) + 1) - decoys
    rate = (decoys + 1) / np.maximum(targets, 1)
    # Rows of equal score are accepted together, so the last of them counts.
    last = np.searchsorted(-ranked, -ranked, side="right") - 1
    least = np.minimum.accumulate(rate[last][::-1])[::-1]
    result = np.empty(len(order))
    result[order] = np.minimum(least, 1.0)
    return result


class _Matching:
    """Accepted rows of one file, and the entries they may belong to."""

    def __init__(
        self, path: Path, program: str, rows: Sequence[SearchMatch], entries: pd.DataFrame
    ) -> None:
        self.path, self.program, self.rows, self.entries = path, program, rows, entries
        files = set(entries["file"])
        self.runs = frozenset().union(*map(names_of, files))
        self.is_file_ignored = is_renamed({row.file for row in rows}, files)
        self.columns: Mapping[str, list[Any]] = {
            name: entries[name].tolist() for name in entries.columns
        }

    def add_to(self, found: SearchResults) -> None:
        """Add the rows by the kind of reference by which most of them find an entry."""
        results = [self._by_kind(kind) for kind in _KINDS]
        reasons = max(results, key=lambda each: sum(isinstance(found, int) for found in each))
        if not any(isinstance(each, int) for each in reasons):
            first, title = self.rows[0], self.columns["title"][0]
            raise InputError(
                f"{self.path}: none of {len(self.rows)} accepted rows of {self.program} belongs to "
                f"a spectrum: the first, {first.spectrum!r}, because {reasons[0]}; the first "
                f"spectrum is {title!r}; give the spectrum files that were searched"
            )
        for row, place in zip(self.rows, reasons, strict=True):
            if isinstance(place, str):
                found.counts[LEFT_OUT] += 1
                found.mismatches.append(
                    Rejected(str(self.path), place, title=row.spectrum, line=row.line)
                )
                continue
            entry = self.columns["file"][place], self.columns["index"][place]
            if entry in found.matches:
                found.counts[FURTHER] += 1
            else:
                found.counts[USED] += 1
                found.matches[entry] = row

    def _by_kind(self, kind: str) -> list[int | str]:
        """Return the place of the entry of each row, or the reason why it has none."""
        places = places_of(self.rows, kind, self.entries, self.is_file_ignored)
        return [self._place(*each, kind) for each in zip(self.rows, places, strict=True)]

    def _place(self, row: SearchMatch, places: Sequence[int], kind: str) -> int | str:
        if len(places) > 1:
            return f"several spectra have its {kind}; give the results of one run with its spectra"
        if not places:
            if row.file and not self.is_file_ignored and not names_of(row.file) & self.runs:
                return f"its run {row.file!r} is none of the spectrum files"
            return f"no spectrum of the files has its {kind}"
        place = places[0]
        mz, charge = self.columns["mz"][place], self.columns["charge"][place]
        if self.columns["reason"][place]:
            return f"its spectrum is not usable: {self.columns['reason'][place]}"
        if charge and row.precursor_charge and charge != row.precursor_charge:
            return f"its charge is {row.precursor_charge}, that of its spectrum {charge}"
        z = row.precursor_charge or charge
        stated = _mz_of(row.peptide, z) if row.precursor_mz is None else [row.precursor_mz]
        spacing = ISOTOPE_SPACING / (z or 1)
        gaps = [abs(mz - each - k * spacing) for each in stated for k in _ISOTOPES]
        if gaps and min(gaps) > _MZ_TOLERANCE:
            return f"its precursor m/z is {stated[0]:.4f}, that of its spectrum {mz:.4f}"
        return place


def _mz_of(peptide: str, charge: int | None) -> list[float]:
    """Return the m/z of a peptide without and with a fixed modification of C; none if unknown."""
    letters, tags = bare_sequence(peptide), _TAG.findall(peptide)
    shifts = [mass_shift(tag) for tag in tags]
    if charge is None or None in shifts or not set(letters) <= mass.std_aa_mass.keys():
        return []
    plain = sum(mass.std_aa_mass[letter] for letter in letters) + sum(filter(None, shifts))
    n_cysteines = letters.count("C") - peptide.count("C[")
    masses = [plain + WATER_MASS + fixed for fixed in (0.0, n_cysteines * _CARBAMIDOMETHYL)]
    return [float(mass_to_mz(each, charge)) for each in masses]
