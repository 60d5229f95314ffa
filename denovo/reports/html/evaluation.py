"""The page of an evaluation: how much was right, of what, and how well that was known."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from denovo.evaluation import Evaluation
from denovo.evaluation.figures import breakdowns_of, peptide_curves, reliability_of, residue_curves
from denovo.evaluation.measurement import Measurement
from denovo.evaluation.set_scores import POOLED
from denovo.evaluation.sets import NOISY, Kind
from denovo.evaluation.tables import GROUPED, label_of
from denovo.io.files import write_text
from denovo.reports.figures.confidence import draw_precision_coverage, draw_reliability
from denovo.reports.figures.gallery import Picture
from denovo.reports.figures.groups import draw_breakdown, draw_gap, draw_groups_beside
from denovo.reports.html.rendering import fill, inline
from denovo.reports.html.tables import Table

_GROUPINGS = {
    "length": "residues of the peptide",
    "charge": "precursor charge",
    "share_of_fragments": "share of cleavage sites with a fragment",
    "silent_run": "most sites in a row without one",
    "modification": "modification",
}


def evaluation_pictures(evaluation: Evaluation, n_resamples: int = 1000) -> Iterator[Picture]:
    """Draw precision over coverage, reliability if there are probabilities, and groups of spectra.

    Parameters
    ----------
    evaluation : Evaluation
        Answers beside the truth.
    n_resamples : int
        Of the bootstrap behind the intervals of residues.

    Yields
    ------
    Picture
        One after the other.
    """
    yield precision_coverage_picture(evaluation)
    if evaluation.is_calibrated:
        yield reliability_picture(evaluation)
    yield breakdown_picture(evaluation, n_resamples)


def precision_coverage_picture(evaluation: Evaluation) -> Picture:
    """Draw what a threshold on the score buys."""
    peptides, residues = peptide_curves(evaluation), residue_curves(evaluation)
    shares = [f"{curve.coverage_at(0.9):.0%} by {name}" for name, curve in peptides.items()]
    caption = (
        "Precision of the best-ranked answers, over the share of all spectra that they cover; "
        "dots: all answers. On the right the same for single residues. Covered at a "
        f"peptide precision of 90 %: {', '.join(shares)}."
    )
    figure = draw_precision_coverage(peptides, residues)
    return Picture("precision_coverage", "Precision and coverage", caption, figure)


def reliability_picture(evaluation: Evaluation) -> Picture:
    """Draw promised and kept probability."""
    found, probability = reliability_of(evaluation)
    caption = (
        "Share of right answers over the probability that they were given; bars: 95 % intervals. "
        "Points below the dashed line were too sure. Below: how many answers have which "
        f"probability. Expected calibration error {found.expected_error:.3f}."
    )
    return Picture("reliability", "Reliability", caption, draw_reliability(found, probability))


def breakdown_picture(evaluation: Evaluation, n_resamples: int = 1000) -> Picture:
    """Draw what groups of spectra have in common."""
    found = breakdowns_of(evaluation.rows, n_resamples)
    tables = {label: found[name] for name, label in _GROUPINGS.items() if name in found}
    caption = (
        "Share of peptides and of residues that were found, by group, with 95 % intervals; "
        "above: number of spectra. The shares of cleavage sites are those of the true "
        "peptide: what is not among the peaks cannot be read."
    )
    return Picture("breakdown", "By group", caption, draw_breakdown(tables))


_SHARES = {
    "aa_precision": "AA precision: right among the residues that were read",
    "aa_recall": "AA recall: right among the true residues",
    "peptide_precision": "peptide precision: right among the answers",
    "peptide_recall": "peptide recall: right among all spectra",
}
_FIGURES = {
    "peptide_precision_coverage_area": "area under precision over coverage, peptides",
    "residue_precision_coverage_area": "area under precision over coverage, residues",
    "peptide_coverage_at_precision_90": "coverage at a peptide precision of 90 %",
    "ppm_error_abs_median": "median error of the precursor in ppm",
    "ppm_within_10": "answers within 10 ppm, of all spectra",
    "expected_calibration_error_equal_width": "expected calibration error, bins of equal width",
    "expected_calibration_error_equal_mass": "expected calibration error, bins of equal number",
    "brier_score": "Brier score",
    "spectra_per_second": "spectra per second",
}
_ENTRIES = {
    "n_spectra": "spectra with a known peptide",
    "n_answers": "of these: answers",
    "n_infeasible": "of these: no peptide agrees with the precursor",
    "n_cut_off": "of these: cut off at the length limit",
    "n_outside_tolerance": "of these: the precursor does not agree with the known peptide",
    "n_not_annotated": "spectra without a peptide",
    "n_skipped": "spectra with a peptide outside the alphabet",
    "n_rejected": "entries that are no usable spectrum",
}
_GROUP_HEADINGS = {
    "n_spectra": "spectra",
    "aa_precision": "AA precision",
    "aa_recall": "AA recall",
    "peptide_recall": "peptide recall",
}
_MOST_REASONS = 20


def write_evaluation_report(
    path: str | Path, evaluation: Evaluation, figures: Mapping[str, Any], chosen: Mapping[str, Any]
) -> None:
    """Write the page of an evaluation.

    Parameters
    ----------
    path : str or Path
        The HTML file.
    evaluation : Evaluation
        Answers beside the truth.
    figures : mapping
        What `denovo.evaluation.figures_of` says of them.
    chosen : mapping
        Files, network and settings, shown as text.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    page = fill(
        "evaluation.html.j2",
        lead=_lead(figures),
        shares=_shares(figures),
        others=_others(figures),
        entries=_entries(figures),
        reasons=_reasons(evaluation),
        false_discovery=_false_discovery(figures["false_discovery"]),
        pictures=[inline(picture) for picture in evaluation_pictures(evaluation)],
        groups=[
            (name.removeprefix("by_").replace("_", " "), _groups(name.removeprefix("by_"), rows))
            for name, rows in figures.items()
            if name.startswith("by_")
        ],
        settings=_settings(chosen),
    )
    write_text(path, page)


def _lead(figures: Mapping[str, Any]) -> str:
    return (
        f"{figures['peptide_recall']:.1%} of {figures['n_spectra']:,} peptides and "
        f"{figures['aa_recall']:.1%} of their residues were read right."
    )


def _shares(figures: Mapping[str, Any]) -> Table:
    rows = [
        (words, _text(figures[name]), _interval(figures[f"{name}_low"], figures[f"{name}_high"]))
        for name, words in _SHARES.items()
    ]
    return Table(("share", "value", "95 % interval"), tuple(rows))


def _others(figures: Mapping[str, Any]) -> Table:
    rows = [(words, _text(figures[name])) for name, words in _FIGURES.items()]
    return Table(("figure", "value"), tuple(rows))


def _entries(figures: Mapping[str, Any]) -> Table:
    rows = [(words, f"{figures[name]:,}") for name, words in _ENTRIES.items()]
    return Table(("entries", "number"), tuple(rows))


def _reasons(evaluation: Evaluation) -> Table:
    rows = [(reason, f"{n:,}") for reason, n in evaluation.census.reasons().most_common()]
    return Table(("reason", "entries"), tuple(rows[:_MOST_REASONS]))


def _false_discovery(rows: Sequence[Mapping[str, Any]]) -> Table:
    headings = ("q-value up to", "answers", "wrong, estimated", "wrong, true", "95 % interval")
    body = [
        (
            f"{row['level']:g}",
            f"{row['n_accepted']:,}",
            _text(row["estimated"]),
            _text(row["true"]),
            _interval(row["true_low"], row["true_high"]) if row["n_accepted"] else "",
        )
        for row in rows
    ]
    return Table(headings, tuple(body))


def _groups(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    headings = (name.replace("_", " "), *_GROUP_HEADINGS.values(), "95 % interval")
    body = [
        (
            str(row[name]),
            *(_text(row[figure]) for figure in _GROUP_HEADINGS),
            _interval(row["peptide_recall_low"], row["peptide_recall_high"]),
        )
        for row in rows
    ]
    return Table(headings, tuple(body))


def _settings(chosen: Mapping[str, Any]) -> Table:
    rows = [
        (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in chosen.items()
    ]
    return Table(("setting", "value"), (*rows, ("denovo", version("denovo"))))


def _text(value: float | int | None) -> str:
    if value is None:
        return "–"  # noqa: RUF001
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _interval(low: float, high: float) -> str:
    return f"{low:.3f} to {high:.3f}"


_MOST_CURVES = 8
"""Colours there are."""


def gap_picture(measurements: Sequence[Measurement]) -> Picture:
    """Draw how much of each set each contender reads."""
    figures = {}
    for measurement in measurements:
        shown = [
            score
            for score in measurement.scores
            if score.kind is not Kind.CONTROL or score.is_pooled
        ]
        figures[measurement.name] = {label_of(score): score.figures for score in shown}
    caption = (
        "Share of peptides and of residues that are read right, with 95 % intervals. The gap is "
        "what lies between simulated and measured spectra. Control: peaks exchanged among peptides."
    )
    return Picture("gap", "Simulated and measured spectra", caption, draw_gap(figures))


def contender_pictures(measurement: Measurement) -> Iterator[Picture]:
    """Draw groups of spectra and the ranking of answers of one contender.

    Parameters
    ----------
    measurement : Measurement
        What was measured.

    Yields
    ------
    Picture
        One after the other.
    """
    yield groups_picture(measurement)
    yield ranking_picture(measurement)


def groups_picture(measurement: Measurement) -> Picture:
    """Draw which spectra are read, by what the peaks leave open, charge and length."""
    scores = {
        "measured": measurement.named(Kind.MEASURED, POOLED),
        "simulated": measurement.named(Kind.SIMULATED, NOISY),
    }
    groups = {
        label: {kind: score.breakdown[name] for kind, score in scores.items() if score is not None}
        for name, label in GROUPED.items()
    }
    caption = (
        "Peptide recall (dots, 95 % intervals) and share of spectra whose truth is among the "
        "candidates (open diamonds), by group; above: number of spectra. Silent run: most "
        "cleavage sites of the true peptide in a row without a b or y peak of charge 1 or 2. "
        "Simulated: with the noise of the end of the training."
    )
    title = f"{measurement.name}: which spectra are read"
    return Picture("groups", title, caption, draw_groups_beside(groups))


def ranking_picture(measurement: Measurement) -> Picture:
    """Draw what a threshold on the score buys, a curve for each set."""
    scores = measurement.of(Kind.MEASURED)[::-1] + measurement.of(Kind.SIMULATED)
    curves = {label_of(score): score.curve for score in scores[:_MOST_CURVES]}
    caption = (
        "Precision of the best-ranked peptides over the share of all spectra that they cover; "
        "dots: all answers. Ranked by the calibrated probability, or by the score if there is none."
    )
    title = f"{measurement.name}: precision and coverage"
    return Picture("precision_coverage", title, caption, draw_precision_coverage(curves, {}))
