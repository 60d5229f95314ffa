"""Pictures and page of an evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from denovo import __version__
from denovo.evaluation import CLEAN, Evaluation, SetKind
from denovo.evaluation.figures import GROUPINGS
from denovo.io.files import write_text
from denovo.reports.evaluation_tables import (
    entry_tables,
    groups_by_kind,
    label_of,
    meaning_table,
    score_table,
    shown_scores,
    tables_of,
)
from denovo.reports.figures.confidence import draw_precision_coverage, draw_reliability
from denovo.reports.figures.gallery import Picture
from denovo.reports.figures.groups import draw_groups, draw_sets
from denovo.reports.html.rendering import fill, inline
from denovo.reports.table import settings_table

_MAX_CURVES = 7
"""Maximum number of sets with a curve; the last colour is for the raw score."""


def sets_picture(evaluations: Sequence[Evaluation]) -> Picture | None:
    """Draw the shares of right answers by set and network; None for a single set."""
    figures = {
        evaluation.name: {label_of(score): score.figures for score in shown_scores(evaluation)}
        for evaluation in evaluations
    }
    if sum(map(len, figures.values())) < 2:
        return None
    caption = (
        "Share of right peptides and residues with 95 % intervals, a line for each set, a colour "
        "for each network."
    )
    return Picture("sets", "Sets of spectra", caption, draw_sets(figures))


def evaluation_pictures(evaluation: Evaluation) -> Iterator[Picture]:
    """Yield precision over coverage, reliability if there are probabilities, and groups."""
    yield precision_coverage_picture(evaluation)
    last = evaluation.last(SetKind.MEASURED) or evaluation.scores[-1]
    if last.is_calibrated:
        found = last.reliability()
        caption = (
            f"{label_of(last)}: share of right answers over their probability; bars: 95 % "
            "intervals. Points below the dashed line: overconfident. Below: number of answers of "
            f"each probability. Expected calibration error {found.expected_error:.3f}."
        )
        figure = draw_reliability(found, last.probability)
        yield Picture("reliability", f"{evaluation.name}: reliability", caption, figure)
    shown = groups_by_kind(evaluation)
    groups = {
        label: {kind: found[name] for kind, found in shown.items()}
        for name, label in GROUPINGS.items()
    }
    caption = (
        "Recall of peptides (dots) and of residues (squares) with 95 % intervals, and share of "
        "spectra whose truth is among the candidates (open diamonds), by group; above: number of "
        "spectra. A cleavage site of the true peptide is missing if no b or y ion of it, of charge "
        "1 or 2, is among the peaks. Simulated: with the noise of the end of the training."
    )
    yield Picture("groups", f"{evaluation.name}: groups of spectra", caption, draw_groups(groups))


def precision_coverage_picture(evaluation: Evaluation) -> Picture:
    """Draw precision over coverage, a curve for each set."""
    scores = (evaluation.of(SetKind.MEASURED)[::-1] + evaluation.of(SetKind.SIMULATED))[
        :_MAX_CURVES
    ]
    peptides = {label_of(score): score.peptide_curve() for score in scores}
    residues = {label_of(score): score.residue_curve() for score in scores}
    shares = [f"{curve.coverage_at(0.9):.0%} of {name}" for name, curve in peptides.items()]
    if scores[0].is_calibrated:
        first = label_of(scores[0]) if len(scores) > 1 else "the same"
        peptides[f"{first}, by raw score"] = scores[0].peptide_curve("log_probability")
    caption = (
        "Precision of the best-ranked answers over the share of all spectra that they cover; "
        "dots: all answers. Ranked by calibrated probability, or by the raw score without "
        "calibration. Right: the same for single residues. Coverage at a peptide precision of "
        f"90 %: {', '.join(shares)}."
    )
    title = f"{evaluation.name}: precision and coverage"
    return Picture(
        "precision_coverage", title, caption, draw_precision_coverage(peptides, residues)
    )


def write_evaluation_report(
    path: str | Path, evaluations: Sequence[Evaluation], chosen: Mapping[str, Any]
) -> None:
    """Write the page of evaluations.

    Parameters
    ----------
    path : str or Path
        The HTML file.
    evaluations : sequence of Evaluation
        Evaluations of one or several networks; the others are compared with the first one.
    chosen : mapping
        Files and settings, shown as text.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    networks = [
        {
            "name": evaluation.name,
            "program": evaluation.program,
            "lead": _lead(evaluation),
            "remarks": evaluation.remarks,
            "pictures": [inline(picture) for picture in evaluation_pictures(evaluation)],
            "summary": score_table(evaluation),
            "tables": list(tables_of(evaluation))[1:],  # the first is the summary
            "is_calibrated": any(score.is_calibrated for score in evaluation.scores),
        }
        for evaluation in evaluations
    ]
    sets, census = sets_picture(evaluations), evaluations[0].census
    page = fill(
        "evaluation.html.j2",
        sets=inline(sets) if sets else None,
        networks=networks,
        meanings=meaning_table(evaluations),
        entries=list(entry_tables(census)) if census else [],
        settings=settings_table({**chosen, "denovo": __version__}),
    )
    write_text(path, page)


def _lead(evaluation: Evaluation) -> str:
    last = evaluation.last(SetKind.MEASURED) or evaluation.scores[-1]
    clean = next((score for score in evaluation.scores if score.name == CLEAN), None)
    figures = last.figures
    more = (
        f", and {clean.figures['peptide_recall']:.1%} of the clean simulated ones" if clean else ""
    )
    return (
        f"{figures['peptide_recall']:.1%} of {figures['n_spectra']:,} peptides and "
        f"{figures['aa_recall']:.1%} of their residues are right{more}."
    )
