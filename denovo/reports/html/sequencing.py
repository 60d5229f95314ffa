"""Page of a sequencing run: outcomes, pictures of all answers, selected spectra."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from denovo.chemistry import parse_tolerance
from denovo.evaluation import KnownPeptides
from denovo.io import write_text
from denovo.io.predictions import RunRecord
from denovo.metrics import Reliability
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.metrics.sources import SourceRun
from denovo.reports.answer_table import BestAnswers
from denovo.reports.figures.answers import Answers, answer_picture, answer_pictures
from denovo.reports.figures.confidence import (
    draw_error_estimates,
    draw_precision_coverage,
    draw_reliability,
)
from denovo.reports.figures.gallery import Picture
from denovo.reports.html.rendering import fill, inline
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase
from denovo.reports.table import Table, reason_table, settings_table
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.prediction import Prediction, Status

_OUTCOMES = {
    Status.OK: "answers",
    Status.INFEASIBLE: "no peptide agrees with the precursor",
    Status.CUT_OFF: "cut off at the length limit",
}
_GROUPS = {
    "best": "Answers with the highest scores",
    "median": "Answers with scores near the median",
    "worst": "Answers with the lowest scores",
}


def write_sequencing_report(
    path: str | Path,
    run: SequencingRun,
    predictions: Iterable[Prediction],
    showcase: Showcase,
    known: KnownPeptides | None = None,
) -> None:
    """Write the page of a sequencing run.

    Parameters
    ----------
    path : str or Path
        The HTML file.
    run : SequencingRun
        Facts about the run.
    predictions : iterable of Prediction
        All predictions, with q-values if there are any; iterated once.
    showcase : Showcase
        Showcase of the same predictions.
    known : KnownPeptides or None
        Answers compared with the peptides that the files state; None if they state none.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    best, record = BestAnswers(), run.record
    answers = Answers.collect(best.watching(predictions))
    page = fill(
        "sequencing.html.j2",
        title=_title(record.files),
        lead=f"Answers for {len(answers):,} of {answers.statuses.total():,} spectra, on "
        f"{run.device}.",
        hint=run.hint,
        n_answers=len(answers),
        answers=best.table(),
        census=run.proteome and _census(run.proteome),
        errors=run.proteome and inline(_error_picture(run.proteome)),
        counts=_counts(answers, run.rejected),
        accepted=_accepted(answers),
        rejected=reason_table("Reasons why entries were not sequenced", run.rejected),
        pictures=[inline(picture) for picture in answer_pictures(answers)],
        reliability=run.reliability and inline(_reliability_picture(run.reliability, answers)),
        known=known and inline(_known_picture(known)),
        known_table=known and _known_table(known),
        groups=_groups(showcase, record),
        settings=settings_table(
            {**record.settings, "device": run.device, "denovo": record.version}
        ),
        files=record.files,
    )
    write_text(path, page)


def _title(files: Sequence[str]) -> str:
    names = [Path(file).name for file in files]
    return f"Sequencing of {names[0] if len(names) == 1 else f'{len(names)} files'}"


def _census(run: SourceRun) -> Table:
    total, levels = len(run.source), run.levels
    counts = {
        "peptides of the proteome": [each.n_known for each in levels],
        "variants of a peptide of the proteome": [each.n_variants for each in levels],
        "other novel peptides": [each.n_novel - each.n_variants for each in levels],
        "unexplained": [total - each.n_known - each.n_novel for each in levels],
    }
    rows = [
        (words, *(f"{n:,} ({n / max(total, 1):.1%})" for n in numbers))
        for words, numbers in counts.items()
    ]
    origin = "estimated" if run.is_estimated else "given"
    caption = (
        f"Spectra by what explains them up to a false discovery rate; {run.novel_share:.0%} are of "
        f"peptides outside the proteome ({origin})"
    )
    return Table(("spectra of", *(f"{each.level:.0%}" for each in levels)), tuple(rows), caption)


def _error_picture(run: SourceRun) -> Picture:
    caption = (
        "Share of wrong answers among the most probable ones in the proteome, estimated from "
        "their probabilities and from decoys made of its peptides. Where the decoys lie far above "
        "the probabilities, the FASTA files may not fit the sample."
    )
    figure = draw_error_estimates(run.error_estimates)
    return Picture("errors", "Two estimates of the error rate", caption, figure)


def _reliability_picture(found: Reliability, answers: Answers) -> Picture:
    caption = (
        "Above: of simulated noisy spectra that the probabilities were not fitted to, the share "
        "of right answers over their probability. Below: the probabilities of this run."
    )
    figure = draw_reliability(found, answers.score)
    return Picture("reliability", "How far to trust a probability", caption, figure)


def _known_picture(known: KnownPeptides) -> Picture:
    peptides, residues = known.peptide_curve(), known.residue_curve()
    caption = (
        f"Precision of the best-ranked answers over the share of the {known.n_spectra:,} spectra "
        f"with a known peptide that they cover, and the same for single residues. A precision of "
        f"90 % covers {peptides.coverage_at(0.9):.0%} of the spectra."
    )
    figure = draw_precision_coverage({"this run": peptides}, {"this run": residues})
    return Picture("known", "Precision and coverage", caption, figure)


def _known_table(known: KnownPeptides) -> Table:
    rows = []
    for level in (*FDR_LEVELS, None):
        number, precision, (low, high) = known.within(level)
        right = f"{precision:.1%} ({low:.1%} - {high:.1%})" if number else ""
        kept = "all answers" if level is None else f"false discovery rate up to {level:.0%}"
        rows.append((kept, f"{number:,}", f"{number / known.n_spectra:.1%}", right))
    outside = f"; {known.n_outside:,} others are outside the alphabet" if known.n_outside else ""
    caption = f"Spectra whose peptide the files state: {known.n_spectra:,}{outside}"
    return Table(("answers", "number", "coverage", "precision (95 %)"), tuple(rows), caption)


def _counts(answers: Answers, rejected: Mapping[str, int]) -> Table:
    counts = {words: answers.statuses[status] for status, words in _OUTCOMES.items()}
    counts["not sequenced"] = sum(rejected.values())
    total = max(sum(counts.values()), 1)
    rows = [
        (words, f"{number:,}", f"{number / total:.1%}")
        for words, number in counts.items()
        if number or words == "answers"
    ]
    return Table(
        ("outcome", "entries", "share"), tuple(rows), "Outcome of all entries of the files"
    )


def _accepted(answers: Answers) -> Table:
    headings = ("false discovery rate", "answers", "share of spectra")
    caption = "Answers by false discovery rate, estimated from the probabilities"
    if not (answers.q_value >= 0).any():
        return Table(headings, ())
    n_spectra = answers.statuses.total()
    found = [(level, answers.n_within(level)) for level in FDR_LEVELS]
    rows = [(f"{level:.0%}", f"{n:,}", f"{n / n_spectra:.1%}") for level, n in found]
    return Table(headings, tuple(rows), caption)


def _groups(showcase: Showcase, record: RunRecord) -> list[dict[str, Any]]:
    written = record.settings.get("fragment_tolerance")
    tolerance = parse_tolerance(written) if written else FRAGMENT_TOLERANCE
    groups = []
    for name, shown in showcase.groups().items():
        drawn = (answer_picture(*entry, record.alphabet, tolerance) for entry in shown)
        pictures = [inline(picture, is_small=True) for picture in drawn]
        if pictures:
            groups.append({"title": _GROUPS[name], "pictures": pictures})
    return groups
