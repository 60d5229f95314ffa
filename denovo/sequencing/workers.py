"""Sequencing on several cores: chunks of entries go to worker processes."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import torch

from denovo.errors import InputError
from denovo.io.files import sha256_of
from denovo.io.predictions.parts import Part
from denovo.processes import WorkerLostError, import_for_workers, worker_pool
from denovo.sequencing import networks
from denovo.sequencing.networks import TrainedModel
from denovo.sequencing.networks.exported import SUFFIX
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.sequencing.settings import PIPELINE_MODULES, SequencingSettings
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import Prediction

CHUNK_SIZE = 256
"""Entries of a chunk. Results depend on it in their last bits, as batches do; the number of workers
has no effect on them."""
_SHOWN = 4
"""Best, middle and worst answers of a chunk that keep their spectra for the report."""

Entries = list[MeasuredSpectrum | Rejected]


@dataclass(frozen=True)
class SequencingJob:
    """Everything that a worker process needs to sequence: a network by its path, and settings.

    Parameters
    ----------
    checkpoint : Path or None
        The network; None for the shipped one.
    settings : SequencingSettings
        How to sequence.
    digest : str
        SHA-256 of the file of the network; workers refuse a file that has changed. Not checked if
        it is empty.
    """

    checkpoint: Path | None
    settings: SequencingSettings
    digest: str = ""

    def load(self) -> tuple[TrainedModel, SpectrumSequencer]:
        """Load the network, and compute on one thread, as every worker does."""
        torch.set_num_threads(1)
        model = networks.load_model(self.checkpoint)
        if self.digest and digest_of_network(model) != self.digest:
            raise InputError(
                f"{model.path} has changed since it was loaded; begin the run anew (--no-resume)"
            )
        return model, self.settings.pipeline(model)


def chunks_of(records: Iterable[MeasuredSpectrum | Rejected]) -> Iterator[Entries]:
    """Cut a stream of entries into chunks of `CHUNK_SIZE`."""
    stream = iter(records)
    while chunk := list(islice(stream, CHUNK_SIZE)):
        yield chunk


def sequence_chunks(
    job: SequencingJob,
    pipeline: SpectrumSequencer,
    chunks: Iterable[tuple[int, Entries]],
    n_workers: int,
) -> Iterator[Part]:
    """Sequence numbered chunks, in this process or in several.

    Parameters
    ----------
    job : SequencingJob
        What workers load.
    pipeline : SpectrumSequencer
        The same, loaded in this process.
    chunks : iterable of (int, list)
        Number of each chunk, and its entries. They are read as far ahead as workers need them.
    n_workers : int
        Processes. With one, or with a single chunk, this process does the work.

    Yields
    ------
    Part
        One for each chunk, as soon as it is ready; the same for every number of workers.

    Raises
    ------
    InputError
        If a worker process ends, as one that runs out of memory does.
    """
    for _, part in _computed(sequence_chunk, job, pipeline, chunks, n_workers):
        yield part


def sequence_chunk(pipeline: SpectrumSequencer, number: int, entries: Entries) -> Part:
    """Sequence one chunk."""
    outcomes = list(pipeline(entries))
    answered = [each for each in outcomes if not isinstance(each, Rejected)]
    predictions = [pipeline.prediction(spectrum, answer) for spectrum, answer in answered]
    return Part(
        number,
        predictions,
        [each for each in outcomes if isinstance(each, Rejected)],
        [(place, answered[place][0]) for place in _examples(predictions)],
    )


def outcomes_in_order(
    job: SequencingJob,
    pipeline: SpectrumSequencer,
    records: Iterable[MeasuredSpectrum | Rejected],
    n_workers: int,
) -> Iterator[Prediction | Rejected]:
    """Sequence a stream of entries, in order; see `sequence_chunks`."""
    ready: dict[int, list[Prediction | Rejected]] = {}
    first = 0
    chunks = enumerate(chunks_of(records))
    for number, outcomes in _computed(_outcomes, job, pipeline, chunks, n_workers):
        ready[number] = outcomes
        while first in ready:
            yield from ready.pop(first)
            first += 1


def digest_of_network(model: TrainedModel) -> str:
    """Return the SHA-256 of the file that holds the weights of a network."""
    path = model.path.with_suffix(SUFFIX) if model.path.suffix == ".json" else model.path
    return sha256_of(path)


def _computed(
    compute: Callable[[SpectrumSequencer, int, Entries], Any],
    job: SequencingJob,
    pipeline: SpectrumSequencer,
    chunks: Iterable[tuple[int, Entries]],
    n_workers: int,
) -> Iterator[tuple[int, Any]]:
    """Yield the place of each chunk and what is computed from it, as soon as it is ready."""
    stream = iter(chunks)
    first = list(islice(stream, n_workers))
    n_workers = len(first)
    if n_workers < 2:
        for place, (number, entries) in enumerate(chain(first, stream)):
            with _one_thread():
                result = compute(pipeline, number, entries)
            yield place, result
        return
    import_for_workers(*PIPELINE_MODULES)
    tasks = ((compute, number, entries) for number, entries in chain(first, stream))
    try:
        with worker_pool(n_workers, _prepare, job) as pool:
            yield from pool.results(_compute, tasks)
    except WorkerLostError as error:
        raise InputError(
            f"one of {n_workers} workers ended: memory ran out, it was ended from outside, or the "
            "calling script lacks `if __name__ == '__main__'`; repeat it with fewer workers"
        ) from error


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute as a worker does: the matrices are small, and several threads take longer."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


_pipeline: SpectrumSequencer | None = None
"""What a worker process sequences with."""


def _prepare(job: SequencingJob) -> None:
    """Load the network in a worker process."""
    global _pipeline
    _pipeline = job.load()[1]
    gc.freeze()  # what was loaded stays; each full collection would look at it again


def _compute(
    compute: Callable[[SpectrumSequencer, int, Entries], Any], number: int, entries: Entries
) -> Any:
    assert _pipeline is not None, "the worker was prepared"
    return compute(_pipeline, number, entries)


def _outcomes(
    pipeline: SpectrumSequencer, number: int, entries: Entries
) -> list[Prediction | Rejected]:
    return [
        each if isinstance(each, Rejected) else pipeline.prediction(*each)
        for each in pipeline(entries)
    ]


def _examples(predictions: Sequence[Prediction]) -> list[int]:
    """Choose answers to show: the best, the worst, and those nearest to the median."""
    answered = [n for n, each in enumerate(predictions) if each.has_answer]
    ranked = sorted(answered, key=lambda n: -predictions[n].score)
    middle = max((len(ranked) - _SHOWN) // 2, 0)
    return sorted({*ranked[:_SHOWN], *ranked[middle : middle + _SHOWN], *ranked[-_SHOWN:]})
