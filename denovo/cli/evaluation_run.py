"""Work of `denovo evaluate`: measure networks one after the other, and write files."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from denovo.choices import DEFAULT_NETWORK, PICTURES, Match
from denovo.errors import InputError
from denovo.evaluation import (
    Entries,
    Evaluation,
    FastaProteins,
    SetKind,
    control_sets,
    evaluate,
    evaluate_programs,
    measured_sets,
    simulated_sets,
    with_fasta,
    write_proteobench,
)
from denovo.evaluation.census import OpenFile
from denovo.io import expand, open_spectra, together, write_text
from denovo.io.plain_json import as_json
from denovo.io.predictions import check_apart, read_program
from denovo.io.search import read_search_results
from denovo.progress import progress_bar
from denovo.reports.evaluation_tables import entry_tables, meaning_table, tables_of
from denovo.reports.figures.gallery import Picture, write_picture
from denovo.reports.html import write_evaluation_report
from denovo.reports.html.evaluation import (
    evaluation_pictures,
    precision_coverage_picture,
    sets_picture,
)
from denovo.reports.search_tables import search_tables
from denovo.reports.table import print_tables, print_text
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks import TrainedModel, load_model


class Written(NamedTuple):
    """Files of an evaluation; ``plot`` is a picture, or a folder for all pictures."""

    json: Path | None
    csv: Path | None
    html: Path | None
    proteobench: Path | None
    plot: Path | None


class Judged(NamedTuple):
    """What is evaluated: networks, None for the one that comes with denovo, and files of answers.

    ``match`` is the definition of right residues. ``search`` are search results with the true
    peptides, if any, up to a q-value. ``fasta`` are proteins that answers are looked up in, if any.
    """

    checkpoints: Sequence[Path | None]
    predictions: Sequence[Path]
    match: Match
    search: Sequence[Path]
    max_q_value: float
    fasta: Sequence[Path]


def run_evaluation(
    judged: Judged,
    files: list[str],
    n_simulated: int,
    has_control: bool,
    selected: dict[str, Any],
    settings: SequencingSettings,
    written: Written,
) -> None:
    """Measure networks and files of answers, print tables and write files.

    ``selected`` are the options of `measured_sets` that select spectra.
    """
    check_apart([*expand(files), *judged.predictions, *judged.search, *judged.fasta], written)
    plot = written.plot
    with together(*written[:-1], plot if plot and plot.suffix else None):
        proteins = FastaProteins(judged.fasta) if judged.fasta else None
        open_file = _truths(judged, files)
        evaluations: list[Evaluation] = []
        for name, model, known in _networks(judged.checkpoints):
            pipeline = settings.pipeline(model)
            vocabulary, reference = pipeline.vocabulary, next(iter(evaluations), None)
            with progress_bar() as progress:
                task = progress.add_task("counting", total=None)
                count = partial(progress.advance, task)
                sets, census = measured_sets(
                    files, vocabulary, **selected, on_entry=count, open_file=open_file
                )
                controls, notes = control_sets(sets, vocabulary) if has_control else ([], [])
                simulated = simulated_sets(vocabulary, known, n_simulated, pipeline.n_peaks)
                sets = [*simulated, *sets, *controls]
                n_spectra = sum(each.n_spectra for each in sets)
                progress.reset(task, description="sequencing", total=n_spectra)
                found = evaluate(
                    *(name, pipeline, sets, reference, model.config, census, notes, count),
                    match=judged.match,
                )
            evaluations.append(with_fasta(found, proteins) if proteins else found)
            _print(evaluations[-1])
        if judged.predictions:
            reference = next(iter(evaluations), None)
            found = _programs(judged, files, selected, settings, reference, open_file)
            for each in found:
                evaluations.append(with_fasta(each, proteins) if proteins else each)
                _print(evaluations[-1])
        print_tables([meaning_table(evaluations)])
        chosen = {"files": files, "predictions": [*map(str, judged.predictions)]}
        chosen |= {"match": judged.match.value, "simulated": n_simulated}
        if judged.search:
            search = [*map(str, judged.search)]
            chosen |= {"search": search, "max_q_value": judged.max_q_value}
        if judged.fasta:
            chosen["fasta"] = [*map(str, judged.fasta)]
        _write(evaluations, {**chosen, **selected, **settings.as_text()}, written)


def _truths(judged: Judged, files: list[str]) -> OpenFile:
    """Return the reader of files whose peptides are the truth."""
    if not judged.search:
        return open_spectra
    with progress_bar() as progress:
        task = progress.add_task("matching search results", total=None)
        count = partial(progress.advance, task)
        found = read_search_results(judged.search, files, judged.max_q_value, count)
    print_tables([*search_tables(found), *found.notes])
    return found.open


def _print(found: Evaluation) -> None:
    print_tables([*tables_of(found), *(entry_tables(found.census) if found.census else ())])
    for remark in found.remarks:
        print_text(f"{found.name}: {remark}")


def _programs(
    judged: Judged,
    files: list[str],
    selected: dict[str, Any],
    settings: SequencingSettings,
    reference: Evaluation | None,
    open_file: OpenFile,
) -> list[Evaluation]:
    """Evaluate files of answers; the residues of all of them make one vocabulary."""
    paths = judged.predictions
    if len({path.resolve() for path in paths}) < len(paths):
        raise InputError("a file of predictions is given twice; give each once")
    read = [read_program(path) for path in paths]
    has_same_names = len({path.name for path in paths}) < len(paths)
    names = [str(path) if has_same_names else path.name for path in paths]
    with progress_bar() as progress:
        task = progress.add_task("counting", total=None)
        count = partial(progress.advance, task)
        entries = Entries.of(expand(files), count, open_file)
        vocabulary = entries.vocabulary(read)
        sets, census = measured_sets(
            files, vocabulary, **selected, open_file=open_file, open_counted=entries.open
        )
        n_spectra = sum(each.n_spectra for each in sets)
        progress.reset(task, description="scoring", total=n_spectra)
        return evaluate_programs(
            dict(zip(names, zip(paths, read, strict=True), strict=True)),
            *(sets, entries, vocabulary, census, settings, judged.match, reference, count),
        )


def _networks(
    checkpoints: Sequence[Path | None],
) -> list[tuple[str, TrainedModel, Mapping[str, Any]]]:
    """Load networks, each with its name and the configuration to simulate spectra with."""
    names = [str(path) if path else DEFAULT_NETWORK for path in checkpoints]
    if len(set(names)) < len(names):
        raise InputError("a network is given twice; give each once")
    models = [load_model(path) for path in checkpoints]
    # A network not trained on simulated spectra reads those of the first that was.
    known = next((model.config for model in models if "curriculum" in model.config), {})
    return [
        (name, model, model.config if "curriculum" in model.config else known)
        for name, model in zip(names, models, strict=True)
    ]


def _write(evaluations: Sequence[Evaluation], chosen: Mapping[str, Any], written: Written) -> None:
    if written.json:
        networks = {each.name: each.as_dict() for each in evaluations}
        write_text(written.json, as_json({"settings": chosen, "networks": networks}))
    last = evaluations[0].last(SetKind.MEASURED)
    if written.proteobench and last:
        write_proteobench(written.proteobench, last.rows)
    if written.csv:
        write_text(written.csv, _as_csv(pd.concat([each.rows for each in evaluations])))
    if written.html:
        write_evaluation_report(written.html, evaluations, chosen)
    pictures = _pictures(evaluations, written.plot) if written.plot else {}
    with together(*pictures):
        for path, picture in pictures.items():
            write_picture(path, picture.figure)


def _pictures(evaluations: Sequence[Evaluation], plot: Path) -> dict[Path, Picture]:
    """Draw one picture, or all pictures of a folder; return them by path."""
    if plot.suffix in PICTURES:
        return {plot: precision_coverage_picture(evaluations[0])}
    sets = sets_picture(evaluations)
    pictures = {plot / "sets.png": sets} if sets else {}
    for number, each in enumerate(evaluations, start=1):
        ending = f"_{number}" if len(evaluations) > 1 else ""
        for picture in evaluation_pictures(each):
            pictures[plot / f"{picture.name}{ending}.png"] = picture
    return pictures


def _as_csv(rows: pd.DataFrame) -> str:
    scores = [",".join(f"{score:.6g}" for score in each) for each in rows["residue_scores"]]
    right = ["".join(str(int(is_right)) for is_right in each) for each in rows["residues_right"]]
    written = rows.assign(residue_scores=scores, residues_right=right)
    written = written.drop(columns="token_scores", errors="ignore")
    return written.to_csv(index=False, lineterminator="\n", float_format="%.9g")
