"""What a sequencing run prints at its end."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from rich.console import Console, RenderableType
from rich.table import Table

from denovo.io.predictions.rejected import kind_of
from denovo.reports.sequencing_run import SequencingRun
from denovo.spectra.prediction import Prediction, Status

_FDR_LEVELS = (0.01, 0.05, 0.1)
_BAR_WIDTH = 40
_ION_TRAP = "ion trap"
_N_BINS = 10


def summary_of(
    run: SequencingRun, predictions: Iterable[Prediction], seconds: float
) -> list[RenderableType]:
    """Say what became of the entries, how fast, and how sure the answers are.

    Parameters
    ----------
    run : SequencingRun
        What the run says of itself.
    predictions : iterable of Prediction
        All of them; gone through once.
    seconds : float
        Wall time, reading and writing included.

    Returns
    -------
    list of renderable
        What to print, in order.
    """
    status, notes, assumed = Counter[Status](), Counter[str](), 0
    activations = Counter[tuple[str, str]]()
    probabilities, ranks, q_values = [], [], []
    for prediction in predictions:
        status[prediction.status] += 1
        assumed += prediction.charge_source == "assumed"
        notes[kind_of(prediction.note)] += 1
        activations[prediction.activation, prediction.analyzer] += 1
        if prediction.has_answer:
            ranks.append(np.exp(prediction.log_probability / (len(prediction.residue_scores) + 1)))
            if prediction.probability is not None:
                probabilities.append(prediction.probability)
            if prediction.q_value is not None:
                q_values.append(prediction.q_value)
    parts: list[RenderableType] = [_outcomes(run, status, notes)]
    if not all(_is_as_in_training(*kind) for kind in activations):
        parts.append(_activation_sentence(activations))
    if assumed:
        parts.append(
            f"{assumed:,} spectra state no single charge; each has the one that was read best"
        )
    n_spectra = status.total()
    rate = n_spectra / seconds if seconds > 0 else 0.0
    parts.append(
        f"{n_spectra:,} spectra in {seconds:,.1f} s on {run.device}: {rate:,.0f} spectra/s"
    )
    if probabilities:
        counts = [f"{sum(q <= level for q in q_values):,} at {level:.0%}" for level in _FDR_LEVELS]
        parts.append(f"answers by estimated false discovery rate: {', '.join(counts)}")
        parts.append(_histogram("probability to be right", probabilities))
    elif ranks:
        parts.append(
            "the network is not calibrated, so there are no probabilities and q-values; "
            "denovo export CHECKPOINT makes one that is. Its raw probability of a residue:"
        )
        parts.append(_histogram("per residue (raw)", ranks))
    return parts


def _is_as_in_training(activation: str, analyzer: str) -> bool:
    """Tell whether a spectrum was measured like those that the networks are trained for.

    That is HCD at high resolution, and CID in a collision cell, as time-of-flight instruments have.
    What is not stated is taken for it.
    """
    is_beam_type = activation in ("", "HCD") or (activation, analyzer) == ("CID", "TOF")
    return is_beam_type and analyzer != _ION_TRAP


def _activation_sentence(activations: Counter[tuple[str, str]]) -> str:
    counts = Counter[str]()
    for (activation, analyzer), number in activations.items():
        place = f" in an {_ION_TRAP}" if analyzer == _ION_TRAP else ""
        counts[f"{activation or 'not stated'}{place}"] += number
    stated = ", ".join(f"{kind} {number:,}" for kind, number in counts.most_common())
    return (
        f"activation: {stated}; the networks that come with denovo were trained for HCD at high "
        "resolution and read other spectra less well"
    )


def _outcomes(run: SequencingRun, status: Counter[Status], notes: Counter[str]) -> Table:
    table = Table("entries", "", title="What became of every entry", title_justify="left")
    table.columns[0].justify = "right"
    table.add_row(f"{status[Status.OK]:,}", "peptide read")
    rows = {
        Status.INFEASIBLE: "no peptide agrees with the precursor mass",
        Status.CUT_OFF: "no whole peptide within the length limit",
    }
    for kind, words in rows.items():
        if status[kind]:
            table.add_row(f"{status[kind]:,}", words)
    for note, number in notes.most_common():
        if note:
            table.add_row(f"{number:,}", f"of those above: {note}")
    for reason, number in sorted(run.rejected.items(), key=lambda item: -item[1]):
        table.add_row(f"{number:,}", f"not sequenced: {reason}")
    return table


def _histogram(title: str, values: Sequence[float]) -> Table:
    counts, edges = np.histogram(values, bins=_N_BINS, range=(0.0, 1.0))
    table = Table(title, "answers", "", box=None, title_justify="left")
    table.columns[1].justify = "right"
    longest = max(int(counts.max()), 1)
    full, thin = "#|" if Console().options.ascii_only else "█▏"
    for count, low, high in zip(counts.tolist(), edges[:-1], edges[1:], strict=True):
        bar = full * round(_BAR_WIDTH * count / longest)
        table.add_row(f"{low:.1f} - {high:.1f}", f"{count:,}", bar or (thin if count else ""))
    return table
