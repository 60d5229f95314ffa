"""Decode a set of spectra that lies in memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from torch import nn

from denovo.curriculum import Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.decoding import Decoded
from denovo.spectra import Spectra


def answers_to(
    sequencer: nn.Module,
    source: SpectrumSource,
    decoder: Callable[[Any, Spectra], Decoded],
    n_peaks: int,
    batch_size: int = 64,
) -> list[dict[str, Any]]:
    """Decode all spectra of a source.

    Parameters
    ----------
    sequencer : Module
        A `Sequencer` in evaluation mode.
    source : SpectrumSource
        Spectra with peptides.
    decoder : callable
        Maps sequencer and spectra to `Decoded`.
    n_peaks : int
        Most intense peaks shown of each spectrum, as in training.
    batch_size : int
        Spectra decoded together; those of similar length share a batch.

    Returns
    -------
    list of dict
        For each spectrum, in the order of the source: ``title``, ``peptide``, ``prediction``,
        ``log_probability``.
    """
    vocabulary = source.vocabulary
    rows: list[dict[str, Any]] = [{} for _ in range(len(source))]
    order = np.argsort(source.lengths, kind="stable")
    with _progress() as progress:
        task = progress.add_task("sequencing", total=len(source))
        for start in range(0, len(order), batch_size):
            indices = order[start : start + batch_size]
            batch = prepare_batch(source.read(indices), Noise(), seed=0, n_peaks=n_peaks)
            decoded = decoder(sequencer, batch.spectra)
            for row, index in enumerate(indices):
                rows[index] = {
                    "title": source.identifiers(indices[row : row + 1])[0],
                    "peptide": vocabulary.decode(batch.tokens[row].tolist()),
                    "prediction": vocabulary.decode(decoded.peptides[row]),
                    "log_probability": float(decoded.log_probability[row]),
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
