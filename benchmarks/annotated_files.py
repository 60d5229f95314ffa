"""The annotated files that a benchmark is given, opened as the shipped network reads them."""

import argparse
from collections.abc import Iterator

from denovo.chemistry import Vocabulary
from denovo.curriculum import Noise
from denovo.data import AnnotatedSpectra, prepare_batch
from denovo.evaluation.sets import open_sources
from denovo.sequencing.networks import TrainedModel, load_model
from denovo.spectra.batch import LabelledSpectra


def open_files(
    description: str | None, is_comparable: bool = True
) -> tuple[TrainedModel, dict[str, AnnotatedSpectra]]:
    """Read the command line, and open each file as a set of its own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--sqrt-intensity", nargs="*", default=[], help="hold square roots")
    arguments = parser.parse_args()
    model = load_model()
    vocabulary = model.sequencer.vocabulary
    assert isinstance(vocabulary, Vocabulary)
    sets = open_sources(arguments.files, vocabulary, arguments.sqrt_intensity, is_comparable)
    return model, sets


def batches(source: AnnotatedSpectra, n_peaks: int = 150) -> Iterator[LabelledSpectra]:
    """Read all spectra of a set, the strongest peaks of each."""
    order = source.lengths.argsort(kind="stable")
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        yield prepare_batch(source.read(rows), Noise(), seed=0, n_peaks=n_peaks)
