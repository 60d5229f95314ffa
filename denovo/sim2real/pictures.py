"""Pictures of what was measured, with their captions."""

from collections.abc import Iterator, Sequence

from denovo.figures.gallery import Picture
from denovo.figures.gap import draw_gap, draw_groups_beside
from denovo.figures.precision_coverage import draw_precision_coverage
from denovo.sim2real.measurement import Measurement
from denovo.sim2real.score import POOLED
from denovo.sim2real.sets import NOISY, Kind
from denovo.sim2real.tables import GROUPED, label_of

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
