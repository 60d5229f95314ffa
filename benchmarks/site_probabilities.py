"""Whether the probabilities of modification sites hold, on simulated spectra of known peptides.

python benchmarks/site_probabilities.py --network phospho [--spectra 2000]

Of answers with the residues and the number of modifications of the truth: the sites by their
probability, with the share that the truth modifies, on clean and on noisy spectra.
"""

import argparse

import pandas as pd

from denovo.evaluation import simulated_sets
from denovo.sequencing.api import Model
from denovo.spectra.prediction import Prediction

EDGES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.001)


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="phospho")
    parser.add_argument("--spectra", type=int, default=2000)
    given = parser.parse_args()
    model = Model.load(given.network)
    trained = model.trained
    vocabulary = trained.sequencer.vocabulary
    for each in simulated_sets(vocabulary, trained.config, given.spectra, trained.n_peaks):
        truths = [record.peptide for record in each.read()]
        rows = []
        for found, truth in zip(model.stream(each.read()), truths, strict=True):
            if isinstance(found, Prediction) and found.sites:
                rows += judged(found, vocabulary.encode(truth), vocabulary)
        sites = pd.DataFrame(rows, columns=["probability", "is_right"])
        bins = pd.cut(sites["probability"], EDGES, right=False)
        table = sites.groupby(bins, observed=True).agg(
            sites=("is_right", "size"), mean=("probability", "mean"), right=("is_right", "mean")
        )
        print(f"{each.name}: {len(sites)} sites\n{table.round(3).to_string()}\n")


def judged(found: Prediction, truth: list[int], vocabulary) -> list[tuple[float, bool]]:
    """Say which sites of an answer the truth modifies, if only their places may differ."""
    answer = vocabulary.encode(found.peptide)
    canonical = vocabulary.canonical[truth].tolist()
    names = [vocabulary.tokens[token] for token in canonical]
    bare = [vocabulary.tokens[token][0] for token in answer]
    masses = vocabulary.masses.numpy()
    same = len(names) == len(bare) and [name[0] for name in names] == bare
    if not same or abs(masses[answer].sum() - masses[canonical].sum()) > 1e-3:
        return []
    shift = int(bool(vocabulary.is_n_terminal[answer[0]]))
    return [(s.probability, names[s.place - 1 + shift] == s.residue) for s in found.sites]


if __name__ == "__main__":
    main()
