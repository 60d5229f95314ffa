"""The network before fine-tuning beside the one after it, on the same spectra."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from rich.table import Table
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.data import FineTuningData
from denovo.decoding import Decoded
from denovo.io.files import write_text
from denovo.metrics.intervals import ratio_interval, wilson_interval
from denovo.metrics.judgement import judge_peptides

FILE = "finetune.json"
Decoder = Callable[[Any, Any], Decoded]


def compare(
    before: nn.Module, after: nn.Module, decoder: Decoder, data: FineTuningData, n_spectra: int
) -> dict[str, Any]:
    """Score two networks on the test spectra of a run, measured and simulated.

    Parameters
    ----------
    before, after : Module
        Networks of one vocabulary, on the CPU.
    decoder : callable
        See `Sequencing`.
    data : FineTuningData
        Set up for test.
    n_spectra : int
        Most spectra of each set.

    Returns
    -------
    dict
        For each of ``data.kinds``: ``n_spectra``, and for ``before`` and ``after`` the figures with
        their 95 % intervals; ``gained`` and ``lost`` count peptides that one of them alone has
        right, ``change`` and ``change_se`` the difference in peptide recall.
    """
    rows = {}
    for kind in data.kinds:
        batch, _ = data.sample("test", n_spectra, kind)
        judged = [
            _judged(network, decoder, batch, data.eval_batch_size) for network in (before, after)
        ]
        was, is_now = (table["is_right"].to_numpy(bool) for table in judged)
        change = is_now.astype(float) - was
        rows[kind] = {
            "n_spectra": len(batch),
            "before": _figures(judged[0]),
            "after": _figures(judged[1]),
            "gained": int((is_now & ~was).sum()),
            "lost": int((was & ~is_now).sum()),
            "change": float(change.mean()),
            "change_se": float(change.std(ddof=1) / np.sqrt(len(change))) if len(was) > 1 else 0.0,
        }
    return rows


@torch.no_grad()
def _judged(network: nn.Module, decoder: Decoder, batch: Any, size: int) -> pd.DataFrame:
    network.eval()
    vocabulary = network.vocabulary
    assert isinstance(vocabulary, Vocabulary)
    predicted: list[list[int]] = []
    for rows in torch.arange(len(batch)).split(size):
        predicted.extend(decoder(network, batch.spectra.select(rows)).peptides)
    pairs = zip(batch.tokens, batch.residue_mask, strict=True)
    target = [row[is_residue].tolist() for row, is_residue in pairs]
    return judge_peptides(predicted, target, vocabulary)


def _figures(judged: pd.DataFrame) -> dict[str, Any]:
    matched, predicted = (judged[name].to_numpy() for name in ("n_matched", "n_predicted"))
    n_right = int(judged["is_right"].sum())
    return {
        "peptide_recall": n_right / len(judged),
        "peptide_recall_interval": wilson_interval(n_right, len(judged)),
        "aa_precision": float(matched.sum() / max(predicted.sum(), 1)),
        "aa_precision_interval": ratio_interval(matched, predicted),
    }


def write_comparison(run_dir: str | Path, rows: Mapping[str, Any]) -> Path:
    """Write ``finetune.json`` into the run folder."""
    path = Path(run_dir) / FILE
    write_text(path, json.dumps(rows, indent=1) + "\n")
    return path


def comparison_table(rows: Mapping[str, Any]) -> Table:
    """Lay `compare` out as a table, two rows per set of spectra."""
    table = Table(
        title="Before and after fine-tuning",
        caption="Test spectra, 95 % intervals; + -: peptides right after alone, before alone.",
        padding=(0, 0),
    )
    for title in ("spectra", "n", "", "peptide recall", "AA precision", "+/-"):
        table.add_column(title, justify="left" if title in ("spectra", "") else "right")
    for kind, row in rows.items():
        name = kind if kind == "measured" else f"simulated, {kind}"
        for when in ("before", "after"):
            cells = [_cell(row[when], figure) for figure in ("peptide_recall", "aa_precision")]
            change = f"+{row['gained']} -{row['lost']}" if when == "after" else ""
            first = (name, str(row["n_spectra"])) if when == "before" else ("", "")
            table.add_row(*first, when, *cells, change)
    return table


def _cell(figures: Mapping[str, Any], name: str) -> str:
    low, high = figures[f"{name}_interval"]
    return f"{figures[name]:.3f} ({low:.2f}-{high:.2f})"
