"""Pictures of spectra whose peaks are labelled with the ions of a peptide."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from denovo.chemistry import ResidueAlphabet, Tolerance, parse_peptide
from denovo.reports.figures.peptide import SERIES_COLOURS, draw_cleavages, write_sequence
from denovo.reports.figures.style import COLOURS, label, labels_that_fit, new_figure
from denovo.reports.runs import Example
from denovo.spectra.explain import Ion, explain_peaks
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction

_LIMIT = 1.15
"""Height of the axes relative to the base peak, with room for labels."""
_COLOURS = {
    None: "0.65",
    **{"m": COLOURS[4], "I": COLOURS[5], "p": COLOURS[3], "a": COLOURS[2]},
    **SERIES_COLOURS,
}
"""Colour of each kind of ion, in order of drawing; unexplained peaks are grey."""
LEGEND = {
    **{"b": "b", "y": "y", "a": "a", "p": "precursor", "m": "internal", "I": "immonium"},
    **{None: "not explained"},
}


def draw_example(example: Example) -> Figure:
    """Draw prediction and truth, and the spectrum with the fragments of the prediction."""
    ions = explain_peaks(np.array(example.mz), example.residues, example.precursor_charge)
    with new_figure(7.2, 3.3) as figure:
        head, axes = figure.subplots(2, height_ratios=(0.24, 1))
        write_sequence(head, example)
        draw_spectrum(axes, example.mz, example.intensity, ions)
        axes.set_xlabel("m/z (Th)")
        axes.set_ylabel("intensity (of base peak)")
    return figure


def draw_spectrum(
    axes: Axes,
    mz: Sequence[float],
    intensity: Sequence[float],
    ions: Sequence[Ion | None],
    is_mirrored: bool = False,
    fontsize: float = 7.5,
    room: tuple[float, float] = (0.05, 0.06),
) -> None:
    """Draw peaks, m/z ascending, in the colours of their ions, and label the more intense ones.

    ``ions`` come from `explain_peaks`; a mirrored spectrum is drawn downwards; ``room`` is that of
    `labels_that_fit`.
    """
    base = max(intensity, default=1.0)
    heights = [height / base for height in intensity]
    sign = -1 if is_mirrored else 1
    for kind, colour in _COLOURS.items():
        chosen = [k for k, ion in enumerate(ions) if (ion.kind if ion else None) == kind]
        tips = [sign * heights[k] for k in chosen]
        axes.vlines([mz[k] for k in chosen], 0, tips, color=colour, linewidth=1.2)
    named = {k: ion for k, ion in enumerate(ions) if ion and ion.label}
    labels = {k: ion.label for k, ion in named.items()}
    for peak in labels_that_fit(mz, heights, labels, room):
        label(
            *(axes, named[peak].label, (mz[peak], sign * heights[peak]), 2 * sign),
            color=_COLOURS[named[peak].kind],
            fontsize=fontsize,
            va="top" if is_mirrored else "bottom",
        )
    axes.set_ylim(-_LIMIT if is_mirrored else 0, _LIMIT)
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda height, _: f"{abs(height):.0%}"))


def legend_lines() -> dict[str, Line2D]:
    """Return a line for each kind of ion, by its name."""
    return {
        name: Line2D([], [], color=_COLOURS[kind], linewidth=1.6) for kind, name in LEGEND.items()
    }


def covered_ordinals(ions: Sequence[Ion | None], charge: int) -> dict[str, set[int]]:
    """List the ordinals of the b and y ions among peaks that cover a cleavage site."""
    most = 2 if charge > 2 else 1
    found = [ion for ion in ions if ion and ion.label and ion.charge <= most]
    return {
        series: {ion.ordinal for ion in found if ion.kind == series} for series in SERIES_COLOURS
    }


_MAX_PEAKS = 100
"""Number of most intense peaks of a thumbnail."""


def draw_thumbnail(
    prediction: Prediction,
    spectrum: MeasuredSpectrum,
    alphabet: ResidueAlphabet,
    tolerance: Tolerance = FRAGMENT_TOLERANCE,
) -> Figure:
    """Draw an answer with cleavages and probabilities, and the 100 highest peaks below it."""
    residues = [alphabet.by_name[name] for name in parse_peptide(prediction.peptide, alphabet)]
    kept = sorted((-spectrum.intensity).argsort(kind="stable")[:_MAX_PEAKS].tolist())
    mz, intensity = spectrum.mz[kept], spectrum.intensity[kept].tolist()
    ions = explain_peaks(mz, residues, prediction.precursor_charge, tolerance)
    sites = covered_ordinals(ions, prediction.precursor_charge)
    with new_figure(4.6, 2.7) as figure:
        head, axes = figure.subplots(2, height_ratios=(0.42, 1))
        names = [residue.name for residue in residues]
        scores, regions = prediction.residue_scores, prediction.ambiguous
        draw_cleavages(head, names, sites, scores, regions, fontsize=9.5)
        draw_spectrum(axes, mz.tolist(), intensity, ions, fontsize=7.0, room=(0.09, 0.09))
        axes.set_xlabel("m/z (Th)", fontsize=8)
        axes.tick_params(labelsize=7.5)
        axes.set_yticks([0, 0.5, 1])
    return figure
