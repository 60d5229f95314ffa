"""Modified residues in the answers of `denovo evaluate --csv`: right sites, and false ones.

python benchmarks/modified_answers.py ROWS.csv UNIMOD:21
python benchmarks/modified_answers.py ROWS.csv UNIMOD:737

For each set of spectra: recall with and without the modification; right sites among answers of the
right residues with as many modifications where another site was possible; answers with the
modification among spectra without it; answers that end as the annotation does. I and L are one.
"""

import argparse
import re
from pathlib import Path

import pandas as pd

from denovo.chemistry.identity import identity

_TOKEN = re.compile(r"(?:\[[^\]]*\]-)?([A-Z](?:\[[^\]]*\])?)")
_LEVEL = 0.05
_ENDS = 5, 8


def report(name: str, rows: pd.DataFrame, accession: str) -> None:
    """Print the figures of one set."""
    tag = f"[{accession}]"
    is_modified = rows["annotation"].str.contains(tag, regex=False)
    claims = rows["prediction"].str.contains(tag, regex=False)
    accepted = rows["q_value"] <= _LEVEL
    modified, plain = rows[is_modified], rows[~is_modified]
    sites = _sites(modified, tag)
    print(
        f"{name}: modified {modified['is_right'].mean():.3f} of {len(modified)}, others "
        f"{plain['is_right'].mean():.3f} of {len(plain)}; right site {sum(sites)} of {len(sites)}; "
        f"modified answers to others {(claims & ~is_modified).sum()} of {len(plain)}, at q <= "
        f"{_LEVEL} {(claims & ~is_modified & accepted).sum()} of {(accepted & ~is_modified).sum()}"
    )
    same = [_same_end(*pair) for pair in zip(rows["annotation"], rows["prediction"], strict=True)]
    ends = ", ".join(f"{sum(n >= least for n in same)} in the last {least}" for least in _ENDS)
    print(f"  of {len(rows)} answers right: {ends} residues")


def _sites(rows: pd.DataFrame, tag: str) -> list[bool]:
    """Say for each answer with a choice of sites whether it has the right ones."""
    found = []
    carriers = {token[0] for text in rows["annotation"] for token in _tokens(text) if tag in token}
    for truth, answer in zip(rows["annotation"], rows["prediction"], strict=True):
        n_sites = sum(token[0] in carriers for token in _tokens(truth))
        has_choice = n_sites > truth.count(tag) == answer.count(tag)
        if has_choice and identity(truth) == identity(answer):
            found.append(_tokens(truth) == _tokens(answer))
    return found


def _same_end(truth: str, answer: str) -> int:
    """Count the equal residues from the C-terminus."""
    pairs = zip(reversed(_tokens(truth)), reversed(_tokens(answer)), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), len(_tokens(truth)))


def _tokens(text: str) -> list[str]:
    return [token.replace("I", "L", token[0] == "I") for token in _TOKEN.findall(text)]


def main() -> None:
    """Report every set of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("accession")
    given = parser.parse_args()
    rows = pd.read_csv(given.rows, keep_default_na=False, na_values={"q_value": [""]})
    rows["is_right"] = rows["is_right"].astype(str) == "True"
    for name, of_set in rows.groupby("set", sort=False):
        report(str(name), of_set, given.accession)


if __name__ == "__main__":
    main()
