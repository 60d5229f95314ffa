"""A small picture of an answer: its peptide, how sure each residue is, and the spectrum."""

from matplotlib.figure import Figure

from denovo.chemistry import ResidueAlphabet, parse_peptide
from denovo.figures.ladder import SERIES_COLOURS, draw_ladder
from denovo.figures.spectrum import draw_peaks, explain, fragments_of
from denovo.figures.style import style
from denovo.io import MeasuredSpectrum
from denovo.prediction import Prediction

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
