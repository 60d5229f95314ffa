"""Answers of a sequencing program compared with search results, spectrum by spectrum."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from denovo.chemistry import UNK, Vocabulary
from denovo.choices import Match
from denovo.evaluation.answers import score_guesses
from denovo.evaluation.entries import Entries, Resolved, resolve
from denovo.evaluation.programs import encode_peptides
from denovo.io.predictions import ProgramFile
from denovo.io.search import SearchMatch, SearchResults
from denovo.metrics import q_values
from denovo.metrics.false_discovery import FDR_LEVELS


class Outcome(StrEnum):
    """What became of a spectrum.

    ``same``: both have the same residues, I as L. ``equal_mass``: residues of equal mass, by the
    definition of the comparison. ``different``: both have a peptide, and they differ. ``denovo``,
    ``search``: one alone has an accepted peptide. ``neither``: none has.
    """

    SAME = "same peptide"
    EQUAL_MASS = "equal masses"
    DIFFERENT = "different peptides"
    DENOVO = "de novo alone"
    SEARCH = "search alone"
    NEITHER = "neither"


BOTH = (Outcome.SAME, Outcome.EQUAL_MASS, Outcome.DIFFERENT)
"""Outcomes of spectra that both programs have a peptide for."""


@dataclass(frozen=True)
class SearchComparison:
    """Comparison of answers with search results.

    Parameters
    ----------
    rows : DataFrame
        A row for each usable spectrum: ``file``, ``index``, ``native_id``, ``title``, ``scan``,
        ``precursor_mz``; ``denovo_peptide`` with ``probability`` (NaN if the program states none),
        ``score`` and ``denovo_q_value``; ``search_peptide`` with ``search_score``,
        ``search_q_value`` and ``proteins``; ``relation``, an outcome of `BOTH` wherever both have a
        peptide, accepted or not; and ``outcome``, the value of its `Outcome`.
    program : str
        Program of the answers.
    max_q_value : float
        Largest q-value of accepted peptides.
    notes : list of str
        One sentence for whatever could not be filtered or read.
    """

    rows: pd.DataFrame
    program: str
    max_q_value: float
    notes: list[str]

    def counts(self) -> dict[Outcome, int]:
        """Return the number of spectra of each outcome."""
        found = Counter(self.rows["outcome"])
        return {outcome: found[outcome.value] for outcome in Outcome}

    def levels(self) -> list[tuple[float | None, int, dict[Outcome, int]]]:
        """Return q-value, accepted answers, and relations of these with a search peptide.

        The last level has all answers; without q-values, it is the only one.
        """
        is_answer = self.rows["denovo_peptide"].to_numpy() != ""
        q_value = self.rows["denovo_q_value"].to_numpy(np.float64)
        relation = self.rows["relation"].to_numpy()
        levels = () if np.isnan(q_value).all() else FDR_LEVELS
        found = []
        for level in (*levels, None):
            is_accepted = is_answer if level is None else is_answer & (q_value <= level)
            relations = Counter(relation[is_accepted])
            counts = {outcome: relations[outcome.value] for outcome in BOTH}
            found.append((level, int(is_accepted.sum()), counts))
        return found


def compare_search(
    predictions: Path,
    answers: ProgramFile,
    search: SearchResults,
    max_q_value: float,
    match: Match = Match.PROTEOBENCH,
) -> SearchComparison:
    """Compare the answers of a program with search results.

    Parameters
    ----------
    predictions : Path
        File of the answers, for messages.
    answers : ProgramFile
        The answers.
    search : SearchResults
        Accepted search results of the same spectra.
    max_q_value : float
        Largest q-value of accepted answers; answers without probabilities are all accepted.
    match : Match
        Definition of residues of equal mass.

    Raises
    ------
    InputError
        If the answers are those of other spectra.
    """
    entries = Entries.of(search.spectra, lambda: None, search.open)
    vocabulary = entries.vocabulary([answers])
    is_usable = entries.table["precursor_mz"].notna().to_numpy()
    resolved = resolve(predictions, answers, entries, is_usable.tolist())
    guesses, outside = encode_peptides(
        vocabulary, {place: each.peptide for place, each in resolved.answers.items()}
    )
    matches, n_rows = _by_place(search, entries), len(entries.table)
    truths, unread = encode_peptides(
        vocabulary, {place: each.peptide for place, each in matches.items()}
    )
    rows = entries.table.assign(
        **_denovo_columns(resolved, n_rows),
        **_search_columns(matches, n_rows),
        relation=_relations(guesses, truths, vocabulary, match, n_rows),
    )
    q_value = rows["denovo_q_value"].to_numpy(np.float64)
    has_q_values = bool((~np.isnan(q_value)).any())
    is_accepted = rows["denovo_peptide"].to_numpy() != ""
    if has_q_values:
        is_accepted &= q_value <= max_q_value
    is_found = rows["search_peptide"].to_numpy() != ""
    rows["outcome"] = np.select(
        [is_accepted & is_found, is_accepted, is_found],
        [rows["relation"].to_numpy(), Outcome.DENOVO.value, Outcome.SEARCH.value],
        Outcome.NEITHER.value,
    )
    notes = [
        f"{fate}: {number:,} ({resolved.examples[fate]})"
        for fate, number in resolved.counts.items()
    ]
    if not has_q_values:
        notes.append(f"{answers.program} states no probabilities; all its answers are accepted")
    for what, faults in (("answers", outside), ("search results", unread)):
        if faults:
            first = next(iter(faults.values()))
            notes.append(
                f"{what} that cannot be read and count as different: {len(faults):,} ({first})"
            )
    usable = pd.DataFrame(rows[is_usable]).reset_index(drop=True)
    usable = usable.astype({"index": "Int64", "scan": "Int64"})
    return SearchComparison(usable, answers.program, max_q_value, notes)


def _by_place(search: SearchResults, entries: Entries) -> dict[int, SearchMatch]:
    keys = zip(entries.table["file"], entries.table["index"], strict=True)
    found = ((place, search.matches.get(key)) for place, key in enumerate(keys))
    return {place: match for place, match in found if match}


def _denovo_columns(resolved: Resolved, n_rows: int) -> dict[str, Sequence[object]]:
    found = [resolved.answers.get(place) for place in range(n_rows)]
    probability = np.array(
        [np.nan if f is None or f.probability is None or not f.peptide else f.probability
         for f in found],
        np.float64,
    )  # fmt: skip
    # Those that rows state count: a run with a proteome estimates them by source.
    q_value = np.array([None if f is None else f.q_value for f in found], np.float64)
    is_known = ~np.isnan(probability)
    if np.isnan(q_value).all():
        q_value[is_known] = q_values(probability[is_known])
    return {
        "denovo_peptide": ["" if f is None else f.peptide for f in found],
        "probability": probability.tolist(),
        "score": [np.nan if f is None else f.score for f in found],
        "denovo_q_value": q_value.tolist(),
    }


def _search_columns(matches: dict[int, SearchMatch], n_rows: int) -> dict[str, Sequence[object]]:
    found = [matches.get(place) for place in range(n_rows)]
    return {
        "search_peptide": ["" if f is None else f.peptide for f in found],
        "search_score": [np.nan if f is None else f.score for f in found],
        "search_q_value": [np.nan if f is None or f.q_value is None else f.q_value for f in found],
        "proteins": ["" if f is None else ";".join(f.proteins) for f in found],
    }


def _relations(
    guesses: dict[int, list[int]],
    truths: dict[int, list[int]],
    vocabulary: Vocabulary,
    match: Match,
    n_rows: int,
) -> list[str]:
    """Return the relation of the peptides of each row; empty unless both have one."""
    places = [place for place, guess in guesses.items() if guess and place in truths]
    ours = [guesses[place] for place in places]
    theirs = [truths[place] for place in places]
    is_equal = score_guesses(ours, theirs, vocabulary, match)["is_right"]
    relations = [""] * n_rows
    for place, guess, truth, has_equal_mass in zip(places, ours, theirs, is_equal, strict=True):
        first, second = (vocabulary.canonical[each].tolist() for each in (guess, truth))
        is_same = first == second and UNK not in first
        by_mass = Outcome.EQUAL_MASS if has_equal_mass else Outcome.DIFFERENT
        relations[place] = (Outcome.SAME if is_same else by_mass).value
    return relations
