"""Pictures of the answers of a sequencing run."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from denovo.chemistry import ResidueAlphabet, Tolerance, bare_sequence
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.reports.figures.gallery import Picture
from denovo.reports.figures.spectrum import draw_thumbnail
from denovo.reports.figures.style import COLOURS, label, new_figure
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction, Status
from denovo.typing import Float64, ndarray

_N_POINTS = 5000
"""Maximum number of points of a scatter plot, evenly spaced."""
_N_STEPS = 1000
_MAX_FDR = 0.3
"""Largest false discovery rate that is drawn, so that the labelled ones stand apart."""
_LOW = 0.12
"""Height of a point, relative to the axis, whose label would be cut by the axis."""
_MIN_REACH = 5.0
"""Smallest half-width of an axis of errors, in ppm."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Columns of all answers of a run, and the number of spectra of each status.

    Values are NaN if unknown; errors in ppm, m/z in Th, retention times in seconds. Scores are
    probabilities if ``is_calibrated``, log-probabilities otherwise.
    """

    statuses: Counter[Status]
    is_calibrated: bool
    score: Float64[ndarray, " answer"]
    q_value: Float64[ndarray, " answer"]
    ppm_error: Float64[ndarray, " answer"]
    mz: Float64[ndarray, " answer"]
    retention_time: Float64[ndarray, " answer"]
    length: Float64[ndarray, " answer"]
    charge: Float64[ndarray, " answer"]

    @classmethod
    def collect(cls, predictions: Iterable[Prediction]) -> "Answers":
        """Read the columns from predictions, which are iterated once; 60 bytes of each are kept."""
        statuses: Counter[Status] = Counter()
        is_calibrated = False

        def rows() -> Iterable[tuple[float, ...]]:
            nonlocal is_calibrated
            for prediction in predictions:
                statuses[prediction.status] += 1
                if prediction.has_answer:
                    is_calibrated |= prediction.probability is not None
                    yield _row(prediction)

        columns = np.fromiter(rows(), dtype=np.dtype((np.float64, 7))).T
        return cls(statuses, is_calibrated, *columns)

    def __len__(self) -> int:
        return len(self.score)

    def n_within(self, fdr: float) -> int:
        """Count the answers whose q-value is at most a false discovery rate."""
        return int((self.q_value <= fdr).sum())


def draw_scores(answers: Answers) -> Figure:
    """Draw the histogram of the probabilities, or log-probabilities, of the answers."""
    with new_figure(7.2, 2.8) as figure:
        axes = figure.add_subplot()
        bins = np.linspace(0, 1, 21).tolist() if answers.is_calibrated else 30
        axes.hist(answers.score, bins=bins, color=COLOURS[0], edgecolor="white", linewidth=0.5)
        if answers.is_calibrated:
            axes.set_xlim(0, 1)
        axes.set_xlabel("probability" if answers.is_calibrated else "log-probability")
        _count(axes)
    return figure


def draw_accepted(answers: Answers) -> Figure | None:
    """Draw the number of answers at each false discovery rate; None without q-values."""
    known = np.sort(answers.q_value[np.isfinite(answers.q_value)])
    if not len(known):
        return None
    end = min(_MAX_FDR, max(1.5 * FDR_LEVELS[-1], known[-1]))
    known = known[known <= end]
    top = 1.15 * max(len(known), 1)
    with new_figure(7.2, 2.8) as figure:
        axes = figure.add_subplot()
        numbers = np.unique(np.linspace(0, len(known), _N_STEPS).round().astype(int))
        rates = np.array([0.0, *known])[numbers]
        axes.step([*rates, end], [*numbers, len(known)], where="post", color=COLOURS[0])
        for level in FDR_LEVELS:
            number = answers.n_within(level)
            axes.plot(level, number, "o", color=COLOURS[1], markersize=5)
            # Below the curve, which rises; above the axis.
            shift = -12 if number > _LOW * top else 6
            label(axes, f"{number:,}", (level, number), shift, fontsize=8, ha="left")
        axes.set_xlim(0, end)
        axes.set_xlabel("estimated false discovery rate")
        axes.xaxis.set_major_locator(MultipleLocator(0.05))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        axes.set_ylim(0, top)
        _count(axes)
    return figure


def draw_precursor_errors(answers: Answers) -> Figure | None:
    """Draw precursor errors, also over m/z and retention time; None without any."""
    is_known = np.isfinite(answers.ppm_error)
    if not is_known.any():
        return None
    error = answers.ppm_error[is_known]
    reach = max(_MIN_REACH, float(np.quantile(abs(error), 0.98)) * 1.2)
    panels = {"precursor m/z (Th)": answers.mz[is_known]}
    if np.isfinite(answers.retention_time[is_known]).any():
        panels["retention time (min)"] = answers.retention_time[is_known] / 60
    with new_figure(7.2, 2.8) as figure:
        histogram, *scatters = figure.subplots(1, 1 + len(panels))
        bins = np.linspace(-reach, reach, 41).tolist()
        histogram.hist(error, bins=bins, color=COLOURS[0])
        histogram.axvline(float(np.median(error)), color=COLOURS[1], linewidth=1.2)
        histogram.set_xlabel("error (ppm)")
        _count(histogram)
        every = slice(None, None, 1 + len(error) // _N_POINTS)
        for axes, (name, values) in zip(scatters, panels.items(), strict=True):
            cloud = {"color": COLOURS[0], "markersize": 3, "alpha": 0.5, "rasterized": True}
            axes.plot(values[every], error[every], ".", **cloud)
            axes.axhline(0, color="0.4", linewidth=0.8)
            axes.set_ylim(-reach, reach)
            axes.set_xlabel(name)
            axes.set_ylabel("error (ppm)")
    return figure


def draw_lengths_and_charges(answers: Answers) -> Figure:
    """Draw the number of answers of each length and each charge."""
    with new_figure(7.2, 2.8) as figure:
        columns = {"residues": answers.length, "precursor charge": answers.charge}
        panels = figure.subplots(1, 2, width_ratios=(2, 1))
        for axes, (name, values) in zip(panels, columns.items(), strict=True):
            numbers, counts = np.unique(values, return_counts=True)
            axes.bar(numbers, counts, width=0.8, color=COLOURS[0])
            axes.set_xlabel(name)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axes.set_xlim(numbers.min() - 0.8, numbers.max() + 0.8)
            _count(axes)
    return figure


def _row(prediction: Prediction) -> tuple[float, ...]:
    values = (
        prediction.score,
        prediction.q_value,
        prediction.ppm_error,
        prediction.precursor_mz,
        prediction.retention_time,
        len(bare_sequence(prediction.peptide)),
        prediction.precursor_charge,
    )
    return tuple(np.nan if value is None else float(value) for value in values)


def _count(axes: Axes) -> None:
    axes.set_ylabel("answers")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5, min_n_ticks=1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def answer_pictures(answers: Answers) -> Iterator[Picture]:
    """Yield the pictures of all answers of a run; none without answers."""
    if not len(answers):
        return
    kind = "Probabilities" if answers.is_calibrated else "Log-probabilities"
    middle = f"median {np.median(answers.score):.3g}"
    caption = f"{kind} of the answers ({len(answers):,}): {middle}."
    if not answers.is_calibrated:
        caption += " The network was not calibrated, so they are not probabilities to be right."
    yield Picture("scores", kind, caption, draw_scores(answers))
    figure = draw_accepted(answers)
    if figure is not None:
        caption = (
            "Number of answers up to each false discovery rate, estimated from the probabilities, "
            f"to at most {_MAX_FDR:.0%}. Dots: 1%, 5% and 10%."
        )
        yield Picture("accepted", "Answers by false discovery rate", caption, figure)
    figure = draw_precursor_errors(answers)
    if figure is not None:
        yield Picture("precursor_errors", "Precursor errors", _errors_caption(answers), figure)
    caption = (
        f"Answers by length, from {answers.length.min():.0f} to {answers.length.max():.0f} "
        f"residues, and by precursor charge, from {answers.charge.min():.0f}+ to "
        f"{answers.charge.max():.0f}+."
    )
    yield Picture("lengths", "Lengths and charges", caption, draw_lengths_and_charges(answers))


def answer_picture(
    prediction: Prediction,
    spectrum: MeasuredSpectrum,
    alphabet: ResidueAlphabet,
    tolerance: Tolerance = FRAGMENT_TOLERANCE,
) -> Picture:
    """Draw one answer as a thumbnail with a caption."""
    worth = (
        f"log-probability {prediction.log_probability:.2f}"
        if prediction.probability is None
        else f"probability {prediction.probability:.3f}"
    )
    parts = [
        f"Spectrum {prediction.title} of {Path(prediction.file).name}: {worth}",
        f"charge {prediction.precursor_charge}+",
        f"precursor at m/z {prediction.precursor_mz:.4f}",
    ]
    if prediction.ppm_error is not None:
        parts.append(f"error {prediction.ppm_error:+,.1f} ppm")
    parts.append(f"{prediction.site_coverage:.0%} of the cleavage sites covered")
    if prediction.residue_scores:
        parts.append(_least_probable(prediction))
    if prediction.ambiguous:
        parts.append(f"undetermined order at {prediction.ambiguity.replace(';', ', ')}")
    figure = draw_thumbnail(prediction, spectrum, alphabet, tolerance)
    return Picture("answer", prediction.peptide, ", ".join(parts) + ".", figure)


def _errors_caption(answers: Answers) -> str:
    error = answers.ppm_error[np.isfinite(answers.ppm_error)]
    middle = float(np.median(error))
    spread = float(np.median(abs(error - middle)))
    return (
        f"Precursor errors of the answers without isotope errors: median {middle:+.2f} ppm "
        f"(line), median deviation {spread:.2f} ppm. The largest 2% may lie outside the axes."
    )


def _least_probable(prediction: Prediction) -> str:
    place = int(np.argmin(prediction.residue_scores))
    letter = bare_sequence(prediction.peptide)[place]
    return f"least probable residue {letter}{place + 1} ({prediction.residue_scores[place]:.2f})"
