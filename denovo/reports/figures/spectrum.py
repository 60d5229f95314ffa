"""An example spectrum, its peaks explained by what the sequencer read out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from denovo.chemistry import WATER_MASS, IonType, Ppm, Residue, ResidueAlphabet, parse_peptide
from denovo.reports.figures.peptide import SERIES_COLOURS, draw_ladder, write_sequence
from denovo.reports.figures.style import HALO, labels_that_fit, style
from denovo.reports.runs import Example, ReadResidue
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction

_COLOURS = {None: "0.6", **SERIES_COLOURS}
"""Of each series, drawn in this order; peaks that nothing explains are grey."""
_TOLERANCE = Ppm(20.0)


@dataclass(frozen=True)
class Fragment:
    """A fragment that a peptide would leave.

    Parameters
    ----------
    label : str
        Such as ``"y7"``, or ``"b9²⁺"`` if it carries two protons.
    series : str
        ``"b"`` or ``"y"``.
    ordinal : int
        Residues it holds.
    mz : float
        In Th.
    """

    label: str
    series: str
    ordinal: int
    mz: float


def draw_example(example: Example) -> Figure:
    """Draw a spectrum annotated with the fragments of the prediction.

    Parameters
    ----------
    example : Example
        Spectrum, prediction and truth.

    Returns
    -------
    Figure
        Peaks within 20 ppm of a b or y ion of the prediction are coloured and the higher of them
        labelled; above stand prediction, its wrong residues marked, and truth.
    """
    fragments = fragments_of(example.residues, example.precursor_charge)
    with style():
        figure = Figure(figsize=(7.2, 3.3))
        head, axes = figure.subplots(2, height_ratios=(0.24, 1))
        write_sequence(head, example)
        found = explain(example.mz, fragments)
        draw_peaks(axes, example.mz, example.intensity, found)
        axes.set_xlabel("m/z (Th)")
        axes.set_ylabel("intensity (of base peak)")
    return figure


def fragments_of(
    residues: Sequence[ReadResidue | Residue], precursor_charge: int
) -> list[Fragment]:
    """List the b and y ions of a peptide, doubly charged ones if its charge is above 2.

    Parameters
    ----------
    residues : sequence of ReadResidue or Residue
        The peptide, from the N-terminus; a modification of the N-terminus is an entry.
    precursor_charge : int
        Charge of the precursor.

    Returns
    -------
    list of Fragment
        The likelier ones first.
    """
    masses = torch.tensor([residue.mass for residue in residues], dtype=torch.float64)
    # No bond breaks between the N-terminus and its modification.
    is_site = [not residue.name.endswith("-") for residue in residues]
    prefixes = masses.cumsum(0)[torch.tensor(is_site, dtype=torch.bool)][:-1]
    total = masses.sum() + WATER_MASS
    fragments = []
    for name in ("y", "b", "y2", "b2")[: 4 if precursor_charge > 2 else 2]:
        ion = IonType.parse(name)
        for number, mz in enumerate(ion.mz(prefixes, total).tolist(), start=1):
            ordinal = number if ion.is_n_terminal else len(prefixes) + 1 - number
            charge = "" if ion.charge == 1 else "²⁺"
            fragments.append(Fragment(f"{ion.series}{ordinal}{charge}", ion.series, ordinal, mz))
    return fragments


def explain(mz: Sequence[float], fragments: Sequence[Fragment]) -> list[Fragment | None]:
    """Find for each peak the first fragment within 20 ppm.

    Parameters
    ----------
    mz : sequence of float
        Peaks, in Th.
    fragments : sequence of Fragment
        The likelier ones first.

    Returns
    -------
    list of Fragment or None
        One entry per peak.
    """
    return [
        next((f for f in fragments if _TOLERANCE.contains(peak, f.mz)), None)  # pyright: ignore[reportArgumentType]
        for peak in mz
    ]


def draw_peaks(
    axes: Axes,
    mz: Sequence[float],
    intensity: Sequence[float],
    found: Sequence[Fragment | None],
    fontsize: float = 7.5,
    room: tuple[float, float] = (0.05, 0.06),
) -> None:
    """Draw peaks in the colour of what explains them, the higher of them labelled.

    Parameters
    ----------
    axes : Axes
        To draw on.
    mz, intensity : sequence of float
        Peaks, in Th and relative to the base peak.
    found : sequence of Fragment or None
        What `explain` returned.
    fontsize : float
        Of the labels, in points.
    room : (float, float)
        What a label needs, as `labels_that_fit` wants it.
    """
    for series, colour in _COLOURS.items():
        chosen = [peak for peak, f in enumerate(found) if (f.series if f else None) == series]
        heights = [intensity[peak] for peak in chosen]
        axes.vlines([mz[peak] for peak in chosen], 0, heights, color=colour, linewidth=1.2)
    explained = [peak for peak, fragment in enumerate(found) if fragment]
    for peak in labels_that_fit(mz, intensity, explained, room):
        fragment = found[peak]
        assert fragment is not None
        axes.annotate(
            fragment.label,
            (mz[peak], intensity[peak]),
            xytext=(0, 2),
            textcoords="offset points",
            color=_COLOURS[fragment.series],
            fontsize=fontsize,
            horizontalalignment="center",
            path_effects=[HALO],
        )
    axes.set_ylim(0, 1.15)
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))


_N_PEAKS = 100
"""Drawn at most, the most intense ones: more would be a grey carpet, and large files."""


def draw_thumbnail(
    prediction: Prediction, spectrum: MeasuredSpectrum, alphabet: ResidueAlphabet
) -> Figure:
    """Draw an answer and the spectrum it was read from.

    Parameters
    ----------
    prediction : Prediction
        With an answer.
    spectrum : MeasuredSpectrum
        What it was read from.
    alphabet : ResidueAlphabet
        What the answer is written in.

    Returns
    -------
    Figure
        Letters with the cleavages whose b and y ions are among the peaks (within 20 ppm), bars for
        the probabilities of the residues, ambiguous residues framed; the 100 highest peaks.
    """
    residues = [alphabet.by_name[name] for name in parse_peptide(prediction.peptide, alphabet)]
    kept = sorted((-spectrum.intensity).argsort(kind="stable")[:_N_PEAKS].tolist())
    mz = spectrum.mz[kept].tolist()
    intensity = (spectrum.intensity[kept] / spectrum.intensity.max()).tolist()
    found = explain(mz, fragments_of(residues, prediction.precursor_charge))
    sites = {
        series: {ion.ordinal for ion in found if ion and ion.series == series}
        for series in SERIES_COLOURS
    }
    with style():
        figure = Figure(figsize=(4.6, 2.7))
        head, axes = figure.subplots(2, height_ratios=(0.42, 1))
        names = [residue.name for residue in residues]
        scores, regions = prediction.residue_scores, prediction.ambiguous
        draw_ladder(head, names, sites, scores, regions, fontsize=9.5)
        draw_peaks(axes, mz, intensity, found, fontsize=7.0, room=(0.09, 0.09))
        axes.set_xlabel("m/z (Th)", fontsize=8)
        axes.tick_params(labelsize=7.5)
        axes.set_yticks([0, 0.5, 1])
    return figure
