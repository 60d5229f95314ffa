"""Wrong answers beside the truth: whether a peak tells the two apart.

Run ``python benchmarks/undecided.py casanovo.mgf hela.mgf pepnet.mgf
--sqrt-intensity casanovo.mgf``. The
shipped network reads with ``full``. Of each wrong answer whose truth is among its candidates, the
peaks are counted that are an ion of one of the two and not of the other: terminal ions of every
kind, and internal fragments. Where there are none, order or composition can only be guessed.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
import torch
from annotated_files import batches, open_files

from denovo.chemistry import Vocabulary
from denovo.data import AnnotatedSpectra
from denovo.decoding import make_candidate_decoder
from denovo.sequencing import make_rescorer
from denovo.sequencing.reranking import are_right
from denovo.sequencing.rescoring import ListTable, Rescorer, Rescoring
from denovo.sequencing.rescoring.internal_odds import match_internal
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.typing import Float64, ndarray

N_CANDIDATES = 16
LONGEST = 4
"""Silent sites in a row from which on spectra are counted together."""
READ, UNLISTED = "read", "truth not listed"
Errors = Counter[tuple[int, str]]
Choice = Callable[[ListTable], Float64[ndarray, " candidate"]]


def main() -> None:
    """Count over all files, by the most missing sites in a row of the truth."""
    torch.set_num_threads(1)
    model, sources = open_files(__doc__)
    decoder = make_candidate_decoder(N_CANDIDATES)
    rescorer = make_rescorer(model, Rescoring.FULL, decoder, N_CANDIDATES)
    if rescorer.reranker is None:
        raise SystemExit("the shipped network holds no reranker")
    choose = rescorer.reranker.probabilities
    counts: Errors = Counter()
    for source in sources.values():
        count(counts, rescorer, choose, source)
    kinds = sorted({kind for _, kind in counts})
    for run in range(LONGEST + 1):
        parts = ", ".join(f"{kind} {counts[run, kind]}" for kind in kinds)
        print(f"most missing sites in a row {run}{'+' * (run == LONGEST)}: {parts}")


def count(counts: Errors, rescorer: Rescorer, choose: Choice, source: AnnotatedSpectra) -> None:
    """Add the spectra of one file."""
    vocabulary = rescorer.vocabulary
    for batch in batches(source):
        spectra = batch.spectra
        lists = rescorer.lists(spectra, rescorer.decoder(rescorer.sequencers[0], spectra))
        is_right = are_right(lists, batch, vocabulary.masses.numpy())
        probability = choose(rescorer.table(lists, spectra))
        tokens = zip(batch.tokens, batch.residue_mask, strict=True)
        truths = [row[mask].tolist() for row, mask in tokens]
        max_missing_sites = FragmentMatches.of_batch(batch, vocabulary).max_missing_sites.tolist()
        for row, truth in enumerate(truths):
            places = np.flatnonzero(lists.row == row)
            kind = UNLISTED
            if is_right[places].any():
                best = places[probability[places].argmax()]
                pair = [lists.peptides[best], truth]
                kind = READ if is_right[best] else tell(spectra, row, pair, vocabulary)
            counts[min(max_missing_sites[row], LONGEST), kind] += 1


def tell(spectra: Spectra, row: int, pair: list[list[int]], vocabulary: Vocabulary) -> str:
    """Say for which of two peptides of a spectrum there are more peaks that only it has."""
    matches = FragmentMatches.of(spectra, np.array([row, row]), pair, vocabulary)
    candidate, _, entry, is_seen = match_internal(matches)
    explained = matches.is_terminal.copy()
    explained[candidate[is_seen], entry[is_seen] % explained.shape[1]] = True
    of_answer, of_truth = (set(peaks.nonzero()[0]) for peaks in explained)
    for_answer, for_truth = len(of_answer - of_truth), len(of_truth - of_answer)
    if for_answer == for_truth:
        return "nothing tells" if not for_answer else "as many for each"
    return "more for the truth" if for_truth > for_answer else "more for the answer"


if __name__ == "__main__":
    main()
