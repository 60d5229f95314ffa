"""Figures of `denovo evaluate` beside those of Casanovo's and InstaNovo's own code.

``denovo evaluate truth.mgf --predictions answers.mztab --csv rows.csv`` writes the rows that both
judge. Run beside Casanovo and InstaNovo, which ``pip install --no-deps casanovo instanovo jiwer
rapidfuzz polars polars-runtime-32`` is enough for: only the modules of their metrics are loaded.
"""

import argparse
import importlib.util
import re
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from denovo.chemistry import unimod
from denovo.chemistry.pyteomics_mass import mass
from denovo.evaluation.figures import shares_of
from denovo.metrics import precision_coverage

_TOKEN = re.compile(r"\[[^\]]+\]-|[A-Z](?:\[[^\]]+\])?")
_PARTS = re.compile(r"([A-Z]?)(?:\[([^\]]+)\])?-?")


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
    known = unimod().find(parts[2]) if parts[2] else None
    own = mass.std_aa_mass[parts[1]] if parts[1] else 0.0
    return own + (known.mass if known else 0.0)


def figures(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the figures of rows by the code of each."""
    truths = [_TOKEN.findall(text) for text in rows["annotation"]]
    guesses = [_TOKEN.findall(text) for text in rows["prediction"].fillna("")]
    masses = {token: mass_of(token) for each in truths + guesses for token in each}
    casanovo = module("casanovo", "denovo/evaluate.py")
    matched = casanovo.aa_match_batch(truths, guesses, masses)
    precision, recall, peptides = casanovo.aa_match_metrics(*matched)
    metrics = module("instanovo", "utils/metrics.py")
    judge = metrics.Metrics(metrics.ResidueSet(masses))
    scores = rows["log_probability"].fillna(-1e9)
    theirs = judge.compute_precision_recall(truths, guesses)
    answered = rows["has_answer"].astype(bool)
    curve = precision_coverage(
        rows.loc[answered, "log_probability"].to_numpy(float),
        rows.loc[answered, "is_right"].to_numpy(bool),
        n_possible=len(rows),
    )
    names = ("aa_precision", "aa_recall", "peptide_recall", "peptide_precision")
    own = shares_of(rows)
    return {
        "denovo": {**{name: own[name] for name in names}, "area": curve.area_over_recall},
        f"Casanovo {version('casanovo')}": dict(
            zip(names, (precision, recall, peptides), strict=False)
        ),
        f"InstaNovo {version('instanovo')}": {
            **dict(zip(names, theirs, strict=True)),
            "area": judge.calc_auc(truths, guesses, scores),
        },
    }


def main() -> None:
    """Print the figures of every file of answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path, help="CSV file that denovo evaluate wrote")
    rows = pd.read_csv(parser.parse_args().rows)
    for name, part in rows[rows["kind"] == "measured"].groupby("network", sort=False):
        print(name, len(part), "spectra")
        print(pd.DataFrame(figures(part.reset_index())).T.to_string(float_format="{:.9f}".format))


if __name__ == "__main__":
    main()
