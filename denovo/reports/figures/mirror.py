"""Mirror picture: the spectrum of a file annotated with a peptide, above its MS2PIP prediction."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.chemistry import (
    ISOTOPE_SPACING,
    WATER_MASS,
    Ppm,
    Residue,
    Tolerance,
    mass_to_mz,
    ppm_error,
)
from denovo.reports.figures.peptide import draw_cleavages
from denovo.reports.figures.spectrum import covered_ordinals, draw_spectrum, legend_lines
from denovo.reports.figures.style import new_figure, shortened
from denovo.spectra.explain import ALL_KINDS, explain_peaks
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Region
from denovo.typing import Float64, ndarray

Peaks = tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]
"""m/z in Th, ascending, and intensity on any scale."""

_CHANCE_KINDS = "Im"
"""Kinds of ions that match any peak by chance at wide tolerances: immonium, internal."""
_MAX_HALF_WIDTH, _AT = 0.02, 500.0
"""Largest tolerance in Da for these kinds, at this m/z in Th."""
_ROOM = (0.04, 0.1)
"""Width and height of a label, as for `labels_that_fit`."""
_MAX_NOTE = 56
"""Characters that fit beside the label of the m/z axis."""
_MAX_LINE_LENGTH = 70
"""Characters of ProForma that fit into the width of the picture at full size."""


@dataclass(frozen=True)
class Interpretation:
    """A peptide with which a spectrum is annotated.

    Parameters
    ----------
    residues : tuple of Residue
        From the N-terminus, its modifications first.
    charge : int
        Charge of the precursor.
    verdict : str
        Score or source as text, such as ``"probability 0.98"``.
    residue_scores : tuple of float
        Probability of each residue; empty if unknown.
    ambiguous : tuple of Region
        Residues of undetermined order.
    isotope_error : int
        Number of the isotopic peak that was selected as the precursor.
    """

    residues: tuple[Residue, ...]
    charge: int
    verdict: str = ""
    residue_scores: tuple[float, ...] = ()
    ambiguous: tuple[Region, ...] = ()
    isotope_error: int = 0

    @property
    def peptide(self) -> str:
        """The peptide in ProForma."""
        return "".join(residue.name for residue in self.residues)

    @property
    def precursor_mz(self) -> float:
        """Theoretical m/z in Th of the selected isotopic peak."""
        mass = sum(residue.mass for residue in self.residues) + WATER_MASS
        return mass_to_mz(mass + self.isotope_error * ISOTOPE_SPACING, self.charge)


def draw_mirror(
    spectrum: MeasuredSpectrum,
    chosen: Interpretation,
    predicted: Peaks | None = None,
    tolerance: Tolerance = Ppm(20.0),  # noqa: B008  (frozen)
) -> Figure:
    """Draw the spectrum of a file, and a predicted one below it.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Measured spectrum.
    chosen : Interpretation
        Peptide that annotates it.
    predicted : (array, array) or None
        Predicted peaks; None for no mirror.
    tolerance : Ppm or Da
        Largest distance of a peak from its fragment.

    Returns
    -------
    Figure
        Peptide and precursor, cleavages, spectra. Losses of water and ammonia have the colour of
        their series and no label; internal fragments are labelled with their residues.
    """
    with new_figure(9.0, 5.4 if predicted else 3.9) as figure:
        has_scores = bool(chosen.residue_scores)
        figure.suptitle(
            _heading(spectrum, chosen),
            fontsize=10 * min(1.0, _MAX_LINE_LENGTH / max(len(chosen.peptide), 1)),
        )
        ratios = (0.28 if has_scores else 0.2, 1.6 if predicted else 1.0)
        head, axes = figure.subplots(2, height_ratios=ratios)
        found = _draw_half(axes, (spectrum.mz, spectrum.intensity), chosen, tolerance)
        if predicted:
            _draw_half(axes, predicted, chosen, tolerance, is_mirrored=True)
            axes.axhline(0, color="0.3", linewidth=0.8)
        names = [residue.name for residue in chosen.residues]
        draw_cleavages(head, names, found, chosen.residue_scores, chosen.ambiguous)
        _finish(axes, spectrum, predicted)
    return figure


def _heading(spectrum: MeasuredSpectrum, chosen: Interpretation) -> str:
    isotope = chosen.isotope_error
    # Adding 0 turns a rounded -0.0 into 0.0.
    error = round(ppm_error(spectrum.precursor_mz, chosen.precursor_mz), 1) + 0.0
    parts = [
        f"charge {chosen.charge}+",
        f"precursor m/z {spectrum.precursor_mz:.4f}",
        f"error {error:+,.1f} ppm{f' of isotope {isotope}' if isotope else ''}",
        *([chosen.verdict] if chosen.verdict else []),
    ]
    return f"{chosen.peptide}\n{'  ·  '.join(parts)}"


def _draw_half(
    axes: Axes,
    peaks: Peaks,
    chosen: Interpretation,
    tolerance: Tolerance,
    is_mirrored: bool = False,
) -> dict[str, set[int]]:
    """Explain and draw peaks; return the ordinals of b and y ions among them."""
    is_narrow = tolerance.half_width(_AT) <= _MAX_HALF_WIDTH
    kinds = ALL_KINDS if is_narrow else ALL_KINDS.strip(_CHANCE_KINDS)
    ions = explain_peaks(peaks[0], chosen.residues, chosen.charge, tolerance, kinds)
    mz, intensity = peaks[0].tolist(), peaks[1].tolist()
    draw_spectrum(axes, mz, intensity, ions, is_mirrored, room=_ROOM)
    return covered_ordinals(ions, chosen.charge)


def _finish(axes: Axes, spectrum: MeasuredSpectrum, predicted: Peaks | None) -> None:
    highest = max([spectrum.mz[-1], *(predicted[0] if predicted else ())])
    axes.set_xlim(0, 50 * np.ceil(highest / 50 + 0.5))
    axes.set_xlabel("m/z (Th)")
    axes.set_ylabel("intensity (of base peak)")
    axes.tick_params(labelsize=8)
    figure = axes.figure
    assert isinstance(figure, Figure)
    lines = legend_lines()
    figure.legend(
        list(lines.values()), list(lines), loc="outside lower right", ncols=len(lines), fontsize=7.5
    )
    if predicted:
        _note(axes, 1.0, 2, "above: spectrum of the file")
        _note(axes, 0.0, -20, "below: predicted by MS2PIP")
    named = f"{Path(spectrum.file).name}, spectrum {spectrum.title}"
    # Beside the label of the axis, apart from the legend below it.
    axes.annotate(
        shortened(named, _MAX_NOTE), (0, 0), (0, -20), xycoords="axes fraction",
        textcoords="offset points", va="top", fontsize=7, color="0.4",
    )  # fmt: skip


def _note(axes: Axes, height: float, shift: int, text: str) -> None:
    """Write at the right, outside of the axes, where no peak has its label."""
    axes.annotate(
        text, (1, height), (0, shift), xycoords="axes fraction", textcoords="offset points",
        ha="right", va="bottom" if height else "top", fontsize=8, color="0.35",
    )  # fmt: skip
