"""Figures of `denovo evaluate` beside those of Casanovo's and InstaNovo's own code.

``denovo evaluate truth.mgf --predictions answers.mztab --csv rows.csv`` writes the rows that all
judge. ``--write tests/evaluation/other_judges.json`` stores what the others say of answers that the
tests have. Run from the root of the repository with ``PYTHONPATH=.``, beside Casanovo and
InstaNovo, which ``pip install --no-deps casanovo instanovo jiwer rapidfuzz polars
polars-runtime-32 spectrum_utils`` is enough for: only the modules of their metrics are loaded.
"""

import argparse
import importlib.util
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from denovo.chemistry import find_modification
from denovo.chemistry.pyteomics_mass import mass
from denovo.evaluation.figures import shares_of
from denovo.metrics import precision_coverage

TESTS = Path(__file__).parents[1] / "tests"
# Some frozen answers have a modification of the N-terminus inside, which is no ProForma.
_TOKEN = re.compile(r"\[[^\]]+\]-|[A-Z](?:\[[^\]]+\](?!-))?")
_PARTS = re.compile(r"([A-Z]?)(?:\[([^\]]+)\])?-?")
_NAMES = ("aa_precision", "aa_recall", "peptide_recall", "peptide_precision")


def module(package: str, path: str) -> ModuleType:
    """Load one module of a package without the package."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    spec = importlib.util.spec_from_file_location(path, Path(found.origin).parent / path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def mass_of(token: str) -> float:
    """Return the mass of a residue, or of a modification of the N-terminus, in Da."""
    parts = _PARTS.fullmatch(token)
    assert parts is not None
    known = find_modification(parts[2]) if parts[2] else None
    assert known is not None or not parts[2]
    own = mass.std_aa_mass[parts[1]] if parts[1] else 0.0
    return own + (known.mass if known else 0.0)


def verdicts(
    truths: Sequence[str], guesses: Sequence[str], scores: Sequence[float]
) -> dict[str, dict[str, Any]]:
    """Return the figures by the code of both; a guess may be empty.

    ``n_matched`` has the right residues of each answer, ``curve`` the points of InstaNovo.
    """
    true, guessed = ([_TOKEN.findall(text) for text in texts] for texts in (truths, guesses))
    masses = {token: mass_of(token) for each in true + guessed for token in each}
    casanovo = module("casanovo", "denovo/evaluate.py")
    matched, *counts = casanovo.aa_match_batch(true, guessed, masses)
    metrics = module("instanovo", "utils/metrics.py")
    judge = metrics.Metrics(metrics.ResidueSet(masses))
    ranked = pd.Series(scores)
    n_matched = [judge._novor_match(*pair) for pair in zip(true, guessed, strict=True)]
    return {
        "Casanovo": {
            **dict(zip(_NAMES, casanovo.aa_match_metrics(matched, *counts), strict=False)),
            "n_matched": [int(matches.sum()) for matches, _ in matched],
        },
        "InstaNovo": {
            **dict(zip(_NAMES, judge.compute_precision_recall(true, guessed), strict=True)),
            "area": float(judge.calc_auc(true, guessed, ranked)),
            "curve": list(zip(*judge._get_pr_curve(true, guessed, ranked), strict=True)),
            "n_matched": n_matched,
        },
    }


def figures(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the figures of rows by the code of each."""
    answered = rows["has_answer"].astype(bool)
    curve = precision_coverage(
        rows.loc[answered, "log_probability"].to_numpy(float),
        rows.loc[answered, "is_right"].to_numpy(bool),
        n_possible=len(rows),
    )
    own = shares_of(rows)
    scores = rows["log_probability"].fillna(-1e9).tolist()
    found = verdicts(rows["annotation"].tolist(), rows["prediction"].fillna("").tolist(), scores)
    return {
        "denovo": {**{name: own[name] for name in _NAMES}, "area": curve.area_over_recall},
        **{
            f"{name} {version(name.lower())}": {key: each.get(key) for key in (*_NAMES, "area")}
            for name, each in found.items()
        },
    }


def freeze(path: Path) -> None:
    """Store the verdicts on the answers that the tests have; of Casanovo's pairs, InstaNovo's."""
    rows = json.loads((TESTS / "evaluation/proteobench.json").read_text())["rows"]
    known = json.loads((TESTS / "metrics/casanovo.json").read_text())["pairs"]
    guesses, truths, _ = zip(*(row.split() for row in known), strict=True)
    guesses = ["" if guess == "-" else guess for guess in guesses]
    of_pairs = verdicts(truths, guesses, [0.0] * len(guesses))["InstaNovo"]
    record = {
        "source": [f"{name} {version(name)}" for name in ("casanovo", "instanovo")],
        "command": "python benchmarks/other_judges.py --write tests/evaluation/other_judges.json",
        "metrics/casanovo.json": {name: of_pairs[name] for name in (*_NAMES, "n_matched")},
        "evaluation/proteobench.json": verdicts(*zip(*(row[:3] for row in rows), strict=True)),
    }
    path.write_text(json.dumps(record, allow_nan=False) + "\n")


def main() -> None:
    """Print the figures of every file of answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path, nargs="?", help="CSV file that denovo evaluate wrote")
    parser.add_argument("--write", type=Path, help="JSON file for the verdicts on known answers")
    arguments = parser.parse_args()
    if arguments.write:
        freeze(arguments.write)
    if arguments.rows:
        rows = pd.read_csv(arguments.rows)
        for name, part in rows[rows["kind"] == "measured"].groupby("network", sort=False):
            print(name, len(part), "spectra")
            table = pd.DataFrame(figures(part.reset_index())).T
            print(table.to_string(float_format="{:.9f}".format))


if __name__ == "__main__":
    main()
