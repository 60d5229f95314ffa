"""What internal fragments add to the choice between candidates, by statistics of other files.

Run ``python benchmarks/internal_choice.py casanovo.mgf hela.mgf pepnet.mgf
--sqrt-intensity casanovo.mgf``.
The shipped network lists candidates, and its reranker chooses three times: with the log-odds of
internal fragments as they are, with those by statistics that were fitted to the other files alone,
and with all of them set to 0. A gain that the statistics have from the spectra they were fitted to
would show as a difference between the first two.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from annotated_files import batches, open_files
from internal_fragments import as_statistics, fit, gather

from denovo.chemistry.internal_fragments import MEASURED
from denovo.data import AnnotatedSpectra
from denovo.decoding import make_candidate_decoder
from denovo.sequencing import make_rescorer
from denovo.sequencing.networks import TrainedModel
from denovo.sequencing.reranking import are_right
from denovo.sequencing.rescoring import Rescoring, scaled_log_odds
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.typing import Bool, Float64, ndarray

N_CANDIDATES = 16
Odds = Callable[[FragmentMatches], Float64[ndarray, " candidate"]]


def main() -> None:
    """Read every file in all three ways."""
    torch.set_num_threads(1)
    model, sources = open_files(__doc__)
    vocabulary = model.sequencer.vocabulary
    for name, source in sources.items():
        others = [other for title, other in sources.items() if title != name]
        elsewhere = as_statistics(*fit(gather(others, vocabulary)))
        ways: dict[str, Odds] = {
            "as shipped": lambda ions: scaled_log_odds(ions, MEASURED),
            "of the other files": lambda ions, s=elsewhere: scaled_log_odds(ions, s),
            "none": lambda ions: np.zeros(len(ions)),
        }
        right = read(model, source, ways)
        shares = ", ".join(f"{way} {found.mean():.3f}" for way, found in right.items())
        gain = right["of the other files"] * 1.0 - right["none"]
        error = gain.std() / len(gain) ** 0.5
        print(f"{name} ({len(gain)}): {shares}; gain {gain.mean():+.3f} ({error:.3f})")


def read(
    model: TrainedModel, source: AnnotatedSpectra, ways: dict[str, Odds]
) -> dict[str, Bool[ndarray, " spectrum"]]:
    """Tell for each way which spectra of a file are read."""
    decoder = make_candidate_decoder(N_CANDIDATES)
    rescorer = make_rescorer(model, Rescoring.FULL, decoder, N_CANDIDATES)
    vocabulary, column = rescorer.vocabulary, rescorer.names.index("internal_log_odds")
    found: dict[str, list[Bool[ndarray, " batch"]]] = {way: [] for way in ways}
    for batch in batches(source):
        spectra = batch.spectra
        lists = rescorer.lists(spectra, decoder(rescorer.sequencers[0], spectra))
        is_right = are_right(lists, batch, vocabulary.masses.numpy())
        table = rescorer.table(lists, spectra)
        ions = FragmentMatches.of(spectra, lists.row, lists.peptides, vocabulary)
        for way, odds in ways.items():
            features = table.features.copy()
            features[:, column] = odds(ions)
            probability = rescorer.reranker.probabilities(replace(table, features=features))
            order = np.lexsort((-probability, lists.row))
            rows, first = np.unique(lists.row[order], return_index=True)
            right = np.zeros(len(batch), dtype=np.bool_)
            right[rows] = is_right[order[first]]
            found[way].append(right)
    return {way: np.concatenate(parts) for way, parts in found.items()}


if __name__ == "__main__":
    main()
