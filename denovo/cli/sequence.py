"""`denovo sequence`: files in, peptides out, every entry accounted for."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from denovo.checkpoint import load_model
from denovo.cli.progress import progress_bar
from denovo.cli.sequencing_options import (
    CHARGES,
    DECODER,
    DEFAULTS,
    ISOTOPE_ERRORS,
    RESCORING,
    AlternativesOption,
    BatchSizeOption,
    BeamWidthOption,
    CandidatesOption,
    ChargesOption,
    CheckpointOption,
    DecoderOption,
    DeviceOption,
    FragmentToleranceOption,
    IntensityPowerOption,
    IsotopeErrorsOption,
    RescoringOption,
    ThreadsOption,
    ToleranceOption,
    sequencing_settings,
    use_threads,
)
from denovo.cli.sequencing_summary import print_summary
from denovo.configuration import faults_as_sentences
from denovo.errors import InputError
from denovo.figures.gallery import Picture
from denovo.figures.reliability import draw_reliability
from denovo.html import SequencingRun, Showcase, write_sequencing_report
from denovo.io import MeasuredSpectrum, Rejected, expand, open_spectra
from denovo.io.predictions import (
    Ledger,
    PredictionSpool,
    RunRecord,
    check_outputs,
    open_ledger,
    write_predictions,
)
from denovo.io.streams import ReadPosition
from denovo.metrics import q_values
from denovo.sequencing import SpectrumSequencer

_INTERRUPTED = "the run was interrupted here; nothing that follows was read"
_EXIT_INTERRUPTED = 130


def sequence_command(
    files: Annotated[
        list[str], typer.Argument(help="mgf, mzML, mzXML, msp, sptxt, mzSpecLib; also .gz, globs.")
    ],
    checkpoint: CheckpointOption = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(help="Predictions: .mztab, .csv, .tsv or .parquet; may be given repeatedly."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="CSV of what was not sequenced, and why; beside the output by default."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML page of the run.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace outputs that exist.")] = False,
    decoder: DecoderOption = DECODER,
    beam_width: BeamWidthOption = DEFAULTS.beam_width,
    tolerance: ToleranceOption = DEFAULTS.tolerance,
    isotope_errors: IsotopeErrorsOption = ISOTOPE_ERRORS,
    charges: ChargesOption = CHARGES,
    rescoring: RescoringOption = RESCORING,
    candidates: CandidatesOption = DEFAULTS.candidates,
    alternatives: AlternativesOption = DEFAULTS.alternatives,
    fragment_tolerance: FragmentToleranceOption = DEFAULTS.fragment_tolerance,
    intensity_power: IntensityPowerOption = DEFAULTS.intensity_power,
    batch_size: BatchSizeOption = DEFAULTS.batch_size,
    device: DeviceOption = DEFAULTS.device,
    threads: ThreadsOption = None,
) -> None:
    """Read peptides out of measured spectra.

    Every entry of the files becomes a row of the outputs, or a row of the ledger with its reason.
    """
    with faults_as_sentences():
        use_threads(threads)
        paths = expand(files)
        outputs = output or [Path(f"{paths[0].name.split('.')[0]}.mztab")]
        ledger = ledger or outputs[0].with_suffix(".ledger.csv")
        check_outputs(outputs)
        _check_free([*outputs, ledger, *([report] if report else [])], paths, overwrite)
        model = load_model(checkpoint)
        settings = sequencing_settings(
            decoder=decoder,
            beam_width=beam_width,
            tolerance=tolerance,
            isotope_errors=isotope_errors,
            charges=charges,
            batch_size=batch_size,
            intensity_power=intensity_power,
            fragment_tolerance=fragment_tolerance,
            alternatives=alternatives,
            rescoring=rescoring,
            candidates=candidates,
            device=device,
        )
        pipeline = settings.pipeline(model)
        described = {"checkpoint": str(model.path), **settings.as_text()}
        start, showcase = time.perf_counter(), Showcase()
        with ExitStack() as stack:
            spool = stack.enter_context(PredictionSpool(outputs[0].parent))
            rows = stack.enter_context(open_ledger(ledger))
            is_whole = _fill(pipeline, paths, spool, rows, showcase)
            spool.set_q_values(_q_values(spool))
            record = RunRecord(
                tuple(map(str, paths)), described, version("denovo"), pipeline.vocabulary.alphabet
            )
            _write(outputs, spool, record)
            run = SequencingRun(
                record=record,
                seconds=time.perf_counter() - start,
                device=str(pipeline.device),
                rejected=dict(rows.counts),
            )
            if report:
                pictures = _reliability(pipeline, spool)
                write_sequencing_report(report, run, spool, showcase, pictures)
            print_summary(run, spool, [*outputs, ledger, *([report] if report else [])])
        if not is_whole:
            Console(stderr=True).print("interrupted: what had been sequenced is written")
            raise typer.Exit(_EXIT_INTERRUPTED)


def _check_free(written: list[Path], read: list[Path], overwrite: bool) -> None:
    inputs = {path.resolve() for path in read}
    for path in written:
        if path.resolve() in inputs:
            raise InputError(f"{path} is both read and written; choose another output")
        if path.exists() and not overwrite:
            raise InputError(f"{path} exists; give --overwrite, or choose another --output")


def _fill(
    pipeline: SpectrumSequencer,
    paths: list[Path],
    spool: PredictionSpool,
    ledger: Ledger,
    showcase: Showcase,
) -> bool:
    """Sequence all files; tells whether that came to its end, or was interrupted."""
    with progress_bar() as progress, ReadPosition().watching() as position:
        task = progress.add_task("sequencing", total=sum(map(_size, paths)))
        read: deque[int] = deque()
        records = _noting(open_spectra(paths), paths, position, read)
        try:
            for number, outcome in enumerate(pipeline(records), start=1):
                if isinstance(outcome, Rejected):
                    ledger.add(outcome)
                else:
                    spool.append(outcome.prediction)
                    showcase.add(outcome.prediction, outcome.spectrum)
                _advance(progress, task, read.popleft(), number)
        except KeyboardInterrupt:
            ledger.add(Rejected(str(paths[-1]), _INTERRUPTED))
            return False
    return True


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


def _q_values(spool: PredictionSpool) -> np.ndarray:
    """Estimate false discovery rates over all answers of the run; NaN where that cannot be."""
    found = np.full(len(spool), np.nan)
    counts = spool.has_answer & ~np.isnan(spool.probabilities)
    found[counts] = q_values(spool.probabilities[counts])
    return found


def _reliability(pipeline: SpectrumSequencer, spool: PredictionSpool) -> list[Picture]:
    """Draw how well the probabilities of this network hold where the truth is known."""
    found = pipeline.calibration.reliability if pipeline.calibration else None
    if found is None:
        return []
    caption = (
        "Above: of simulated noisy spectra that the probabilities were not fitted to, the share "
        "of right answers over their probability. Below: the probabilities of this run."
    )
    figure = draw_reliability(found, spool.probabilities[spool.has_answer])
    return [Picture("reliability", "How far to trust a probability", caption, figure)]


def _write(outputs: list[Path], spool: PredictionSpool, record: RunRecord) -> None:
    with progress_bar("rows") as progress:
        task = progress.add_task("writing", total=len(spool) * len(outputs))
        write_predictions(outputs, spool, record, lambda: progress.advance(task))
