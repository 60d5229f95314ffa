"""Wrong answers beside the truth: whether a peak tells the two apart.

Run ``python benchmarks/undecided.py casanovo.mgf hela.mgf pepnet.mgf --rooted casanovo.mgf``. The
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
from denovo.chemistry.internal_fragments import InternalFragments
from denovo.data import AnnotatedSpectra
from denovo.decoding import DecoderKind, make_decoder
from denovo.sequencing.reranking import are_right, make_rescorer
from denovo.sequencing.rescoring import CandidateIons, ListTable, Rescorer, Rescoring
from denovo.sequencing.rescoring.internal_odds import TOLERANCE
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import fragmentation
from denovo.typing import Float64, Int, ndarray

N_CANDIDATES = 16
LONGEST = 4
"""Silent sites in a row from which on spectra are counted together."""
COVERING = ("b", "y", "b2", "y2")
READ, UNLISTED = "read", "truth not listed"
Errors = Counter[tuple[int, str]]
Choice = Callable[[ListTable], Float64[ndarray, " candidate"]]


def main() -> None:
    """Count over all files, by the longest silent run of the truth."""
    torch.set_num_threads(1)
    model, sources = open_files(__doc__)
    decoder = make_decoder(DecoderKind.CONSTRAINED, N_CANDIDATES, N_CANDIDATES)
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
        print(f"longest silent run {run}{'+' * (run == LONGEST)}: {parts}")


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
        silent_run = fragmentation(batch, vocabulary, COVERING).longest_silent_run.tolist()
        for row, truth in enumerate(truths):
            places = np.flatnonzero(lists.row == row)
            kind = UNLISTED
            if is_right[places].any():
                best = places[probability[places].argmax()]
                pair = [lists.peptides[best], truth]
                kind = READ if is_right[best] else tell(spectra, row, pair, vocabulary)
            counts[min(silent_run[row], LONGEST), kind] += 1


def tell(spectra: Spectra, row: int, pair: list[list[int]], vocabulary: Vocabulary) -> str:
    """Say for which of two peptides of a spectrum there are more peaks that only it has."""
    ions = CandidateIons.of(spectra, np.array([row, row]), pair, vocabulary)
    n_peaks = len(ions.index.key)
    both = np.concatenate([ions.terminal, _internal(ions)])
    of_answer, of_truth = (set(both[both // n_peaks == k] % n_peaks) for k in (0, 1))
    for_answer, for_truth = len(of_answer - of_truth), len(of_truth - of_answer)
    if for_answer == for_truth:
        return "nothing tells" if not for_answer else "as many for each"
    return "more for the truth" if for_truth > for_answer else "more for the answer"


def _internal(ions: CandidateIons) -> Int[ndarray, " hit"]:
    internal = InternalFragments.of(ions.tokens, ions.is_residue, ions.vocabulary)
    place = internal.is_there.numpy().nonzero()
    mz = internal.mz.numpy()[place]
    entry, is_hit = ions.index.nearest(ions.row[place[0]], mz, TOLERANCE)
    return ions.number(place[0], entry)[is_hit]


if __name__ == "__main__":
    main()
