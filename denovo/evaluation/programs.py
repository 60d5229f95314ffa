"""Evaluation of the answers of sequencing programs, without a network."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from denovo.chemistry import UNK, Vocabulary, as_proforma, bare_sequence, parse_tolerance
from denovo.choices import Match
from denovo.errors import InputError
from denovo.evaluation.answers import Truths, precursor_error, score_guesses
from denovo.evaluation.census import Census
from denovo.evaluation.differences import differences_to
from denovo.evaluation.entries import Entries, Resolved, resolve
from denovo.evaluation.evaluation import Evaluation, with_pooled, with_q_values
from denovo.evaluation.figures import ScoredSet
from denovo.evaluation.sets import EvaluationSet
from denovo.io.predictions import ProgramAnswer, ProgramFile
from denovo.sequencing import SequencingSettings
from denovo.sequencing.settings import AUTO
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.prediction import ChargeSource

_N_PEAKS = 150
"""Number of the most intense peaks in which fragments are looked for."""
_BATCH = 512
_ASSUMED_CHARGE = 2
_NO_ROW, _NO_ANSWER, _ANSWER = "no_row", "no_answer", "ok"


def evaluate_programs(
    files: Mapping[str, tuple[Path, ProgramFile]],
    sets: Sequence[EvaluationSet],
    entries: Entries,
    vocabulary: Vocabulary,
    census: Census,
    settings: SequencingSettings,
    match: Match = Match.DEEPNOVO,
    reference: Evaluation | None = None,
    on_spectra: Callable[[int], object] = lambda n_read: None,
) -> list[Evaluation]:
    """Score the answers of programs to the spectra of sets, which are read once.

    Parameters
    ----------
    files : mapping of str to (Path, ProgramFile)
        Files of answers by the name of their evaluation.
    sets : sequence of EvaluationSet
        Annotated spectra of ``vocabulary``.
    entries : Entries
        All entries of the files of the sets.
    vocabulary : Vocabulary
        Residues of annotations and answers.
    census : Census
        Fate of the entries.
    settings : SequencingSettings
        Tolerances and isotope errors.
    match : Match
        Definition of right residues.
    reference : Evaluation or None
        Evaluation that all are compared to; that of the first file if there is none.
    on_spectra : callable
        Called with the number of spectra read since the last call.

    Returns
    -------
    list of Evaluation
        One for each file. Spectra without a row count as unanswered; the log-probability is the
        score of the program.

    Raises
    ------
    InputError
        If the rows of a file name other spectra.
    """
    scoring = _Scoring(vocabulary, settings, match)
    known = [scoring.read(each, on_spectra) for each in sets]
    named = zip(entries.table["file"], entries.table["index"], strict=True)
    place = {name: number for number, name in enumerate(named)}
    places = [
        [place[name] for name in zip(each.table["file"], each.table["index"], strict=True)]
        for each in known
    ]
    is_evaluated = np.zeros(len(entries.table), np.bool_)
    is_evaluated[[number for each in places for number in each]] = True
    found: list[Evaluation] = []
    for name, (path, file) in files.items():
        resolved = resolve(path, file, entries, is_evaluated.tolist())
        peptides = {place: each.peptide for place, each in resolved.answers.items()}
        guesses, unread = encode_peptides(vocabulary, peptides)
        outside = [
            f"row {resolved.answers[place].line}: {fault}" for place, fault in unread.items()
        ]
        parts = zip(sets, known, places, strict=True)
        scores = with_pooled(
            [
                ScoredSet(each.name, each.kind, scoring.rows(of_set, at, resolved, guesses))
                for each, of_set, at in parts
            ]
        )
        first = reference or next(iter(found), None)
        differences = differences_to(first.scores, scores) if first else []
        missing = [n for n in np.flatnonzero(is_evaluated).tolist() if n not in resolved.answers]
        titles = entries.table["title"].iloc[missing].tolist()
        notes = [_note(file, resolved, outside, titles)]
        found.append(
            Evaluation(name, scores, differences, None, census, notes, match, file.program)
        )
    return found


def encode_peptides(
    vocabulary: Vocabulary, peptides: Mapping[int, str]
) -> tuple[dict[int, list[int]], dict[int, str]]:
    """Return the tokens of peptides by place, and the faults of those outside the vocabulary.

    All residues of such a peptide are unknown, and hence wrong; an empty peptide has no tokens.
    """
    tokens, outside = {}, {}
    for place, peptide in peptides.items():
        try:
            tokens[place] = vocabulary.encode(peptide) if peptide else []
        except InputError as fault:
            outside[place] = str(fault)
            tokens[place] = [UNK] * max(len(bare_sequence(as_proforma(peptide))), 1)
    return tokens, outside


class _Known(NamedTuple):
    """Truths of one set: tokens, and a table with the columns of spectra and of `Truths`."""

    tokens: list[list[int]]
    table: pd.DataFrame


class _Scoring:
    """Scores answers to spectra whose peaks are not kept."""

    def __init__(self, vocabulary: Vocabulary, settings: SequencingSettings, match: Match) -> None:
        self.vocabulary, self.match = vocabulary, match
        self.isotopes = tuple(settings.isotope_errors)
        self.tolerance = parse_tolerance(settings.tolerance)
        written = settings.fragment_tolerance
        self.fragments = FRAGMENT_TOLERANCE if written == AUTO else parse_tolerance(written)

    def read(self, each: EvaluationSet, on_spectra: Callable[[int], object]) -> _Known:
        """Read the spectra of a set."""
        tokens: list[list[int]] = []
        tables: list[pd.DataFrame] = []
        stream = iter(each.read())
        while part := list(islice(stream, _BATCH)):
            charges = [
                s.precursor_charge or next(iter(s.possible_charges), _ASSUMED_CHARGE) for s in part
            ]
            truths = Truths.of(part, charges, self.vocabulary, _N_PEAKS, 1.0, self.fragments)
            masses = map(self.vocabulary.peptide_mass, truths.tokens)
            errors = [
                precursor_error(s.precursor_mz, charge, mass, self.isotopes, self.tolerance)
                for s, charge, mass in zip(part, charges, masses, strict=True)
            ]
            sources = [
                ChargeSource.FILE if s.precursor_charge else ChargeSource.ASSUMED for s in part
            ]
            names = ("file", "index", "native_id", "title", "precursor_mz")
            columns = {
                **{name: [getattr(spectrum, name) for spectrum in part] for name in names},
                "scan": pd.array([spectrum.scan for spectrum in part], dtype="Int64"),
                "precursor_charge": charges,
                "charge_source": [source.value for source in sources],
                "annotation_ppm_error": [error for error, _ in errors],
                "within_tolerance": [fits for _, fits in errors],
            }
            tokens += truths.tokens
            tables.append(pd.concat([pd.DataFrame(columns), truths.table], axis=1))
            on_spectra(len(part))
        return _Known(tokens, pd.concat(tables, ignore_index=True))

    def rows(
        self,
        known: _Known,
        places: Sequence[int],
        resolved: Resolved,
        guesses: Mapping[int, list[int]],
    ) -> pd.DataFrame:
        """Return rows like those of `score_answers`."""
        tokens = [guesses.get(place, []) for place in places]
        scores = score_guesses(tokens, known.tokens, self.vocabulary, self.match)
        precursors = zip(known.table["precursor_mz"], known.table["precursor_charge"], strict=True)
        answers = pd.DataFrame(
            [
                self._columns(resolved.answers.get(place), guess, *precursor)
                for place, guess, precursor in zip(places, tokens, precursors, strict=True)
            ]
        )
        has_answer = scores["has_answer"].astype(int)
        answers = answers.assign(
            q_value=np.nan, n_candidates=has_answer, is_listed=scores["is_right"]
        )
        return with_q_values(pd.concat([known.table, answers, scores], axis=1))

    def _columns(
        self, answer: ProgramAnswer | None, guess: list[int], precursor_mz: float, charge: int
    ) -> dict[str, Any]:
        """Return the columns of a spectrum that depend on its answer."""
        probability = None if answer is None else answer.probability
        numbers: dict[str, Any] = {
            "log_probability": np.nan if answer is None else answer.score,
            "probability": np.nan if probability is None else probability,
        }
        if answer is None or not guess:
            status = _NO_ROW if answer is None else answer.status or _NO_ANSWER
            nothing = {"prediction": "", "status": status, "ppm_error": np.nan}
            return {**nothing, **numbers, "residue_scores": (), "token_scores": ()}
        is_known = UNK not in guess
        mass = self.vocabulary.peptide_mass(guess) if is_known else np.nan
        n_residues = self.vocabulary.n_residues(guess)
        scores = _token_scores(answer, n_residues, len(guess) - n_residues)
        # As in `Prediction`, the first residue includes the modification of the N-terminus.
        n_first = len(scores) - n_residues + 1
        return {
            "prediction": self.vocabulary.decode(guess)
            if is_known
            else as_proforma(answer.peptide),
            "status": _ANSWER,
            **numbers,
            "ppm_error": precursor_error(precursor_mz, charge, mass, self.isotopes, None)[0],
            "residue_scores": (float(np.prod(scores[:n_first])), *scores[n_first:]),
            "token_scores": tuple(scores),
        }


def _token_scores(answer: ProgramAnswer, n_residues: int, n_terminal: int) -> list[float]:
    """Return the scores of residues, after one for all modifications of the N-terminus if stated.

    Without scores that fit the peptide, each is that of the peptide.
    """
    scores = list(answer.token_scores)
    if n_terminal > 1 and len(scores) == n_residues + n_terminal:
        return [float(np.mean(scores[:n_terminal])), *scores[n_terminal:]]
    fits = len(scores) in (n_residues, n_residues + min(n_terminal, 1))
    return scores if fits else [answer.score] * n_residues


def _note(
    file: ProgramFile, resolved: Resolved, outside: Sequence[str], missing: Sequence[str]
) -> str:
    """Say in one sentence what became of the rows, and which spectra have none."""
    parts = [f"rows of {file.program}: {len(file.answers):,}"]
    parts += [
        f"{fate}: {number:,} ({resolved.examples[fate]})"
        for fate, number in resolved.counts.items()
    ]
    if outside:
        parts.append(
            f"answers that cannot be read and count as wrong: {len(outside):,} ({outside[0]})"
        )
    if missing:
        parts.append(f"spectra without a row: {len(missing):,} (first: {missing[0]!r})")
    return "; ".join(parts)
