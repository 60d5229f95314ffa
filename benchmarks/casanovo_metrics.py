"""Whether precision and recall here are those of Casanovo, on random and on awkward peptides.

Run in an environment with both: Casanovo's own, with ``pip install --no-deps -e .`` and
``pip install jaxtyping hydra-core`` added to it. ``--write tests/metrics/casanovo.json`` stores
what Casanovo says of some pairs, for the tests to hold us to.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from casanovo.denovo.evaluate import aa_match_batch, aa_match_metrics
from hydra.utils import instantiate
from omegaconf import OmegaConf

from denovo.chemistry import FIRST_RESIDUE, Vocabulary
from denovo.metrics import match_residues, right_residues, score_peptides
from denovo.metrics.peptide import PeptideMetrics

ROOT = Path(__file__).parents[1]
Pair = tuple[list[str], list[str]]

AWKWARD = [
    ("PEPTIDEK", "PEPTIDEK"),
    ("PEPTLDEK", "PEPTIDEK"),
    ("", "PEPTIDEK"),
    ("K", "PEPTIDEK"),
    ("PEPTIDEKPEPTIDEK", "PEPTIDEK"),
    ("ANK", "AGGK"),
    ("AGGK", "ANK"),
    ("QKK", "GAKKWKK"),
    ("PEPTIDQ", "PEPTIDK"),
    ("PEFTIDE", "PEM[UNIMOD:35]TIDE"),
    ("PEM[UNIMOD:35]TIDE", "PEMTIDE"),
    ("PEDTIDE", "PEN[UNIMOD:7]TIDE"),
    ("[UNIMOD:1]-SAMPLEK", "SAMPLEK"),
    ("SAMPLEK", "[UNIMOD:1]-SAMPLEK"),
    ("[UNIMOD:5]-SAMPLEK", "[UNIMOD:1]-SAMPLEK"),
    ("[UNIMOD:385]-QAMPLEK", "[UNIMOD:385]-QAMPLEK"),
    ("[UNIMOD:385]-QAMPLEK", "QAMPLEK"),
    ("[UNIMOD:385]-C[UNIMOD:4]AMPLEK", "AC[UNIMOD:4]MPLEK"),
    ("EPPTIDEK", "PEPTIDEK"),
    ("PEPTIDKE", "PEPTIDEK"),
]


class Pairs:
    """Random answers and truths, related as answers and truths are.

    Parameters
    ----------
    vocabulary : Vocabulary
        Residues that occur.
    seed : int
        Equal seeds give equal pairs.
    """

    def __init__(self, vocabulary: Vocabulary, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        names = vocabulary.tokens[FIRST_RESIDUE:]
        self.residues = [name for name in names if not name.endswith("-")]
        self.starts = [name for name in names if name.endswith("-")]

    def peptide(self) -> list[str]:
        """Draw a peptide, one in five with a modification of its N-terminus."""
        drawn = self.random.choice(self.residues, self.random.integers(1, 25))
        start = [str(self.random.choice(self.starts))] if self.random.random() < 0.2 else []
        return start + [str(name) for name in drawn]

    def pair(self) -> Pair:
        """Draw a truth, and an answer with up to four mistakes; one in ten is another peptide."""
        truth = self.peptide()
        if self.random.random() < 0.1:
            return self.peptide(), truth
        guess = list(truth)
        for _ in range(self.random.integers(5)):
            self._spoil(guess)
        return guess, truth

    def _spoil(self, guess: list[str]) -> None:
        place = int(self.random.integers(len(guess) + 1))
        kind = self.random.integers(5)
        if kind == 0:
            guess[place:place] = [str(self.random.choice(self.residues))]
        elif kind == 1:
            del guess[place : place + 1]
        elif kind == 2:
            guess[place : place + 2] = reversed(guess[place : place + 2])
        elif kind == 3 and place < len(guess):
            guess[place] = str(self.random.choice(self.residues))
        elif place < len(guess):
            # Residues that weigh the same together: the pairs that sequencers mistake.
            twins = {"N": ["G", "G"], "Q": ["G", "A"], "K": ["A", "G"], "W": ["S", "V"]}
            guess[place : place + 1] = twins.get(guess[place], [guess[place]])


def casanovo_figures(pairs: list[Pair], masses: dict[str, float]) -> tuple[list[str], list[float]]:
    """Return matches as text, and precision and recall of residues and recall of peptides."""
    truths, guesses = [truth for _, truth in pairs], [guess for guess, _ in pairs]
    found, n_true, n_predicted = aa_match_batch(truths, guesses, masses)
    texts = ["".join(str(int(match)) for match in matches) for matches, _ in found]
    return texts, list(aa_match_metrics(found, n_true, n_predicted))


def main() -> None:
    """Compare, say where the two differ, and store golden numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="JSON file for the first 200 pairs")
    arguments = parser.parse_args()
    config = OmegaConf.load(ROOT / "conf" / "residues" / "common.yaml")
    vocabulary = Vocabulary(instantiate(config.residues))
    masses = dict(zip(vocabulary.tokens, vocabulary.masses.tolist(), strict=True))
    draw = Pairs(vocabulary, arguments.seed)

    def names(text: str) -> list[str]:
        return [vocabulary.tokens[token] for token in vocabulary.encode(text)] if text else []

    pairs: list[Pair] = [(names(guess), names(truth)) for guess, truth in AWKWARD]
    pairs += [draw.pair() for _ in range(arguments.pairs)]
    theirs, figures = casanovo_figures(pairs, masses)
    tokens = [tuple(vocabulary.encode(part) for part in pair) for pair in pairs]
    table = vocabulary.masses.numpy()
    ours, n_marked, n_other = [], 0, 0
    for guess, truth in tokens:
        matches = match_residues(table[guess], table[truth])
        ours.append("".join(str(int(match)) for match in matches))
        marked = int(right_residues(table[guess], table[truth]).sum())
        n_marked, n_other = n_marked + marked, n_other + (marked != matches.sum())
    wrong = [pair for pair, a, b in zip(pairs, ours, theirs, strict=True) if a != b]
    metrics = PeptideMetrics(vocabulary)
    metrics.update([guess for guess, _ in tokens], [truth for _, truth in tokens])
    mine = metrics.compute()
    own = [float(mine[name]) for name in ("aa_precision", "aa_recall", "peptide_recall")]
    n_matched = score_peptides(*zip(*tokens, strict=True), vocabulary)["n_matched"].sum()
    print(f"Casanovo {version('casanovo')}, {len(pairs)} pairs, {len(wrong)} with other matches")
    print("aa_precision, aa_recall, peptide_recall: Casanovo", figures, "here", own)
    print(f"right_residues: {n_marked} of {n_matched} matches, other number in {n_other} pairs")
    for pair in wrong[:10]:
        print(pair)
    if arguments.write:
        some = pairs[:200]
        matches, figures = casanovo_figures(some, masses)
        keys = ("aa_precision", "aa_recall", "pep_precision")
        record = {
            "source": f"casanovo {version('casanovo')}, casanovo.denovo.evaluate",
            "command": "python benchmarks/casanovo_metrics.py --write tests/metrics/casanovo.json",
            "figures": dict(zip(keys, figures, strict=True)),
            # Answer, truth, matches; an empty answer is a dash.
            "pairs": [
                f"{''.join(guess) or '-'} {''.join(truth)} {match}"
                for (guess, truth), match in zip(some, matches, strict=True)
            ],
        }
        arguments.write.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
