"""Figures of the de novo module of ProteoBench, and the file that its upload takes.

The definitions are those of ProteoBench 0.19.0 (``proteobench.score.denovoscores`` and
``proteobench.datapoint.denovo_datapoint``); the tests compare the two.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denovo.chemistry import find_modification
from denovo.chemistry.pyteomics_mass import mass
from denovo.errors import InputError
from denovo.io.files import atomic_path
from denovo.io.plain_json import without_nan
from denovo.metrics import match_by_ppm, precision_coverage
from denovo.typing import Bool, Float64, ndarray

MODES = {
    "mass": "mass",
    "exact": "exact",
    "exact_il": "exact, I = L",
    "exact_deamidation": "exact, deamidated N = D, Q = E",
    "exact_both": "exact, both",
}
"""Modes of comparison, and their headings."""
BREAKDOWNS = {
    "missing_sites": "missing fragmentation sites",
    "length": "length",
    "explained_intensity": "explained intensity",
}
"""Ways of grouping answered spectra, and their headings."""
MODIFICATIONS = {
    "M[UNIMOD:35]": "oxidation of M",
    "Q[UNIMOD:7]": "deamidation of Q",
    "N[UNIMOD:7]": "deamidation of N",
    "[UNIMOD:1]-": "acetylation of the N-terminus",
    "[UNIMOD:5]-": "carbamylation of the N-terminus",
    "[UNIMOD:385]-": "loss of ammonia at the N-terminus",
}
"""Modifications that are counted, and their headings."""
FASTA_CATEGORIES = {
    "correct": "right, I = L",
    "in_fasta": "wrong, in the proteins",
    "not_in_fasta": "wrong or without an answer, not in the proteins",
}
"""Categories of spectra by their answers and the proteins, and their headings."""
_TOKEN = re.compile(r"((?:\[[^\]]+\]-?)+)(?=[A-Z])|([A-Z])(\[[^\]]+\])?")
_TAG = re.compile(r"\[([^\]]+)\]")
_DEAMIDATED = {"N[UNIMOD:7]": "D", "Q[UNIMOD:7]": "E"}
_INTENSITIES = np.arange(0, 1, 0.03).tolist()
_NAMES: Mapping[str, Callable[[str], str]] = {
    "exact": lambda token: token,
    "exact_il": lambda token: "L" if token == "I" else token,
    "exact_deamidation": lambda token: _DEAMIDATED.get(token, token),
    "exact_both": lambda token: "L" if token == "I" else _DEAMIDATED.get(token, token),
}
_SPECIAL = {"[UNIMOD:5]-[UNIMOD:385]-": "[Formula:H-2C1O1]-"}
"""ProteoBench's name of two modifications of the N-terminus."""


def tokens_of(peptide: str) -> list[str]:
    """Split ProForma into residues; all modifications of the N-terminus are the first one.

    Examples
    --------
    >>> tokens_of("[UNIMOD:5]-[UNIMOD:385]-PEM[UNIMOD:35]K")
    ['[UNIMOD:5]-[UNIMOD:385]-', 'P', 'E', 'M[UNIMOD:35]', 'K']
    """
    return [match[0] for match in _TOKEN.finditer(peptide)]


def proteobench_figures(rows: pd.DataFrame) -> dict[str, Any]:
    """Compute the figures of ProteoBench.

    Parameters
    ----------
    rows : DataFrame
        Rows of `score_answers`. Scores of the residues of each answer, and of the modification of
        its N-terminus, are taken from a column ``token_scores`` where there is one.

    Returns
    -------
    dict
        ``peptide`` and ``residue``: for each of `MODES` ``precision``, ``recall``, ``coverage`` and
        ``area``, under precision over coverage by trapezoids. Each of `BREAKDOWNS`: the number of
        answered spectra of each group, and the share of ``mass`` and ``exact`` matches.
        ``modifications``: number in the annotated and in the predicted peptides, and how many of
        each are right. ``in_fasta``, where rows have that column: numbers of spectra whose answer
        is ``correct`` by residues with I = L, of others ``in_fasta``, and ``not_in_fasta``, those
        without an answer among them. Undefined values are None.
    """
    truths = [tokens_of(text) for text in rows["annotation"]]
    answered = rows["has_answer"].to_numpy(dtype=np.bool_)
    guesses = [
        tokens_of(text) if is_answered else []
        for text, is_answered in zip(rows["prediction"], answered, strict=True)
    ]
    verdicts = [_verdict(*pair) for pair in zip(guesses, truths, strict=True)]
    score = _scores(rows)
    token_scores = np.array([*chain.from_iterable(_token_scores(rows, guesses))], np.float64)
    n_true = sum(map(len, truths))
    found: dict[str, Any] = {"n_spectra": len(rows), "peptide": {}, "residue": {}}
    for mode in MODES:
        is_right = np.array([each[mode][0] for each in verdicts], np.bool_)
        found["peptide"][mode] = _figures(score[answered], is_right[answered], len(rows))
        marks = chain.from_iterable(each[mode][1] for each in verdicts)
        found["residue"][mode] = _figures(token_scores, np.array(list(marks), np.bool_), n_true)
    intensities = pd.Series(pd.cut(pd.Series(rows["explained_intensity"]), _INTENSITIES))
    groups = {
        "missing_sites": (rows["n_missing_sites"].to_numpy(), [*range(31)]),
        "length": ([len(tokens) for tokens in truths], [*range(5, 31)]),
        "explained_intensity": (intensities, intensities.cat.categories),
    }
    table = pd.DataFrame({m: [each[m][0] for each in verdicts] for m in ("mass", "exact")})
    for name, (labels, shown) in groups.items():
        kept = pd.DataFrame(table.assign(group=[*labels]).loc[answered])
        parts = kept.groupby("group", observed=True)
        found[name] = [
            {
                "group": str(group),
                "n_spectra": len(part),
                "mass": part["mass"].mean(),
                "exact": part["exact"].mean(),
            }
            for group, part in parts
            if group in shown
        ]
    if "in_fasta" in rows:
        is_correct = np.array([each["exact_il"][0] for each in verdicts], np.bool_)
        held = rows["in_fasta"].fillna(False).to_numpy(dtype=np.bool_) & ~is_correct
        counts = is_correct.sum(), held.sum(), (~is_correct & ~held).sum()
        found["in_fasta"] = dict(zip(FASTA_CATEGORIES, map(int, counts), strict=True))
    found["modifications"] = {
        name: _modification(name, guesses, truths, verdicts) for name in MODIFICATIONS
    }
    return without_nan(found)


def _verdict(guess: list[str], truth: list[str]) -> dict[str, tuple[bool, list[bool], list[bool]]]:
    """Return for each mode if the peptide is right, and its right predicted and true residues."""
    found = match_by_ppm([*map(_mass, guess)], [*map(_mass, truth)])
    verdict = {"mass": (found.is_right, found.predicted.tolist(), [])}
    for mode, name in _NAMES.items():
        ours, theirs = found.by_name([*map(name, guess)], [*map(name, truth)])
        is_right = found.is_right and bool(ours.all() and theirs.all())
        verdict[mode] = is_right, ours.tolist(), theirs.tolist()
    return verdict


@cache
def _mass(token: str) -> float:
    """Return the mass of a residue in Da; NaN if it is unknown."""
    own = 0.0 if token.endswith("-") else mass.std_aa_mass.get(token[0], np.nan)
    found = map(find_modification, _TAG.findall(token))
    return own + sum(each.mass if each else np.nan for each in found)


def _token_scores(rows: pd.DataFrame, guesses: Sequence[list[str]]) -> Iterator[Sequence[float]]:
    """Yield the scores of all predicted residues; that of the peptide where they are unknown."""
    column = "token_scores" if "token_scores" in rows else "residue_scores"
    for scores, score, tokens in zip(rows[column], _scores(rows), guesses, strict=True):
        if len(scores) == len(tokens) - 1 and tokens[0].endswith("-"):
            yield [scores[0], *scores]
        else:
            yield list(scores) if len(scores) == len(tokens) else [float(score)] * len(tokens)


def _scores(rows: pd.DataFrame) -> Float64[ndarray, " row"]:
    """Return the calibrated probability of each answer, or the raw score without them."""
    is_calibrated = rows.loc[rows["has_answer"].astype(bool), "probability"].notna().all()
    name = "probability" if is_calibrated else "log_probability"
    return rows[name].to_numpy(dtype=np.float64)


def _figures(
    scores: Float64[ndarray, " answer"], is_right: Bool[ndarray, " answer"], n: int
) -> dict[str, float]:
    n_right = int(is_right.sum())
    return {
        "precision": n_right / len(scores) if len(scores) else np.nan,
        "recall": n_right / n,
        "coverage": len(scores) / n,
        "area": precision_coverage(scores, is_right, n).area_by_trapezoids,
    }


def _modification(
    name: str,
    guesses: Sequence[list[str]],
    truths: Sequence[list[str]],
    verdicts: Sequence[Mapping[str, tuple[bool, list[bool], list[bool]]]],
) -> dict[str, int]:
    counts = {"n_annotated": 0, "n_annotated_right": 0, "n_predicted": 0, "n_predicted_right": 0}
    for guess, truth, verdict in zip(guesses, truths, verdicts, strict=True):
        _, ours, theirs = verdict["exact"]
        for side, tokens, right in (("annotated", truth, theirs), ("predicted", guess, ours)):
            places = [place for place, token in enumerate(tokens) if token == name]
            counts[f"n_{side}"] += len(places)
            counts[f"n_{side}_right"] += sum(right[place] for place in places)
    return counts


def write_proteobench(path: Path, rows: pd.DataFrame) -> None:
    """Write answers in the custom format of ProteoBench's de novo module.

    Parameters
    ----------
    path : Path
        CSV file: ``spectrum_id`` (``scan=<n>``), ``sequence``, ``score`` and ``aa_scores``.
    rows : DataFrame
        Rows of `score_answers`; those without an answer are left out.

    Raises
    ------
    InputError
        If a spectrum has no scan number, or the file cannot be written.
    """
    answered = pd.DataFrame(rows[rows["has_answer"].astype(bool)])
    unnumbered = answered.loc[answered["scan"].isna(), "title"].tolist()
    if unnumbered:
        raise InputError(
            f"spectrum {unnumbered[0]!r} has no scan number, by which ProteoBench finds its "
            "spectra; evaluate the MGF file of ProteoBench with its titles unchanged"
        )
    guesses = [tokens_of(text) for text in answered["prediction"]]
    found = zip(
        answered["scan"], guesses, _scores(answered), _token_scores(answered, guesses), strict=True
    )
    with atomic_path(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("spectrum_id", "sequence", "score", "aa_scores"))
        for scan, tokens, score, token_scores in found:
            sequence = "".join([*(_SPECIAL.get(each, each) for each in tokens[:1]), *tokens[1:]])
            writer.writerow((f"scan={scan}", sequence, score, token_scores))
