"""One run over files of spectra: read, sequence, write, and tell what became of every entry."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.progress import Progress, TaskID

from denovo.cli.common import progress_bar
from denovo.cli.process import Stopped
from denovo.cli.sequencing_summary import summary_of
from denovo.errors import InputError
from denovo.io import open_spectra, together
from denovo.io.predictions import (
    PredictionSpool,
    RejectedEntries,
    RunRecord,
    check_folder,
    check_outputs,
    open_rejected,
    write_predictions,
)
from denovo.io.streams import ReadPosition
from denovo.metrics import q_values
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase
from denovo.reports.table import Table
from denovo.sequencing import SpectrumSequencer
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Float64, ndarray

_INTERRUPTED = "the run was interrupted here; nothing that follows was read"
_STATUS_OF_INTERRUPTION = 130


@dataclass(frozen=True)
class Written:
    """The files that a run writes.

    Parameters
    ----------
    outputs : list of Path
        Predictions, in the formats of their suffixes.
    rejected : Path
        What was not sequenced.
    report : Path or None
        The HTML page.
    """

    outputs: list[Path]
    rejected: Path
    report: Path | None

    @property
    def all(self) -> list[Path]:
        """Every one of them."""
        return [*self.outputs, self.rejected, *([self.report] if self.report else [])]

    @contextmanager
    def held(self, read: list[Path], overwrite: bool) -> Iterator[None]:
        """Hold the files for a run; those that the block writes appear together at its end.

        Raises
        ------
        InputError
            At once, if a suffix is not known, a folder cannot be written, or a file is read too, is
            written by another process, or exists and is not to be replaced.
        """
        check_outputs(self.outputs)
        inputs = {path.resolve() for path in read}
        for path in self.all:
            check_folder(path)
            if path.resolve() in inputs:
                raise InputError(f"{path} is both read and written; choose another output")
        with together(*self.all):
            if self.are_there and not overwrite:
                raise InputError(
                    f"{self.are_there[0]} exists; give --overwrite, or choose another --output"
                )
            yield

    @property
    def are_there(self) -> list[Path]:
        """Those that exist."""
        return [path for path in self.all if path.exists()]


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    status : int
        Exit status; 0 for a run that came to its end.
    summary : list of Table or str
        Parts to print once the files are written.
    """

    status: int
    summary: list[Table | str]


def run_sequencing(
    pipeline: SpectrumSequencer, paths: list[Path], written: Written, settings: Mapping[str, str]
) -> Outcome:
    """Sequence files and write what came out.

    A signal ends the reading. What was read by then is written, unless it would replace the files
    of an earlier run.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Reads the spectra.
    paths : list of Path
        Files, in order.
    written : Written
        Where the results go; held.
    settings : mapping of str to str
        What to tell of the run in its outputs.

    Returns
    -------
    Outcome
        How it ended.

    Raises
    ------
    InputError
        If no file holds a single entry, the disk is full or a folder cannot be written.
    """
    start, showcase = time.perf_counter(), Showcase()
    with ExitStack() as stack:
        spool = stack.enter_context(PredictionSpool(written.outputs[0].parent))
        rejected = stack.enter_context(open_rejected(written.rejected))
        keeps_part = not written.are_there
        status = _fill(pipeline, paths, spool, rejected, showcase, keeps_part)
        spool.set_q_values(_q_values(spool))
        alphabet = pipeline.vocabulary.alphabet
        record = RunRecord(tuple(map(str, paths)), settings, version("denovo"), alphabet)
        _write(written.outputs, spool, record)
        seconds = time.perf_counter() - start
        run = SequencingRun(record, str(pipeline.device), dict(rejected.counts))
        if written.report:
            # Only here, as matplotlib takes a second to load.
            from denovo.cli.sequencing_page import write_page

            fitted = pipeline.calibration
            reliability = fitted.reliability if fitted else None
            write_page(written.report, run, reliability, spool, showcase)
        return Outcome(status, summary_of(run, spool, seconds))


def _fill(
    pipeline: SpectrumSequencer,
    paths: list[Path],
    spool: PredictionSpool,
    rejected: RejectedEntries,
    showcase: Showcase,
    keeps_part: bool,
) -> int:
    """Sequence all files; returns 0, or the exit status of a signal after which a part is kept."""
    with progress_bar() as progress, ReadPosition().watching() as position:
        task = progress.add_task("sequencing", total=sum(map(_size, paths)))
        read: deque[int] = deque()
        has_entry, first = False, None
        records = _noting(open_spectra(paths), paths, position, read)
        try:
            for number, outcome in enumerate(pipeline(records), start=1):
                if isinstance(outcome, Rejected):
                    rejected.add(outcome)
                    first = first or outcome
                    has_entry |= outcome.index is not None
                else:
                    has_entry = True
                    prediction = pipeline.prediction(*outcome)
                    spool.append(prediction)
                    showcase.add(prediction, outcome[0])
                _advance(progress, task, read.popleft(), number)
        except (KeyboardInterrupt, Stopped) as stop:
            if not keeps_part:
                raise
            rejected.add(Rejected(str(paths[-1]), _INTERRUPTED))
            return stop.status if isinstance(stop, Stopped) else _STATUS_OF_INTERRUPTION
    if first and not has_entry:
        among = f"none of the {len(paths)} files holds a spectrum, " if len(paths) > 1 else ""
        raise InputError(f"{among}{first.sentence}")
    return 0


def _noting(
    records: Iterable[MeasuredSpectrum | Rejected],
    paths: list[Path],
    position: ReadPosition,
    read: deque[int],
) -> Iterator[MeasuredSpectrum | Rejected]:
    """Note for each record how many bytes of all files had been read for it."""
    before, sizes = 0, {str(path): _size(path) for path in paths}
    current = str(paths[0])
    for record in records:
        if record.file != current:
            before += sizes.get(current, 0)
            current = record.file
        read.append(before + position.n_bytes)
        yield record


def _advance(progress: Progress, task: TaskID, n_bytes: int, n_done: int) -> None:
    if n_done % 32 == 0:
        progress.update(task, completed=n_bytes, n_done=n_done)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _q_values(spool: PredictionSpool) -> Float64[ndarray, " spectrum"]:
    """Estimate false discovery rates over all answers of the run; NaN where that cannot be."""
    found = np.full(len(spool), np.nan)
    counts = spool.has_answer & ~np.isnan(spool.probabilities)
    found[counts] = q_values(spool.probabilities[counts])
    return found


def _write(outputs: list[Path], spool: PredictionSpool, record: RunRecord) -> None:
    with progress_bar("rows") as progress:
        task = progress.add_task("writing", total=len(spool) * len(outputs))
        write_predictions(outputs, spool, record, lambda: progress.advance(task))
