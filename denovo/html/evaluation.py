"""The page of an evaluation: how much was right, of what, and how well that was known."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from denovo.evaluation import Evaluation
from denovo.evaluation.pictures import evaluation_pictures
from denovo.html.rendering import fill, inline
from denovo.html.tables import Table
from denovo.io.files import write_text

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
