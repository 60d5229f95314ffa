"""Work of `denovo sequence`: sequence files in parts, and write one result of all parts."""

import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import typer
from rich.console import Console

from denovo.choices import DEFAULT_NETWORK
from denovo.cli.sequencing_reading import Reading, proposal_of, size_of, stat_of
from denovo.cli.sequencing_summary import next_steps, summary_of
from denovo.errors import InputError, Stopped
from denovo.io import together
from denovo.io.files import sha256_of
from denovo.io.predictions import (
    Part,
    PartFolder,
    RunRecord,
    Shard,
    check_apart,
    check_folder,
    check_outputs,
    further_columns_of,
    gather_parts,
    open_parts,
    open_rejected,
    partial_outputs,
    write_predictions,
)
from denovo.io.predictions.parts import RUN
from denovo.io.streams import ReadPosition
from denovo.metrics import Reliability, q_values
from denovo.metrics.sources import SourceRun
from denovo.progress import progress_bar
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase
from denovo.reports.table import Table, print_tables, text_of
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.networks import SHIPPED
from denovo.sequencing.networks.validation import validated
from denovo.sequencing.proteome.run import choose, settle
from denovo.sequencing.proteome.sources import NOT_FITTED
from denovo.sequencing.run_description import RunDescription, describe_run
from denovo.sequencing.workers import (
    Entries,
    SequencingJob,
    digest_of_network,
    sequence_chunks,
)
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Float64, ndarray

_INTERRUPTED = "the run was interrupted; entries without a row were not sequenced"


@dataclass(frozen=True)
class Plan:
    """How a run is carried out; no field changes the results.

    Parameters
    ----------
    n_workers : int
        Processes on the CPU.
    shard : Shard
        The part of the run to sequence.
    goes_on : bool
        Whether parts of an earlier run of the same files and settings are used.
    scheduler : str or None
        Address of the Dask scheduler whose workers sequence; None for this machine.
    """

    n_workers: int = 1
    shard: Shard = field(default_factory=Shard)
    goes_on: bool = True
    scheduler: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the run is not divided into shards."""
        return self.shard.count == 1


@dataclass(frozen=True)
class Written:
    """Files of a run: predictions, entries that were not sequenced, and the HTML page."""

    outputs: list[Path]
    rejected: Path
    report: Path | None

    @property
    def all(self) -> list[Path]:
        """All files."""
        return [*self.outputs, self.rejected, *([self.report] if self.report else [])]

    @property
    def parts(self) -> Path:
        """The folder of the parts of the run, until the outputs are complete."""
        return self.outputs[0].with_name(f"{self.outputs[0].name}.parts")

    @contextmanager
    def held(self, read: list[Path], overwrite: bool, plan: Plan) -> Iterator[None]:
        """Hold the files for a run; those that the block writes appear together at its end."""
        if not plan.is_whole and not plan.goes_on:
            raise InputError(
                f"--no-resume would remove the parts of other shards; delete {self.parts} instead"
            )
        check_outputs(self.outputs)
        check_apart(read, self.all)
        for path in self.all:
            check_folder(path)
        held = self.all if plan.is_whole else [self.parts / plan.shard.file_name]
        with together(*held):
            partial = partial_outputs(self.parts) if plan.goes_on else set()
            complete = [path for path in self.are_there if str(path.resolve()) not in partial]
            if plan.is_whole and complete and not overwrite:
                raise InputError(
                    f"{complete[0]} exists; give --overwrite, or choose another --output"
                )
            yield

    @property
    def are_there(self) -> list[Path]:
        """Files that exist."""
        return [path for path in self.all if path.exists()]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit status, parts to print, and files.

    ``finished`` are parts that the files make superfluous, ``hints`` lines on what to do next.
    """

    status: int
    summary: list[Table | str]
    written: list[Path]
    finished: PartFolder | None = None
    hints: Sequence[str] = ()

    def conclude(self) -> None:
        """Remove finished parts, print the summary, and exit with the status if it is not 0."""
        if self.finished is not None:
            self.finished.remove()
        written = [f"written  {path}" for path in self.written]
        print_tables([*self.summary, *written, *self.hints])
        if self.status:
            Console(stderr=True).print(
                "interrupted: what had been sequenced is written; repeat the command to go on"
            )
            raise typer.Exit(self.status)


def run_sequencing(job: SequencingJob, paths: list[Path], written: Written, plan: Plan) -> Outcome:
    """Sequence files in parts, and write the result to files that are held.

    A signal ends the reading. The parts that are complete by then are kept, and written unless
    that would replace the files of an earlier run.
    """
    model, pipeline = job.load()
    start, status = time.perf_counter(), 0
    job = replace(job, digest=digest_of_network(model))
    before = {path: stat_of(path) for path in paths}
    parts = open_parts(written.parts, describe_run(job, model, pipeline, paths), plan.goes_on)
    had_outputs = bool(written.are_there)
    reading = Reading(paths, plan.shard, parts.numbers)
    try:
        _sequence(job, pipeline, reading, parts, plan)
    except (KeyboardInterrupt, Stopped) as stop:
        if had_outputs or not plan.is_whole or not parts.numbers:
            raise
        status = 128 + (stop.signum if isinstance(stop, Stopped) else signal.SIGINT)
    finally:
        if plan.is_whole and not parts.numbers:
            parts.remove()
    if not status and (changed := [path for path in paths if before[path] != stat_of(path)]):
        raise InputError(f"{changed[0]} has changed during the run; repeat it with --no-resume")
    if not plan.is_whole:
        parts.finish_shard(plan.shard.file_name, reading.n_chunks)
        return Outcome(0, [_how_to_merge(plan.shard, parts)], [])
    if not status:
        try:
            _check_entries(parts)
        except InputError:
            parts.remove()
            raise
    if status:
        parts.note_partial(written.all)
    outcome = _write(parts, written, status)
    return replace(
        outcome, summary=[*outcome.summary, _speed(reading, start, str(pipeline.device))]
    )


def merge_shards(folders: list[Path], written: Written) -> Outcome:
    """Write the result of a run whose shards are complete to files that are held."""
    parts = gather_parts(folders)
    _check_entries(parts)
    return replace(_write(parts, written, 0), finished=None)


def _sequence(
    job: SequencingJob,
    pipeline: SpectrumSequencer,
    reading: Reading,
    parts: PartFolder,
    plan: Plan,
) -> None:
    hint = ""

    def check(spectra: Iterable[MeasuredSpectrum]) -> None:
        nonlocal hint
        if job.checkpoint in (None, Path(DEFAULT_NETWORK)):
            hint = proposal_of(spectra, is_named=job.checkpoint is not None)
            if hint:
                progress.console.print(f"hint: {hint}", highlight=False, soft_wrap=True)

    with (
        progress_bar() as progress,
        ReadPosition().watching() as position,
        closing(reading.chunks(position, check)) as chunks,
    ):
        total = sum(map(size_of, reading.paths))
        task = progress.add_task("sequencing", total=total)
        completed = 0
        for part in _sequenced(job, pipeline, chunks, plan):
            parts.add(replace(part, hint=hint if part.number == 0 else ""))
            reading.n_done += len(part)
            completed = max(completed, reading.ends[part.number])
            progress.update(task, completed=completed, n_done=reading.n_done)


def _sequenced(
    job: SequencingJob,
    pipeline: SpectrumSequencer,
    chunks: Iterable[tuple[int, Entries]],
    plan: Plan,
) -> Iterator[Part]:
    if plan.scheduler is None:
        n_workers = plan.n_workers if pipeline.device.type == "cpu" else 1
        return sequence_chunks(job, pipeline, chunks, n_workers)
    # Only here, as Dask need not be installed.
    from denovo.sequencing.cluster import sequence_on_cluster

    settings = replace(job.settings, device=str(pipeline.device))
    return sequence_on_cluster(replace(job, settings=settings), chunks, plan.scheduler)


def _check_entries(parts: PartFolder) -> None:
    """Refuse files without a single entry."""
    first: Rejected | None = None
    for part in parts.parts():
        if part.predictions or any(entry.index is not None for entry in part.rejected):
            return
        first = first or next(iter(part.rejected), None)
    if first:
        n_files = len(parts.run["files"])
        among = f"none of the {n_files} files holds a spectrum, " if n_files > 1 else ""
        raise InputError(f"{among}{first.sentence}")


def _write(parts: PartFolder, written: Written, status: int) -> Outcome:
    """Write the outputs of the available parts."""
    run = validated(RunDescription, dict(parts.run), parts.folder / RUN)
    settled: SourceRun | None = None
    if run.settings.get("proteome"):
        share = run.settings["novel_share"]
        settled = settle(parts, None if share == str(None) else float(share))
        parts.set_choice(partial(choose, settled))
    parts.set_q_values(_q_values(parts) if settled is None else settled.q_values)
    parts.dataset = run.settings.get("dataset", "")
    files = tuple(each.path for each in run.files)
    further = further_columns_of(run.settings)
    # A merge may have the files beside it, in a folder of its own.
    folder = Path() if all(Path(file).exists() for file in files) else Path(run.folder_path)
    record = RunRecord(files, run.settings, run.denovo, run.residues.build(), further, folder)
    showcase, hint = Showcase(parts.median_score), ""
    with open_rejected(written.rejected) as rejected:
        for part in parts.parts():
            hint = part.hint if part.number == 0 else hint
            for entry in part.rejected:
                rejected.add(entry)
            for place, spectrum in part.shown:
                showcase.add(part.predictions[place], spectrum)
        if status:
            rejected.add(Rejected(files[-1], _INTERRUPTED))
    reliability = Reliability.from_state(run.reliability.plain()) if run.reliability else None
    counts = dict(rejected.counts)
    described = SequencingRun(record, run.device, counts, reliability, settled, hint)
    with progress_bar("rows") as progress:
        task = progress.add_task("writing", total=len(parts) * len(written.outputs))
        write_predictions(written.outputs, parts, record, lambda: progress.advance(task))
    if written.report:
        # Only here, as matplotlib takes a second to load.
        from denovo.cli.sequencing_page import write_page

        write_page(written.report, described, parts, showcase, [each.sha256 for each in run.files])
    finished = None if status else parts
    summary = summary_of(described.rejected, parts, run.trained)
    if settled:
        summary += settled.lines
        is_fitted = run.network == sha256_of(SHIPPED)
        summary += [] if is_fitted else [f"warning: {NOT_FITTED}"]
    hints = next_steps(written.outputs[0], written.report, showcase.best)
    return Outcome(status, summary, written.all, finished, hints)


def _q_values(parts: PartFolder) -> Float64[ndarray, " spectrum"]:
    """Estimate false discovery rates over all answers of the run; NaN without a probability."""
    found = np.full(len(parts), np.nan)
    counts = parts.has_answer & ~np.isnan(parts.probabilities)
    found[counts] = q_values(parts.probabilities[counts])
    return found


def _speed(reading: Reading, start: float, device: str) -> str:
    seconds = time.perf_counter() - start
    rate = text_of(reading.n_done / seconds)
    entries = "entry" if reading.n_done == 1 else "entries"
    return f"{reading.n_done:,} {entries} in {seconds:,.1f} s on {device}: {rate} spectra/s"


def _how_to_merge(shard: Shard, parts: PartFolder) -> str:
    return (
        f"shard {shard.number} of {shard.count} is complete; when all are, make one result with "
        f"denovo merge {parts.folder} --output FILE"
    )
