"""Summary that a sequencing run prints at its end."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from denovo.io.predictions.rejected import kind_of
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.reports.table import Table
from denovo.sequencing.run_description import TrainedRange
from denovo.spectra.prediction import Prediction, Status

_BAR_WIDTH = 40
_LONG_TITLE = 40
"""Longest title in characters by which a command names a spectrum that has an id, too."""
_ION_TRAP = "ion trap"
_N_BINS = 10


def summary_of(
    rejected: Mapping[str, int],
    predictions: Iterable[Prediction],
    trained: TrainedRange | None = None,
) -> list[Table | str]:
    """Return the outcome of all entries and the probabilities of the answers, as parts to print.

    ``rejected`` holds the number of rejected entries by reason; predictions are iterated once.
    ``trained`` is the range that the network knows.
    """
    status, notes, assumed = Counter[Status](), Counter[str](), 0
    activations, beyond = Counter[tuple[str, str]](), Counter[str]()
    probabilities, ranks, q_values = [], [], []
    for prediction in predictions:
        status[prediction.status] += 1
        assumed += prediction.charge_source == "assumed"
        notes[kind_of(prediction.note)] += 1
        activations[prediction.activation, prediction.analyzer] += 1
        beyond.update(_beyond(prediction, trained) if trained else ())
        if prediction.has_answer:
            ranks.append(np.exp(prediction.log_probability / (len(prediction.residue_scores) + 1)))
            if prediction.probability is not None:
                probabilities.append(prediction.probability)
            if prediction.q_value is not None:
                q_values.append(prediction.q_value)
    parts: list[Table | str] = [_outcomes(rejected, status, notes)]
    reads_ion_trap = bool(trained and trained.ion_trap)
    if not all(_is_as_in_training(*kind, reads_ion_trap) for kind in activations):
        parts.append(_activation_sentence(activations, reads_ion_trap))
    if beyond:
        counts = ", ".join(f"{kind} {n:,}" for kind, n in sorted(beyond.items()))
        parts.append(
            f"beyond what the network was trained on ({trained}): {counts}; it reads such spectra "
            "less well"
        )
    if assumed:
        parts.append(
            f"{assumed:,} spectra state no single charge; each has the one that was read best"
        )
    if probabilities:
        parts.append(_accepted(q_values, sum(status.values()) + sum(rejected.values())))
        parts.append(_histogram("probability to be right", probabilities))
    elif ranks:
        parts.append(
            "the network is not calibrated, so there are no probabilities and q-values; "
            "denovo export CHECKPOINT makes one that is. Its raw probability of a residue:"
        )
        parts.append(_histogram("per residue (raw)", ranks))
    return parts


def next_steps(output: Path, report: Path | None, best: Prediction | None) -> list[str]:
    """Return the commands that lead on from the outputs, a line each; ``best`` is an answer."""
    if best is None:
        return []
    name = best.title
    if len(name) > _LONG_TITLE and best.native_id:
        name = best.native_id.split()[-1]
    file, name, predictions = (shlex.quote(str(each)) for each in (best.file, name, output))
    steps = [f"page     {report} has pictures of all answers and example spectra"] if report else []
    steps += [
        f"draw     denovo plot {file} --spectrum {name} --predictions {predictions}",
        f"proteins denovo map {predictions} --fasta PROTEINS.fasta --report map.html",
    ]
    if not report:
        steps.append("page     the same command with --report run.html --overwrite")
    return ["next:", *(f"  {step}" for step in steps)]


def _accepted(q_values: Sequence[float], n_entries: int) -> Table:
    counts = {level: sum(q <= level for q in q_values) for level in FDR_LEVELS}
    rows = tuple((f"{k:.0%}", f"{n:,}", f"{n / n_entries:.1%}") for k, n in counts.items())
    headings = ("estimated false discovery rate", "answers to keep", "share of entries")
    return Table(headings, rows, "Answers to keep: those with q_value up to the rate")


def _is_as_in_training(activation: str, analyzer: str, reads_ion_trap: bool) -> bool:
    """Return whether a spectrum was measured like those that a network is trained for.

    That is HCD at high resolution, and CID in a collision cell, as time-of-flight instruments have;
    or CID in an ion trap. Spectra without a statement are assumed to be such.
    """
    if reads_ion_trap:
        return activation in ("", "CID") and analyzer in ("", _ION_TRAP)
    is_beam_type = activation in ("", "HCD") or (activation, analyzer) == ("CID", "TOF")
    return is_beam_type and analyzer != _ION_TRAP


def _beyond(prediction: Prediction, trained: TrainedRange) -> Iterator[str]:
    """Yield in what a spectrum or its answer lies outside of the range of the training."""
    if prediction.precursor_charge not in trained.charges:
        yield f"charge {prediction.precursor_charge}+"
    if prediction.has_answer:
        n_residues = len(prediction.residue_scores)
        if n_residues > trained.max_length:
            yield f"more than {trained.max_length} residues"
        elif n_residues < trained.min_length:
            yield f"fewer than {trained.min_length} residues"


def _activation_sentence(activations: Counter[tuple[str, str]], reads_ion_trap: bool) -> str:
    counts = Counter[str]()
    for (activation, analyzer), number in activations.items():
        place = f" in an {_ION_TRAP}" if analyzer == _ION_TRAP else ""
        counts[f"{activation or 'not stated'}{place}"] += number
    stated = ", ".join(f"{kind} {number:,}" for kind, number in counts.most_common())
    if reads_ion_trap:
        trained = f"this network was trained for CID in an {_ION_TRAP} and reads"
    else:
        trained = (
            "the networks that come with denovo were trained for HCD at high resolution and read"
        )
    return f"activation: {stated}; {trained} other spectra less well"


def _outcomes(rejected: Mapping[str, int], status: Counter[Status], notes: Counter[str]) -> Table:
    counts = {"peptide read": status[Status.OK]}
    words = {
        Status.INFEASIBLE: "no peptide agrees with the precursor mass",
        Status.CUT_OFF: "no whole peptide within the length limit",
    }
    counts |= {text: status[kind] for kind, text in words.items() if status[kind]}
    counts |= {f"of those above: {note}": n for note, n in notes.most_common() if note}
    reasons = Counter(rejected).most_common()
    counts |= {f"not sequenced: {reason}": number for reason, number in reasons}
    rows = tuple((text, f"{number:,}") for text, number in counts.items())
    return Table(("outcome", "entries"), rows, "Outcome of all entries")


def _histogram(title: str, values: Sequence[float]) -> Table:
    counts, edges = np.histogram(values, bins=_N_BINS, range=(0.0, 1.0))
    highest = max(int(counts.max()), 1)
    full, thin = "#|" if Console().options.ascii_only else "█▏"
    rows = [
        (
            f"{low:.1f} - {high:.1f}",
            full * round(_BAR_WIDTH * count / highest) or (thin if count else ""),
            f"{count:,}",
        )
        for count, low, high in zip(counts.tolist(), edges[:-1], edges[1:], strict=True)
    ]
    return Table((title, "", "answers"), tuple(rows), n_text=2)
