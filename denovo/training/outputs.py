"""Outputs of a finished run: summary, exported network, report, comparison of fine-tuning."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
from omegaconf import DictConfig
from rich.console import Console

from denovo.data import FineTuningData, SequencingData
from denovo.decoding import BeamDecoder
from denovo.errors import InputError, best_effort
from denovo.evaluation import compare_networks
from denovo.io import write_text
from denovo.io.plain_json import as_json
from denovo.io.remote import local_copy
from denovo.reports.evaluation_tables import difference_table, score_table
from denovo.reports.html import REPORT, write_report
from denovo.reports.runs import Run
from denovo.reports.runs.run import METRICS
from denovo.reports.table import print_tables, print_text
from denovo.sequencing.export import EXPORTED, ORIGIN, export_checkpoint
from denovo.sequencing.networks import load_sequencer
from denovo.training.configuration import build
from denovo.training.fine_tuning import load_start_weights
from denovo.training.summary import write_summary
from denovo.training.system import SequencerTraining

log = logging.getLogger(__name__)
FINE_TUNED = "finetune.json"
"""File of the run with the evaluation before and after fine-tuning."""


@dataclass(frozen=True)
class Fitted:
    """A trained system with its data and its trainer."""

    system: SequencerTraining
    data: SequencingData
    trainer: L.Trainer


def write_outputs(cfg: DictConfig, fitted: Fitted, training: dict[str, Any]) -> None:
    """Write everything that follows the test of the best checkpoint; on the first rank alone.

    ``training`` is the result of `describe_training` before the test.
    """
    if not fitted.trainer.is_global_zero:
        return
    with local_copy(training["checkpoint"]) as checkpoint:
        if cfg.finetune:
            _compare_with_start(cfg, fitted, checkpoint)
        with best_effort("the exported network"):
            _export(cfg, training, checkpoint)
    # Written late: a run with a summary is complete but for its report.
    tested = fitted.trainer.callback_metrics
    write_summary(cfg.run_dir, training, tested, fitted.system.by_length)
    draw_report(cfg.run_dir)
    _print_next(Path(cfg.run_dir))


def _print_next(run_dir: Path) -> None:
    """Print the paths of report and network, and the command that uses the network."""
    for name, path in {"report": run_dir / REPORT, "network": run_dir / EXPORTED}.items():
        if path.is_file():
            print_text(f"{name:12}{path}")
    if (run_dir / EXPORTED).is_file():
        print_text(f"next: denovo sequence run.mzML --checkpoint {run_dir / EXPORTED}")


def draw_report(run_dir: str, anew: bool = True) -> None:
    """Write the report of a run that has metrics; unless ``anew``, only where there is none."""
    if (Path(run_dir) / METRICS).is_file() and (anew or not (Path(run_dir) / REPORT).is_file()):
        with best_effort("the report"):
            write_report(Run.load(run_dir))


def _compare_with_start(cfg: DictConfig, fitted: Fitted, checkpoint: Path) -> None:
    """Score the network before and after fine-tuning, on measured and on simulated spectra."""
    system, data = fitted.system, fitted.data
    assert isinstance(data, FineTuningData)
    assert isinstance(system.decoder, BeamDecoder)
    before = build(cfg.model, vocabulary=system.vocabulary)
    load_start_weights(cfg, before)
    after, _ = load_sequencer(checkpoint)
    found = compare_networks(before, after, system.decoder, data, cfg.data.n_test)
    path = Path(cfg.run_dir) / FINE_TUNED
    write_text(path, as_json({"networks": {each.name: each.as_dict() for each in found}}))
    figures = {
        f"before/{kind}_peptide_recall": score.figures["peptide_recall"]
        for score in found[0].scores
        for kind in [score.name.removeprefix("simulated, ")]
    }
    for logger in fitted.trainer.loggers:
        logger.log_metrics(figures, fitted.trainer.global_step)
    console = Console()
    print_tables([*map(score_table, found), difference_table(found[1])], console)
    console.print(f"before and after  {path}", soft_wrap=True)


def _export(cfg: DictConfig, training: dict[str, Any], checkpoint: Path) -> None:
    """Export the best checkpoint, without probabilities where they cannot be fitted."""
    output = Path(cfg.run_dir) / EXPORTED
    partner = cfg.rescoring.partner
    options = {
        "record": {key: training[key] for key in ORIGIN},
        "others": [partner] if partner else [],
        "rescoring": cfg.rescoring.kind,
    }
    try:
        export_checkpoint(checkpoint, output, cfg.calibration_spectra, **options)
    except InputError as error:
        log.warning("%s is written without probabilities: %s", output, error)
        export_checkpoint(checkpoint, output, 0, **options)
