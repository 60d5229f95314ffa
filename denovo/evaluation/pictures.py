"""Pictures of an evaluation, with their captions."""

from collections.abc import Iterator

from denovo.evaluation.judging import Evaluation
from denovo.evaluation.summary import breakdowns_of, peptide_curves, reliability_of, residue_curves
from denovo.figures.breakdown import draw_breakdown
from denovo.figures.gallery import Picture
from denovo.figures.precision_coverage import draw_precision_coverage
from denovo.figures.reliability import draw_reliability

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
