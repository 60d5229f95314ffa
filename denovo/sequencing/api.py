"""Python interface: load a network, sequence spectra, write results."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol, SupportsFloat, runtime_checkable

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike

from denovo import __version__
from denovo.chemistry import ResidueAlphabet
from denovo.errors import InputError, check_names
from denovo.io import open_spectra
from denovo.io.frames import read_frame
from denovo.io.peaks import finish_peaks
from denovo.io.predictions import (
    RunRecord,
    check_apart,
    check_outputs,
    further_columns_of,
    to_batches,
    write_predictions,
)
from denovo.io.spectrum import Origin, SpectrumError
from denovo.io.usi import usi_of
from denovo.metrics import q_values
from denovo.processes import check_cores, n_cores
from denovo.sequencing.networks import TrainedModel, load_model
from denovo.sequencing.proteome.run import choose, settle
from denovo.sequencing.settings import SequencingSettings
from denovo.sequencing.workers import SequencingJob, digest_of_network, outcomes_in_order
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import Prediction


@runtime_checkable
class DataFrame(Protocol):
    """A data frame of pandas, polars or pyarrow; see `denovo.io.frames.read_frame`."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


SpectraOrPaths = (
    str
    | Path
    | Iterable[str | Path]
    | MeasuredSpectrum
    | Iterable[MeasuredSpectrum | Rejected]
    | DataFrame
)

_N_SHOWN = 5
"""Rows shown in a notebook."""


@dataclass(frozen=True, repr=False)
class Results:
    """Predictions for a list of spectra.

    Parameters
    ----------
    predictions : list of Prediction
        One for each spectrum that was sequenced, in order.
    rejected : list of Rejected
        Entries that were not sequenced, with the reason.
    alphabet : ResidueAlphabet
        Alphabet of the peptides.
    settings : dict of str to str
        Options of the run.
    """

    predictions: list[Prediction]
    rejected: list[Rejected]
    alphabet: ResidueAlphabet
    settings: dict[str, str]

    def __len__(self) -> int:
        return len(self.predictions)

    def __repr__(self) -> str:
        n_read = sum(prediction.has_answer for prediction in self.predictions)
        return (
            f"Results: {len(self):,} spectra, {n_read:,} with a peptide, {len(self.rejected):,} "
            f"rejected; to_pandas() has the columns {', '.join(self._record.schema.names)}"
        )

    def _repr_html_(self) -> str:
        """Show the counts and the first rows in a notebook."""
        first = replace(self, predictions=self.predictions[:_N_SHOWN])
        return f"<p>{escape(repr(self))}</p>{first.to_pandas().to_html(index=False)}"

    def to_pandas(self) -> pd.DataFrame:
        """Return the predictions as a table, with the columns of the files of `denovo sequence`."""
        batches = list(to_batches(self.predictions, self._record.columns))
        return pa.Table.from_batches(batches, self._record.schema).to_pandas()

    def write(self, *outputs: str | Path) -> None:
        """Write the predictions to files.

        Parameters
        ----------
        *outputs : str or Path
            With suffix ``.mztab``, ``.csv``, ``.tsv`` or ``.parquet``.

        Raises
        ------
        InputError
            If a suffix is unknown, a file cannot be written, or the spectra come from it.
        """
        paths = [Path(output) for output in outputs]
        read = {each.file for each in (*self.predictions, *self.rejected) if each.file}
        check_apart(map(Path, read), paths)
        check_outputs(paths)
        write_predictions(paths, self.predictions, self._record)

    @property
    def _record(self) -> RunRecord:
        files = tuple(dict.fromkeys(prediction.file for prediction in self.predictions))
        further = further_columns_of(self.settings)
        return RunRecord(files, self.settings, __version__, self.alphabet, further)


class Model:
    """A trained network, ready to sequence.

    Parameters
    ----------
    trained : TrainedModel
        What `load_model` returned.
    digest : str
        SHA-256 of its file, which worker processes compare; not compared if it is empty.

    Examples
    --------
    ::

        model = denovo.load("model.safetensors")
        results = model.sequence("run.mzML", tolerance="10 ppm")
        results.to_pandas().query("q_value < 0.05")
    """

    def __init__(self, trained: TrainedModel, digest: str = "") -> None:
        self.trained, self._digest = trained, digest

    @classmethod
    def load(cls, checkpoint: str | Path | None = None) -> "Model":
        """Load a checkpoint, an exported network or one of the package; see `load_model`."""
        trained = load_model(checkpoint)
        return cls(trained, digest_of_network(trained))

    @property
    def alphabet(self) -> ResidueAlphabet:
        """Residues and modifications of its peptides."""
        vocabulary: Any = self.trained.sequencer.vocabulary
        return vocabulary.alphabet

    def stream(
        self, spectra: SpectraOrPaths, n_workers: int | None = 1, **options: Any
    ) -> Iterator[Prediction | Rejected]:
        """Sequence spectra as a stream, some hundreds of them in memory for each worker.

        Parameters
        ----------
        spectra : path, iterable of paths, data frame, spectrum, or iterable of MeasuredSpectrum
            Files or glob patterns; a data frame with the columns of `denovo.io.frames.read_frame`;
            or spectra as `denovo.io.open_spectra` yields them and `denovo.spectrum` makes them.
        n_workers : int or None
            Processes that sequence, each on one thread; None for one per core. More than one need a
            script with ``if __name__ == "__main__"``. A GPU is used by this process alone.
        **options : Any
            Fields of `SequencingSettings`.

        Yields
        ------
        Prediction or Rejected
            In order, the same for every number of workers and as `denovo sequence` gives them;
            without q-values, which need all answers of a run.

        Raises
        ------
        InputError
            Immediately, if an option is unknown or out of range, or a file does not exist; later,
            if an item is no spectrum.
        """
        settings = self._settings(options)
        n_workers = check_cores("n_workers", n_cores() if n_workers is None else n_workers)
        pipeline = settings.pipeline(self.trained)
        records = _records(spectra)
        n_workers = n_workers if pipeline.device.type == "cpu" else 1
        job = SequencingJob(self.trained.path, settings, self._digest)
        return outcomes_in_order(job, pipeline, records, n_workers)

    def sequence(
        self, spectra: SpectraOrPaths, n_workers: int | None = 1, **options: Any
    ) -> Results:
        """Sequence spectra and return all predictions, with q-values.

        Parameters
        ----------
        spectra, n_workers, **options
            See `stream`.

        Returns
        -------
        Results
            Predictions and rejected entries.
        """
        settings = self._settings(options).for_model(self.trained)
        predictions, rejected = [], []
        for outcome in self.stream(spectra, n_workers, **options):
            if isinstance(outcome, Rejected):
                rejected.append(outcome)
            else:
                predictions.append(outcome)
        described = {"checkpoint": str(self.trained.path), **settings.as_text()}
        if settings.proteome:
            predictions = _of_sources(predictions, settings.novel_share)
        else:
            predictions = _ranked(predictions)
        if settings.dataset:
            predictions = [replace(p, usi=usi_of(p, settings.dataset)) for p in predictions]
        return Results(predictions, rejected, self.alphabet, described)

    def _settings(self, options: dict[str, Any]) -> SequencingSettings:
        known = SequencingSettings.__dataclass_fields__
        check_names(options, known, "sequence", "option")
        if isinstance(proteome := options.get("proteome"), str | Path):
            options = {**options, "proteome": (str(proteome),)}
        return SequencingSettings(**options)


def spectrum(
    mz: ArrayLike,
    intensity: ArrayLike,
    precursor_mz: SupportsFloat,
    precursor_charge: SupportsFloat | None = None,
    title: object = "spectrum",
    index: int = 0,
) -> MeasuredSpectrum:
    """Make a spectrum from arrays, with the checks and centroiding that files get.

    Parameters
    ----------
    mz, intensity : sequence or array [peak]
        Peaks or profile points, in any order; m/z in Th.
    precursor_mz : float
        Measured precursor m/z in Th.
    precursor_charge : int or None
        Positive whole number; None tries several.
    title : str
        Title.
    index : int
        Index, unique among several spectra.

    Returns
    -------
    MeasuredSpectrum
        For `Model.sequence`.

    Raises
    ------
    InputError
        If a value is missing, not finite or out of range.
    """
    origin = Origin(file="", index=index, native_id=f"index={index}", title=str(title))
    try:
        mz, intensity = (np.asarray(v, dtype=np.float64).reshape(-1) for v in (mz, intensity))
        peaks = finish_peaks(mz, intensity)
        return origin.spectrum(peaks, float(precursor_mz), _whole(precursor_charge))
    except (SpectrumError, TypeError, ValueError) as error:
        raise InputError(f"spectrum {title!r}: {error}") from error


def _whole(charge: Any) -> int | None:
    """Return a charge as an integer, which data frames hold as floats."""
    if charge is None:
        return None
    if not isinstance(charge, bool | str) and float(charge).is_integer():
        return int(charge)
    raise SpectrumError(f"the charge must be a whole number, got {charge!r}")


def _records(spectra: Any) -> Iterable[MeasuredSpectrum | Rejected]:
    """Open files and data frames; the items of any other iterable are checked one by one."""
    if isinstance(spectra, MeasuredSpectrum):
        return [spectra]
    if isinstance(spectra, str | Path):
        return open_spectra(spectra)
    if isinstance(spectra, DataFrame):
        return read_frame(spectra)
    if not isinstance(spectra, Iterable):
        raise _no_spectrum(spectra)
    if isinstance(spectra, Sequence | np.ndarray | Set) and any(map(_is_path, spectra)):
        return open_spectra(_paths(spectra))
    return _opened_later(iter(spectra))


def _opened_later(items: Iterator[Any]) -> Iterator[MeasuredSpectrum | Rejected]:
    """Look at the first item of an iterator when it is asked for, as it may have to wait."""
    first = list(islice(items, 1))
    is_path = any(map(_is_path, first))
    together = chain(first, items)
    yield from open_spectra(_paths(together)) if is_path else _checked(together)


def _is_path(item: object) -> bool:
    return isinstance(item, str | Path)


def _paths(items: Iterable[Any]) -> list[str | Path]:
    found = list(items)
    if wrong := [item for item in found if not _is_path(item)]:
        raise _no_spectrum(wrong[0])
    return found


def _checked(items: Iterable[Any]) -> Iterator[MeasuredSpectrum | Rejected]:
    for item in items:
        if not isinstance(item, MeasuredSpectrum | Rejected):
            raise _no_spectrum(item)
        yield item


def _no_spectrum(item: object) -> InputError:
    return InputError(
        "spectra must be paths, a data frame, or what denovo.spectrum and denovo.io.open_spectra "
        f"return, got {str(item)[:80]!r}"
    )


def _of_sources(predictions: list[Prediction], novel_share: float | None) -> list[Prediction]:
    """Choose the answers of a run with a proteome, with q-values by source."""
    settled = settle(predictions, novel_share)
    chosen = map(partial(choose, settled), predictions)
    return [
        replace(each, q_value=q_value if each.has_answer else None)
        for each, q_value in zip(chosen, settled.q_values.tolist(), strict=True)
    ]


def _ranked(predictions: list[Prediction]) -> list[Prediction]:
    probabilities = [p.probability for p in predictions if p.has_answer]
    if not probabilities or None in probabilities:
        return predictions
    ranks = iter(q_values(np.array(probabilities, dtype=np.float64)).tolist())
    return [replace(p, q_value=next(ranks)) if p.has_answer else p for p in predictions]
