"""ProteoBench's own figures, and random answers to compute them of."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

AWKWARD = [
    ("PEPTIDEK", "PEPTIDEK"),
    ("PEPTLDEK", "PEPTIDEK"),
    ("", "PEPTIDEK"),
    ("K", "PEPTIDEK"),
    ("ANK", "AGGK"),
    ("AGGK", "ANK"),
    ("PEPTIDQ", "PEPTIDK"),
    ("PEFTIDE", "PEM[UNIMOD:35]TIDE"),
    ("PEDTIDE", "PEN[UNIMOD:7]TIDE"),
    ("PEN[UNIMOD:7]TLDE", "PEDTIDE"),
    ("[UNIMOD:1]-SAMPLEK", "SAMPLEK"),
    ("[UNIMOD:5]-SAMPLEK", "[UNIMOD:1]-SAMPLEK"),
    ("[UNIMOD:385]-QAM[UNIMOD:35]PLEK", "[UNIMOD:385]-QAM[UNIMOD:35]PLEK"),
    ("[Formula:H-2C1O1]-SAMPLEK", "VSAMPLEK"),
    ("EPPTIDEK", "PEPTIDEK"),
    ("PEPTIDKE", "PEPTIDEK"),
]
"""Answers and truths."""
_RESIDUES = [*"ASPVTLINDQKEMHFRYWG", "C[UNIMOD:4]", "M[UNIMOD:35]", "N[UNIMOD:7]", "Q[UNIMOD:7]"]
_STARTS = ["[UNIMOD:1]-", "[UNIMOD:5]-", "[UNIMOD:385]-"]


def golden_rows(path: Path) -> pd.DataFrame:
    """Read the answers that ``benchmarks/proteobench_figures.py`` stored with their figures."""
    columns = [
        *("annotation", "prediction", "log_probability", "token_scores"),
        *("n_missing_sites", "explained_intensity"),
    ]
    rows = pd.DataFrame(json.loads(path.read_text())["rows"], columns=pd.Index(columns))
    return rows.assign(has_answer=rows["prediction"] != "", probability=np.nan)


def random_rows(n: int, seed: int) -> pd.DataFrame:
    """Draw truths, answers with mistakes that sequencers make, and scores, some of them equal."""
    random = np.random.default_rng(seed)
    pairs = list(AWKWARD)
    while len(pairs) < n:
        truth = [str(each) for each in random.choice(_RESIDUES, random.integers(5, 25))]
        truth = [str(random.choice(_STARTS))] * int(random.random() < 0.15) + truth
        pairs.append(("".join(_spoiled(list(truth), random)), "".join(truth)))
    scores = random.random(len(pairs)).round(2)
    tokens = [len(re.findall(r"\[[^\]]+\]-|[A-Z](?:\[[^\]]+\])?", guess)) for guess, _ in pairs]
    return pd.DataFrame(
        {
            "annotation": [truth for _, truth in pairs],
            "prediction": [guess for guess, _ in pairs],
            "has_answer": [guess != "" for guess, _ in pairs],
            "probability": np.nan,
            "log_probability": scores,
            "token_scores": [random.random(number).round(2).tolist() for number in tokens],
            "n_missing_sites": random.integers(0, 8, len(pairs)),
            "explained_intensity": random.random(len(pairs)).round(3),
        }
    )


def _spoiled(guess: list[str], random: np.random.Generator) -> list[str]:
    if random.random() < 0.1:
        return []
    for _ in range(random.integers(4)):
        place = int(random.integers(guess[0].endswith("-"), len(guess)))
        kind = random.integers(4)
        if kind == 0:
            guess[place : place + 2] = reversed(guess[place : place + 2])
        elif kind == 1:
            guess[place] = str(random.choice(_RESIDUES))
        else:
            twins = {"N": "GG", "Q": "GA", "I": "L", "L": "I", "D": ["N[UNIMOD:7]"], "W": "SV"}
            guess[place : place + 1] = twins.get(guess[place], [guess[place]])
    return guess


def figures_of_proteobench(rows: pd.DataFrame, proteins: Collection[str] = ()) -> dict[str, Any]:
    """Return the figures of ProteoBench's own code, by its own names.

    ``proteins`` are the peptides in FASTA, with L for I.
    """
    from proteobench.datapoint.denovo_datapoint import DenovoDatapoint
    from proteobench.score.denovoscores import DenovoScores
    from psm_utils import Peptidoform

    table = pd.DataFrame(
        {
            "peptidoform": [Peptidoform(text) if text else None for text in rows["prediction"]],
            "peptidoform_ground_truth": [Peptidoform(text) for text in rows["annotation"]],
            "score": rows["log_probability"],
            "aa_scores": rows["token_scores"],
            "missing_frag_sites": rows["n_missing_sites"],
            "explained_by_pct": rows["explained_intensity"],
            "collection": "one",
        }
    )
    truths = table["peptidoform_ground_truth"]
    terminal = [len(each.properties["n_term"] or ()) for each in truths]
    table["peptide_length"] = [len(each) + n for each, n in zip(truths, terminal, strict=True)]
    for name, tag in _PTMS.items():
        table[name] = [tag in text for text in rows["annotation"]]
        table[f"{name} (denovo)"] = [tag in text for text in rows["prediction"]]
    scores = DenovoScores()
    # They would be downloaded.
    scores.load_species_sets = lambda path=None: {"one": set(proteins)}
    table = scores.generate_intermediate(table)
    point = DenovoDatapoint()
    found: dict[str, Any] = {}
    for level in ("peptide", "aa"):
        for mode, options in MODES.items():
            figures = point.get_metrics(table, level, **options)
            found[f"{level}, {mode}"] = [
                float(figures[name]) for name in ("precision", "recall", "coverage", "auc")
            ]
    # Its bins of explained intensity are assigned by the numbers of the rows, and hence to other
    # spectra where some have no answer and the rows are not numbered anew.
    answered = table.dropna().reset_index(drop=True)
    return found | {
        "in_fasta": point.get_infasta_metrics(table)["counts"],
        "groups": {
            name: {
                str(group): list(values.values())
                for group, values in groups.items()
                if values["n_spectra"] and group != "nan"  # 0, or over 0.99
            }
            for name, groups in point.get_spectrum_metrics(answered).items()
        },
        "modifications": {
            _PTMS[name]: list(map(int, counts.values()))
            for name, counts in point.get_ptm_metrics(table).items()
        },
    }


MODES: dict[str, dict[str, Any]] = {
    "mass": {"evaluation": "mass"},
    "exact": {"evaluation": "exact"},
    "exact_il": {"evaluation": "exact", "allow_il": True},
    "exact_deamidation": {"evaluation": "exact", "allow_deamidation": True},
    "exact_both": {"evaluation": "exact", "allow_il": True, "allow_deamidation": True},
}
_PTMS = {
    "M-Oxidation": "M[UNIMOD:35]",
    "Q-Deamidation": "Q[UNIMOD:7]",
    "N-Deamidation": "N[UNIMOD:7]",
    "N-term Acetylation": "[UNIMOD:1]-",
    "N-term Carbamylation": "[UNIMOD:5]-",
    "N-term Ammonia-loss": "[UNIMOD:385]-",
}
_GROUPS = {
    "missing_sites": "Missing Fragmentation Sites",
    "length": "Peptide Length",
    "explained_intensity": "% Explained Intensity",
}


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Name the figures of `proteobench_figures` that differ from those of ProteoBench."""
    pairs: dict[str, tuple[Any, Any]] = {}
    for level, key in (("peptide", "peptide"), ("aa", "residue")):
        for mode in MODES:
            own = [ours[key][mode][name] for name in ("precision", "recall", "coverage", "area")]
            pairs[f"{level}, {mode}"] = own, theirs[f"{level}, {mode}"]
    for key, name in _GROUPS.items():
        found = {row["group"]: [row["exact"], row["mass"], row["n_spectra"]] for row in ours[key]}
        expected = theirs["groups"][name]
        pairs[name] = sorted(found), sorted(expected)
        pairs |= {f"{name} {group}": (found.get(group), expected[group]) for group in expected}
    for tag, counts in theirs["modifications"].items():
        pairs[tag] = list(ours["modifications"][tag].values()), counts
    return [name for name, (own, other) in pairs.items() if not _same(own, other)]


def _same(own: list[Any] | None, other: list[Any]) -> bool:
    if own is None or any(isinstance(value, str) for value in own):
        return own == other
    return bool(np.allclose(own, other, rtol=1e-12, atol=1e-12))
