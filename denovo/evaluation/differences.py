"""The network before fine-tuning beside the one after it, on the same spectra."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from rich.table import Table
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.chemistry.identity import identity
from denovo.data import FineTuningData
from denovo.decoding import Decoded
from denovo.io.files import write_text
from denovo.io.plain_json import as_json
from denovo.metrics import clustered_figures, judge_peptides, paired_difference

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
        For each of ``data.kinds``: what `clustered_figures` says ``before`` and ``after``, spectra
        of one peptide taken together; ``change``, what `paired_difference` says of the two;
        ``gained`` and ``lost`` count the spectra that one of them alone has right.
    """
    vocabulary = _vocabulary_of(after)
    rows = {}
    for kind in data.kinds:
        batch, _ = data.sample("test", n_spectra, kind)
        judged = [
            _judged(network, decoder, batch, data.eval_batch_size) for network in (before, after)
        ]
        was, is_now = (table["is_right"].to_numpy(bool) for table in judged)
        peptides = [identity(vocabulary.decode(row)) for row in batch.tokens.tolist()]
        rows[kind] = {
            "before": clustered_figures(judged[0], peptides),
            "after": clustered_figures(judged[1], peptides),
            "gained": int((is_now & ~was).sum()),
            "lost": int((was & ~is_now).sum()),
            "change": paired_difference(judged[1], judged[0], peptides),
        }
    return rows


@torch.no_grad()
def _judged(network: nn.Module, decoder: Decoder, batch: Any, size: int) -> pd.DataFrame:
    network.eval()
    predicted: list[list[int]] = []
    for rows in torch.arange(len(batch)).split(size):
        predicted.extend(decoder(network, batch.spectra.select(rows)).peptides)
    pairs = zip(batch.tokens, batch.residue_mask, strict=True)
    target = [row[is_residue].tolist() for row, is_residue in pairs]
    return judge_peptides(predicted, target, _vocabulary_of(network))


def _vocabulary_of(network: nn.Module) -> Vocabulary:
    assert isinstance(network.vocabulary, Vocabulary)
    return network.vocabulary


def write_comparison(run_dir: str | Path, rows: Mapping[str, Any]) -> Path:
    """Write ``finetune.json`` into the run folder."""
    path = Path(run_dir) / FILE
    write_text(path, as_json(rows))
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
            first = (name, str(row[when]["n_spectra"])) if when == "before" else ("", "")
            table.add_row(*first, when, *cells, change)
    return table


def _cell(figures: Mapping[str, Any], name: str) -> str:
    low, high = figures[f"{name}_low"], figures[f"{name}_high"]
    interval = f" ({low:.2f}-{high:.2f})" if math.isfinite(low) else ""
    return f"{figures[name]:.3f}{interval}"
