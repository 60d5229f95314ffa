"""Work of `denovo spectra-stats`: measured spectra, and simulated ones of the same peptides."""

import json
import shlex
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from denovo.chemistry import Vocabulary
from denovo.choices import SpectrumGrouping
from denovo.cli.diagnosis_input import settings_of
from denovo.curriculum import Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.errors import InputError
from denovo.evaluation.sets import open_sources
from denovo.evaluation.spectrum_statistics import (
    PARTS,
    SpectrumStatistics,
    measure_groups,
    measure_spectra,
)
from denovo.io import together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.spectrum_statistics import draw_spectrum_statistics
from denovo.reports.table import Table, print_tables
from denovo.simulation import make_simulator
from denovo.simulation.predicted import predict_spectra, spectra_of
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build, override, plain

_BATCH = 64


def measure_and_write(
    files: list[str],
    simulated: list[str],
    sqrt_intensity: list[str],
    n_peaks: int,
    n_spectra: int,
    residues: str,
    seed: int,
    by: SpectrumGrouping | None,
    output: Path | None,
    plot: Path | None,
) -> None:
    """Measure the parts of files and simulations, print tables and write files.

    The arguments are options of the command; each text in ``simulated`` holds settings as for
    ``train.py``.
    """
    with together(output, plot):
        vocabulary = Vocabulary(build(settings_of([override("residues", residues)]).residues))
        sources = open_sources(files, vocabulary, sqrt_intensity) if files else {}
        measured = {
            name: _batches(name, source, Noise(), n_peaks, seed) for name, source in sources.items()
        }
        if by is not None and measured:
            measured = {"measured": chain.from_iterable(measured.values())}
        found = [
            each
            for name, batches in measured.items()
            for each in _measure(name, batches, vocabulary, n_peaks, by)
        ]
        predicted: dict[str, SpectrumSource] = {}
        for text in simulated:
            config = settings_of([*_words(text), override("residues", residues)])
            model = plain(config.simulator)["model"]
            if str(model) not in predicted:
                source = _predict(list(sources.values()), vocabulary, model, n_spectra)
                predicted[str(model)] = source
            noise = Noise(
                **{**vars(build(config.curriculum).last_stage.noise), "noisy_fraction": 1.0}
            )
            batches = _batches(text, predicted[str(model)], noise, n_peaks, seed)
            found += _measure(text, batches, vocabulary, n_peaks, by)
        if output:
            write_text(output, json.dumps([c.as_dict() for c in found], indent=2) + "\n")
        if plot:
            write_picture(plot, draw_spectrum_statistics([c.as_dict() for c in found]))
    print_tables(_tables(found))


def _measure(
    name: str,
    batches: Iterable[LabelledSpectra],
    vocabulary: Vocabulary,
    n_peaks: int,
    by: SpectrumGrouping | None,
) -> list[SpectrumStatistics]:
    if by is None:
        return [measure_spectra(name, batches, vocabulary, n_peaks)]
    return measure_groups(name, batches, vocabulary, by, n_peaks)


def _words(text: str) -> list[str]:
    """Split settings as a shell does."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError(f"--simulated {text!r} cannot be read: {error}") from error


def _predict(
    sources: list[SpectrumSource],
    vocabulary: Vocabulary,
    model: str | dict[str, float],
    n_spectra: int,
) -> SpectrumSource:
    """Predict the spectra of the peptides of files; without any, of random tryptic ones."""
    peptides: dict[tuple[str, int], None] = {}
    for source in sources:
        batch = source.read(np.arange(len(source)))
        charges = batch.spectra.precursor_charge.tolist()
        texts = [vocabulary.decode(row) for row in batch.tokens.tolist()]
        peptides |= dict.fromkeys(zip(texts, charges, strict=True))
    if not peptides:
        return predict_spectra(vocabulary, n_spectra, model)
    texts, charges = [p for p, _ in peptides], [c for _, c in peptides]
    intensities = make_simulator(model).predict(texts, charges, vocabulary.alphabet)
    return spectra_of(texts, charges, intensities, vocabulary)


def _batches(
    name: str, source: SpectrumSource, noise: Noise, n_peaks: int, seed: int
) -> Iterator[LabelledSpectra]:
    order = np.argsort(source.lengths, kind="stable")
    starts = track(range(0, len(order), _BATCH), name, console=Console(stderr=True), transient=True)
    for number, start in enumerate(starts):
        batch = source.read(order[start : start + _BATCH])
        yield prepare_batch(batch, noise, seed + number, n_peaks, source.vocabulary)


def _tables(found: list[SpectrumStatistics]) -> Iterator[Table]:
    """Make the tables of sets of spectra, a column for each set."""
    names = tuple(f"{c.name} ({c.n_spectra})" for c in found)
    contents = {
        "share of intensity / of peaks": {
            part: [f"{c.intensity_share[part]:.2f} / {c.peak_share[part]:.2f}" for c in found]
            for part in PARTS
        },
        "in spectra / height, median": {
            part: [f"{c.spectra_share[part]:.2f} / {c.height[part]:.3f}" for c in found]
            for part in PARTS
        },
        "strong ions with it / ratio, median": {
            key: [f"{c.frequency[key]:.2f} / {c.ratio[key]:.2f}" for c in found]
            for key in found[0].ratio
        },
        "figure": {key: [f"{c.figures[key]:.3g}" for c in found] for key in found[0].figures},
    }
    for heading, rows in contents.items():
        yield Table((heading, *names), tuple((name, *cells) for name, cells in rows.items()))
