"""Read a set of spectra that lies in memory."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from denovo.curriculum import Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.sequencing import SpectrumSequencer


def answers_to(
    pipeline: SpectrumSequencer, source: SpectrumSource, batch_size: int = 64
) -> list[dict[str, Any]]:
    """Read all spectra of a source.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Networks, decoder, rescoring.
    source : SpectrumSource
        Spectra with peptides.
    batch_size : int
        Spectra read together; those of similar length share a batch.

    Returns
    -------
    list of dict
        For each spectrum, in the order of the source: ``title``, ``peptide``, ``prediction``,
        ``log_probability``, ``probability``. A prediction that does not count as an answer, as
        nothing that was found agrees with the precursor, is one here, of probability 0.
    """
    vocabulary = source.vocabulary
    rows: list[dict[str, Any]] = [{} for _ in range(len(source))]
    order = np.argsort(source.lengths, kind="stable")
    with _progress() as progress:
        task = progress.add_task("sequencing", total=len(source))
        for start in range(0, len(order), batch_size):
            indices = order[start : start + batch_size]
            known = source.read(indices)
            batch = prepare_batch(known, Noise(), seed=0, n_peaks=pipeline.n_peaks)
            candidates = pipeline.candidates(batch.spectra)
            probabilities = pipeline.probabilities(candidates)
            for row, index in enumerate(indices):
                rows[index] = {
                    "title": source.identifiers(indices[row : row + 1])[0],
                    "peptide": vocabulary.decode(batch.tokens[row].tolist()),
                    "prediction": vocabulary.decode(candidates[row].answer.peptide),
                    "log_probability": candidates[row].answer.log_probability,
                    "probability": probabilities[row],
                }
            progress.advance(task, len(indices))
    return rows


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
