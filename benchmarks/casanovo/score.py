"""Score answers with Casanovo's own metric; run in Casanovo's environment.

Run ``python score.py spectra/ casanovo.json denovo.json`` with what ``sequence_casanovo.py`` and
``sequence_denovo.py`` wrote. A spectrum without an answer counts as wrong.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from casanovo.denovo.evaluate import aa_match_batch, aa_match_metrics
from depthcharge.tokenizers import PeptideTokenizer
from train_casanovo import shipped


def peptides_of(path: Path) -> list[str]:
    """Read the annotations of an MGF file, in its order."""
    lines = path.read_text().splitlines()
    return [line.removeprefix("SEQ=") for line in lines if line.startswith("SEQ=")]


def main() -> None:
    """Print a row for each decoder and file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the MGF files lie")
    parser.add_argument("answers", type=Path, nargs="+")
    arguments = parser.parse_args()
    residues = shipped()["residues"]
    tokenizer = PeptideTokenizer(residues=residues, replace_isoleucine_with_leucine=True)

    def split(peptide: str) -> list[str]:
        return tokenizer.tokenize(peptide, to_strings=True)[0] if peptide else []

    print(f"metric of casanovo {version('casanovo')}")
    print(
        "| program | decoder | file | n | answers | AA prec. | AA recall | peptides | se | ap | s |"
    )
    for row in (row for path in arguments.answers for row in json.loads(path.read_text())):
        truths = peptides_of(arguments.folder / row["file"])
        guesses = [row["answers"].get(str(i), ["", -np.inf]) for i in range(len(truths))]
        matches, n_true, n_predicted = aa_match_batch(
            map(split, truths), (split(guess) for guess, _ in guesses), tokenizer.residues
        )
        precision, recall, right = aa_match_metrics(matches, n_true, n_predicted)
        order = np.argsort([-score for _, score in guesses], kind="stable")
        ranked = np.array([matches[i][1] for i in order])
        average = (ranked.cumsum() / np.arange(1, len(ranked) + 1)).mean()
        error = (right * (1 - right) / len(truths)) ** 0.5
        cells = [row["program"], row["decoder"], row["file"], len(truths), len(row["answers"])]
        figures = [precision, recall, right, error, average]
        seconds = f"{row['seconds']:.1f}"
        print("| " + " | ".join([*map(str, cells), *(f"{x:.3f}" for x in figures), seconds]) + " |")


if __name__ == "__main__":
    main()
