"""Tables of an evaluation."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from denovo.choices import Match
from denovo.evaluation import NOISY, POOLED, Census, Evaluation, Fate, ScoredSet, SetKind
from denovo.evaluation.figures import COVERAGES, GROUPINGS, PRECISIONS
from denovo.evaluation.proteobench import BREAKDOWNS, FASTA_CATEGORIES, MODES, MODIFICATIONS
from denovo.reports.figures.groups import position
from denovo.reports.table import Table, reason_table, text_of

SHARES = {
    "aa_precision": "AA precision",
    "aa_recall": "AA recall",
    "peptide_precision": "peptide precision",
    "peptide_recall": "peptide recall",
}
_RANKING = {
    "peptide_precision_coverage_area": "area, peptides",
    **{f"peptide_precision_at_coverage_{n}": f"precision, best {n} %" for n in COVERAGES},
    **{f"peptide_coverage_at_precision_{n}": f"coverage at {n} %" for n in PRECISIONS},
    "residue_precision_coverage_area": "area, residues",
}
_OUTCOMES = {
    "n_answers": "answers",
    "n_infeasible": "no peptide agrees with the precursor",
    "n_cut_off": "cut off at the length limit",
    "n_outside_tolerance": "annotation outside the tolerance",
    "ppm_error_abs_median": "median error (ppm)",
    "ppm_within_10": "within 10 ppm",
    "spectra_per_second": "spectra / s",
}
_IN_FASTA = {
    "n_answers": "answers of 8 residues and more",
    "answers": "in the proteins",
    "n_wrong_answers": "wrong ones of these",
    "wrong_answers": "in the proteins",
}
_CALIBRATION = {
    "expected_calibration_error_equal_width": "calibration error, equal width",
    "expected_calibration_error_equal_mass": "calibration error, equal mass",
    "brier_score": "Brier score",
}
_KINDS = {SetKind.SIMULATED: "simulated", SetKind.MEASURED: "files"}
"""Words for kinds of sets. Whether the spectra of a file were measured, no file says."""
_RIGHT = {
    Match.DEEPNOVO: "its mass agrees within 0.1 Da with that of the true one, and so do within "
    "0.5 Da all masses from one end of the peptide to it (the criterion of DeepNovo)",
    Match.PROTEOBENCH: "its mass agrees within 20 ppm with that of the true one, and so do within "
    "50 ppm all masses from one end of the peptide to it (the mass mode of ProteoBench)",
    Match.EXACT: "it is the true one where ProteoBench compares the two, I as L, and deamidated N "
    "and Q as D and E (the exact mode of ProteoBench)",
}
_MEANINGS = {
    "AA precision": "right amino acids (AA, modified ones too) among all of the answers",
    "AA recall": "right amino acids among all of the true peptides",
    "peptide precision": "peptides of which every amino acid is right, among the answers",
    "peptide recall": "the same among all spectra, answered or not",
    "truth listed": "spectra whose true peptide is among the candidates that rescoring chooses "
    "from: no peptide recall is higher",
}
_FATES = {
    Fate.ANNOTATED: "spectra with a known peptide",
    Fate.UNANNOTATED: "spectra without a peptide",
    Fate.SKIPPED: "spectra with a peptide outside the alphabet",
    Fate.UNREADABLE: "spectra with a peptide in an unknown notation",
    Fate.NOT_SELECTED: "spectra that were not selected",
    Fate.REJECTED: "entries that are not usable spectra",
}


def meaning_table(evaluations: Sequence[Evaluation]) -> Table:
    """Make the table that explains the columns of `score_table`, as far as they are shown."""
    headings = {name for each in evaluations for name in score_table(each).headings}
    match = evaluations[0].match
    rows = {f"right (--match {match.value})": f"an amino acid is right if {_RIGHT[match]}"}
    rows |= {name: text for name, text in _MEANINGS.items() if name in headings}
    return Table(("word", "meaning"), tuple(rows.items()), "Words of the tables", n_text=2)


def tables_of(evaluation: Evaluation) -> Iterator[Table]:
    """Yield all tables of an evaluation, except those of the entries."""
    name, scores = evaluation.name, shown_scores(evaluation)
    yield score_table(evaluation)
    yield _figures(f"{name}: answers and precursor errors", scores, _OUTCOMES)
    yield _figures(f"{name}: answers ranked by their score", scores, _RANKING)
    if any(score.figures["in_fasta"] for score in scores):
        yield in_fasta_table(evaluation)
    if any(score.is_calibrated for score in scores):
        yield _figures(f"{name}: probabilities", scores, _CALIBRATION)
        yield false_discovery_table(evaluation)
    yield from group_tables(evaluation)
    if evaluation.proteobench:
        yield from proteobench_tables(evaluation.name, evaluation.proteobench)
    if evaluation.differences:
        yield difference_table(evaluation)


def shown_scores(evaluation: Evaluation) -> list[ScoredSet]:
    """Return the scores of all sets; of controls only the pooled one."""
    control = evaluation.last(SetKind.CONTROL)
    sets = evaluation.of(SetKind.SIMULATED, SetKind.MEASURED)
    return [*sets, control] if control else sets


def label_of(score: ScoredSet) -> str:
    """Return the name of a set in tables and pictures."""
    if score.kind is SetKind.CONTROL:
        return "control: shuffled peaks"
    return _pooled(score.kind) if score.is_pooled else score.name


def _pooled(kind: SetKind) -> str:
    return "all files" if kind is SetKind.MEASURED else f"{kind}, all spectra"


def score_table(evaluation: Evaluation) -> Table:
    """Make the table of shares of right answers by set, with all peptides weighted equally last."""
    rows = []
    last = evaluation.last(SetKind.MEASURED)
    for score in shown_scores(evaluation):
        figures = score.figures
        rate = len(score.rows) / score.cpu_seconds if score.cpu_seconds else None
        more = _text(figures["listed"]), "" if rate is None else f"{rate:.0f}"
        rows.append((label_of(score), *_shares(figures), *more))
        if score is last:
            rows.append(("each peptide once", *_shares(figures["by_peptide"]), "", ""))
    headings = ("set", "spectra", "peptides", *SHARES.values(), "truth listed", "spectra / CPU s")
    caption = f"{evaluation.name}: share of right answers, with 95 % intervals"
    return Table(headings, tuple(rows), caption).without_empty_columns()


def group_tables(evaluation: Evaluation) -> Iterator[Table]:
    """Yield a table for each way of grouping the spectra of files and simulated ones."""
    shown = groups_by_kind(evaluation)
    for name, heading in GROUPINGS.items():
        columns = [{row["group"]: row for row in found[name]} for found in shown.values()]
        groups = dict.fromkeys(group for column in columns for group in column)
        rows = [
            (group, *(cell for column in columns for cell in _group_cells(column.get(group))))
            for group in sorted(groups, key=position)
        ]
        figures = ("spectra", "peptide recall", "AA precision", "AA recall", "truth listed")
        kinds = [f"{kind}: " for kind in shown] if len(shown) > 1 else [""]
        headings = tuple(f"{kind}{figure}" for kind in kinds for figure in figures)
        caption = f"{evaluation.name}: by {heading}"
        yield Table((heading, *headings), tuple(rows), caption).without_empty_columns()


def groups_by_kind(evaluation: Evaluation) -> dict[str, dict[str, Sequence[Mapping[str, Any]]]]:
    """Return the groups of spectra of files and noisy simulated ones, by kind and grouping."""
    simulated = evaluation.of(SetKind.SIMULATED)
    scores = {
        SetKind.MEASURED: evaluation.last(SetKind.MEASURED),
        SetKind.SIMULATED: next((score for score in simulated if score.name == NOISY), None),
    }
    return {
        _KINDS[kind]: {name: score.figures[f"by_{name}"] for name in GROUPINGS}
        for kind, score in scores.items()
        if score is not None
    }


def in_fasta_table(evaluation: Evaluation) -> Table:
    """Make the table of answers, and of wrong answers, that the proteins have, by set."""
    scores = [score for score in shown_scores(evaluation) if score.figures["in_fasta"]]
    rows = [
        (label_of(score), *(_text(score.figures["in_fasta"][name]) for name in _IN_FASTA))
        for score in scores
    ]
    caption = f"{evaluation.name}: answers in the proteins"
    return Table(("set", *_IN_FASTA.values()), tuple(rows), caption)


def false_discovery_table(evaluation: Evaluation) -> Table:
    """Make the table of wrong answers up to estimated false discovery rates by set."""
    rows = [
        (
            f"{label_of(score)}, q <= {row['level']:g}",
            f"{row['n_accepted']:,}",
            _text(row["estimated"]),
            _with_interval(row, "true") if row["n_accepted"] else "",
        )
        for score in evaluation.of(SetKind.SIMULATED, SetKind.MEASURED)
        for row in score.figures["false_discovery"]
    ]
    headings = ("answers accepted", "number", "wrong, estimated", "wrong, true")
    caption = f"{evaluation.name}: estimated and true false discovery rate"
    return Table(headings, tuple(rows), caption)


def proteobench_tables(name: str, found: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the tables of the figures of ProteoBench, see `proteobench_figures`."""
    figures = {"precision": "precision", "coverage": "coverage", "area": "area"}
    n_spectra = found["n_spectra"]
    rows = [
        (f"{level}s, {heading}", *(_text(found[level][mode][key]) for key in figures))
        for level in ("peptide", "residue")
        for mode, heading in MODES.items()
    ]
    yield Table(("mode", *figures.values()), tuple(rows), f"{name}: figures of ProteoBench")
    for key, heading in BREAKDOWNS.items():
        groups = [
            (row["group"], f"{row['n_spectra']:,}", _text(row["mass"]), _text(row["exact"]))
            for row in found[key]
        ]
        headings = (heading, "answers", "right by mass", "right exactly")
        yield Table(headings, tuple(groups), f"{name}: ProteoBench, answers by {heading}")
    rows = [
        (heading, *_share(counts, "annotated"), *_share(counts, "predicted"))
        for key, heading in MODIFICATIONS.items()
        for counts in [found["modifications"][key]]
    ]
    if "in_fasta" in found:
        counts = [
            (heading, f"{found['in_fasta'][key]:,}", _text(found["in_fasta"][key] / n_spectra))
            for key, heading in FASTA_CATEGORIES.items()
        ]
        headings = ("answer", "spectra", "share")
        yield Table(headings, tuple(counts), f"{name}: ProteoBench, answers and proteins")
    headings = ("modification", "annotated", "right of these", "predicted", "right of these")
    yield Table(headings, tuple(rows), f"{name}: ProteoBench, modifications")


def difference_table(evaluation: Evaluation) -> Table:
    """Make the table of differences between a sequencer and the first one by set."""
    rows = []
    for found in evaluation.differences:
        name = _pooled(SetKind(found["kind"])) if found["name"] == POOLED else found["name"]
        changed = f"+{found['gained']} -{found['lost']}"
        rows += [
            _difference(name, found, changed),
            _difference(f"{name}, each peptide once", found["by_peptide"], ""),
        ]
    headings = ("set", "spectra", *SHARES.values(), "interval of the last", "gained, lost")
    caption = f"{evaluation.name}: difference to the first, paired, ± standard error"
    return Table(headings, tuple(rows), caption)


def entry_tables(census: Census) -> Iterator[Table]:
    """Yield the tables of the fates of all entries, and of the reasons to leave some out."""
    parts = census.parts()
    rows = tuple((words, f"{parts[fate]:,}") for fate, words in _FATES.items())
    yield Table(("entries", "number"), rows, "Fate of all entries of the files")
    if census.reasons:
        yield reason_table("Reasons why entries were left out", census.reasons)


def _figures(caption: str, scores: Sequence[ScoredSet], names: Mapping[str, str]) -> Table:
    rows = [(label_of(score), *(_text(score.figures[name]) for name in names)) for score in scores]
    return Table(("set", *names.values()), tuple(rows), caption).without_empty_columns()


def _difference(name: str, found: Mapping[str, Any], changed: str) -> tuple[str, ...]:
    cells = [
        f"{found[figure]:+.3f}{_error(found[f'{figure}_standard_error'])}" for figure in SHARES
    ]
    low, high = found["peptide_recall_low"], found["peptide_recall_high"]
    interval = "" if math.isnan(low) else f"{low:+.3f} to {high:+.3f}"
    return (name, f"{found['n_spectra']:,}", *cells, interval, changed)


def _error(value: float) -> str:
    return "" if math.isnan(value) else f" ± {value:.3f}"


def _share(counts: Mapping[str, int], side: str) -> tuple[str, str]:
    number, right = counts[f"n_{side}"], counts[f"n_{side}_right"]
    return f"{number:,}", _text(right / number if number else None)


def _shares(figures: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (f"{figures[name]:,}" for name in ("n_spectra", "n_peptides"))
    return (*counts, *(_with_interval(figures, name) for name in SHARES))


def _group_cells(row: Mapping[str, Any] | None) -> Sequence[str]:
    if row is None:
        return ("0", "", "", "", "")
    shares = (_with_interval(row, name) for name in ("peptide_recall", "aa_precision", "aa_recall"))
    return (f"{row['n_spectra']:,}", *shares, _text(row["listed"]))


def _with_interval(figures: Mapping[str, Any], name: str) -> str:
    low, high = figures[f"{name}_low"], figures[f"{name}_high"]
    has_interval = low is not None and math.isfinite(low)
    return f"{figures[name]:.3f}" + (f" ({low:.3f}-{high:.3f})" if has_interval else "")


def _text(value: float | int | None) -> str:
    return f"{value:,}" if isinstance(value, int) else text_of(value, ".3f")
