"""A measured spectrum annotated with its peptide, and what MS2PIP predicts below it."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from denovo.chemistry import (
    AMMONIA_MASS,
    ISOTOPE_SPACING,
    WATER_MASS,
    Ppm,
    Residue,
    ResidueAlphabet,
    Tolerance,
    mass_to_mz,
    ppm_error,
    with_mass_shifts,
)
from denovo.chemistry.internal_fragments import SIZES
from denovo.reports.figures.peptide import SERIES_COLOURS, draw_ladder
from denovo.reports.figures.style import COLOURS, HALO, labels_that_fit, style
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Region
from denovo.typing import Float64, ndarray

if TYPE_CHECKING:
    from spectrum_utils.fragment_annotation import FragmentAnnotation, PeakInterpretation
    from spectrum_utils.spectrum import MsmsSpectrum

_LIKELIEST = "ybpaIm"
"""Kinds of ions, the plainest first."""
_LOSSES = {"H2O": -WATER_MASS, "NH3": -AMMONIA_MASS}
_WITHOUT_LOSSES = "Im"
"""Of these kinds so many are possible that losses would explain peaks by chance."""
_NARROW, _AT = 0.02, 500.0
"""Width in Da at an m/z in Th; beyond it these kinds explain anything at all."""
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def annotate(
    spectrum: "MsmsSpectrum",
    residues: Sequence[Residue],
    proforma: str,
    tolerance: Tolerance,
) -> list["FragmentAnnotation"]:
    """Explain the peaks of a spectrum by a peptide.

    Parameters
    ----------
    spectrum : MsmsSpectrum
        Its annotation is set.
    residues : sequence of Residue
        The peptide from the N-terminus, its modifications first.
    proforma : str
        The same, modifications as masses.
    tolerance : Ppm or Da
        How far a peak may be from its fragment.

    Returns
    -------
    list of FragmentAnnotation
        The plainest explanation of each peak, ``?`` where there is none.
    """
    charge = spectrum.precursor_charge
    is_narrow = tolerance.half_width(_AT) <= _NARROW
    spectrum.annotate_proforma(
        proforma,
        tolerance.value,
        "ppm" if isinstance(tolerance, Ppm) else "Da",
        _LIKELIEST if is_narrow else _LIKELIEST.strip(_WITHOUT_LOSSES),
        max_ion_charge=1 if charge == 1 else max(2, charge - 1),
        neutral_losses={**_LOSSES},
    )
    assert spectrum.annotation is not None
    plain = {residue.amino_acid for residue in residues if residue.modification is None}
    return [_likeliest(entry, plain) for entry in spectrum.annotation]


def _likeliest(entry: "PeakInterpretation", plain: Set[str]) -> "FragmentAnnotation":
    """Put the plainest explanation of a peak first, drop what is no explanation, and return it.

    Of several fragments within the tolerance spectrum_utils takes the lightest.
    """
    from spectrum_utils.fragment_annotation import FragmentAnnotation

    found = [ion for ion in entry.fragment_annotations if _counts(ion, plain)]
    found.sort(
        key=lambda ion: (
            ion.ion_type[0] in _WITHOUT_LOSSES,
            ion.neutral_loss is not None,
            _LIKELIEST.find(ion.ion_type[0]),
            ion.charge or 1,
        )
    )
    entry.fragment_annotations = found or [FragmentAnnotation("?")]
    return entry.fragment_annotations[0]


def _counts(ion: "FragmentAnnotation", plain: Set[str]) -> bool:
    kind = ion.ion_type[0]
    if kind not in _WITHOUT_LOSSES:
        return True
    if ion.neutral_loss is not None or (ion.charge or 1) > 1:
        return False
    # Immonium ions of all residues are listed, whatever the peptide has.
    return ion.ion_type[1:] in plain if kind == "I" else len(range(*_span(ion))) in SIZES


def _span(ion: "FragmentAnnotation") -> tuple[int, int]:
    """Read start and end, exclusive and from 0, of a fragment from the middle.

    spectrum_utils writes ``m3:5`` of the third and the fourth residue.
    """
    first, behind = ion.ion_type[1:].split(":")
    return int(first) - 1, int(behind) - 1


def is_labelled(ion: "FragmentAnnotation", series: str = _LIKELIEST) -> bool:
    """Tell whether a peak is one of some kinds of ions and has lost nothing."""
    return ion.ion_type[0] in series and ion.neutral_loss is None


def label_of(ion: "FragmentAnnotation", residues: Sequence[Residue]) -> str:
    """Write what a peak is.

    Parameters
    ----------
    ion : FragmentAnnotation
        Its explanation.
    residues : sequence of Residue
        The peptide from the N-terminus, its modifications first.

    Returns
    -------
    str
        Series and ordinal with the charge; ``M`` for the precursor; the letter of the residue of an
        immonium ion; of a fragment from the middle all letters.
    """
    charge = "" if ion.charge == 1 else f"{ion.charge}".translate(_SUPERSCRIPTS) + "⁺"
    if ion.ion_type[0] == "m":
        letters = "".join(residue.amino_acid for residue in residues)
        return letters[slice(*_span(ion))]
    if ion.ion_type[0] == "I":
        return ion.ion_type[1:2]
    return f"{'M' if ion.ion_type == 'p' else ion.ion_type}{charge}"


Peaks = tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]
"""m/z in Th, ascending, and intensity on any scale."""

_COLOURS = {
    **SERIES_COLOURS,
    **{"a": COLOURS[2], "p": COLOURS[3], "m": COLOURS[4], "I": COLOURS[5]},
    **dict.fromkeys(["?", None], "0.65"),
}
_LEGEND = {
    **{"b": "b", "y": "y", "a": "a", "p": "precursor", "m": "from the middle"},
    **{"I": "immonium", "?": "not explained"},
}
_ROOM = (0.04, 0.1)
"""Width and height of a label in this picture, as `labels_that_fit` wants them."""
_LONGEST_NOTE = 76
"""Characters that fit beside the legend."""
_LONGEST_LINE = 70
"""Characters of ProForma that fit into the width of the picture at full size."""


@dataclass(frozen=True)
class Interpretation:
    """A peptide that a spectrum is held against.

    Parameters
    ----------
    residues : tuple of Residue
        From the N-terminus, its modifications first.
    charge : int
        Charge of the precursor.
    alphabet : ResidueAlphabet
        What the residues are from.
    verdict : str
        What is known of its worth, such as ``"probability 0.98"``.
    residue_scores : tuple of float
        Probability of each residue; empty where unknown.
    ambiguous : tuple of Region
        Residues that the spectrum cannot order.
    isotope_error : int
        Isotopic peak that the instrument took for the monoisotopic one.
    """

    residues: tuple[Residue, ...]
    charge: int
    alphabet: ResidueAlphabet
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
        """Theoretical m/z in Th of the isotopic peak that the instrument chose."""
        mass = sum(residue.mass for residue in self.residues) + WATER_MASS
        return mass_to_mz(mass + self.isotope_error * ISOTOPE_SPACING, self.charge)


def draw_mirror(
    spectrum: MeasuredSpectrum,
    chosen: Interpretation,
    predicted: Peaks | None = None,
    tolerance: Tolerance = Ppm(20.0),  # noqa: B008  (frozen)
) -> Figure:
    """Draw a measured spectrum above, and a predicted one below it.

    Peaks are annotated and drawn by spectrum_utils (Bittremieux et al., J. Proteome Res. 22, 625
    (2023), doi:10.1021/acs.jproteome.2c00632), which is given masses and never asks for a
    modification by name, so that nothing is downloaded.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        What was measured.
    chosen : Interpretation
        The peptide that explains it.
    predicted : (array, array) or None
        Peaks that the peptide should leave; None for no mirror.
    tolerance : Ppm or Da
        How far a peak may be from its fragment.

    Returns
    -------
    Figure
        Peptide and precursor, a ladder of cleavages, the spectra. Losses of water and ammonia have
        the colour of their series and no label; fragments from the middle are labelled with their
        residues.
    """
    with style():
        figure = Figure(figsize=(9.0, 5.4 if predicted else 3.9))
        has_scores = bool(chosen.residue_scores)
        figure.suptitle(
            _heading(spectrum, chosen),
            fontsize=10 * min(1.0, _LONGEST_LINE / max(len(chosen.peptide), 1)),
        )
        ratios = (0.28 if has_scores else 0.2, 1.6 if predicted else 1.0)
        head, axes = figure.subplots(2, height_ratios=ratios)
        found = _draw_half(axes, (spectrum.mz, spectrum.intensity), chosen, tolerance)
        if predicted:
            _draw_half(axes, predicted, chosen, tolerance, is_mirrored=True)
            axes.set_ylim(-1.15, 1.15)
            axes.axhline(0, color="0.3", linewidth=0.8)
        names = [residue.name for residue in chosen.residues]
        draw_ladder(head, names, found, chosen.residue_scores, chosen.ambiguous)
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
    """Annotate and draw peaks; return the ordinals of b and y ions among them."""
    # Imported late: numba compiles for seconds, which training must not wait for.
    from spectrum_utils import plot
    from spectrum_utils.spectrum import MsmsSpectrum

    residues, charge = chosen.residues, chosen.charge
    spectrum = MsmsSpectrum("", chosen.precursor_mz, charge, *peaks)
    proforma = with_mass_shifts(chosen.peptide, chosen.alphabet)
    ions = annotate(spectrum, residues, proforma, tolerance)
    candidates = [place for place, ion in enumerate(ions) if is_labelled(ion)]
    heights = peaks[1] / peaks[1].max()
    labelled = labels_that_fit(peaks[0].tolist(), heights.tolist(), candidates, _ROOM)
    named = {id(ions[place]) for place in labelled}
    style_of_labels = {
        "rotation": 0,
        "horizontalalignment": "center",
        "verticalalignment": "top" if is_mirrored else "bottom",
        "fontsize": 7.5,
        "path_effects": [HALO],
    }
    plot.colors.update(_COLOURS)
    plot.spectrum(
        spectrum,
        annot_fmt=lambda ion: label_of(ion, residues) if id(ion) in named else "",
        annot_kws=style_of_labels,
        mirror_intensity=is_mirrored,
        grid=False,
        ax=axes,
    )
    _tidy(axes.texts, is_mirrored)
    # Precursors of lower charge hardly give doubly charged fragments; a score does not count them.
    most = 2 if charge > 2 else 1
    sites = [ion for ion in ions if is_labelled(ion, "by") and (ion.charge or 1) <= most]
    return {
        series: {int(ion.ion_type[1:]) for ion in sites if ion.ion_type[0] == series}
        for series in SERIES_COLOURS
    }


def _tidy(texts: Iterable[Text], is_mirrored: bool) -> None:
    """Take away the texts of peaks without a label, and move those below a peak off its tip."""
    for text in list(texts):
        if not text.get_text():
            text.remove()
        elif is_mirrored and text.get_position()[1] < 0:
            text.set_y(text.get_position()[1] - 0.02)


def _finish(axes: Axes, spectrum: MeasuredSpectrum, predicted: Peaks | None) -> None:
    highest = max([spectrum.mz[-1], *(predicted[0] if predicted else ())])
    axes.set_xlim(0, 50 * np.ceil(highest / 50 + 0.5))
    axes.set_xlabel("m/z (Th)", style="normal")
    axes.set_ylabel("intensity (of base peak)")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda height, _: f"{abs(height):.0%}"))
    axes.minorticks_off()
    axes.tick_params(labelsize=8)
    lines = [Line2D([], [], color=_COLOURS[key], linewidth=1.6) for key in _LEGEND]
    figure = axes.figure
    assert isinstance(figure, Figure)
    figure.legend(
        lines, list(_LEGEND.values()), loc="outside lower right", ncols=len(lines), fontsize=7.5
    )
    if predicted:
        _note(axes, 0.97, "measured")
        _note(axes, 0.03, "predicted by MS2PIP")
    named = f"{Path(spectrum.file).name}, spectrum {spectrum.title}"
    figure.text(0.01, 0.012, _shortened(named), fontsize=7, color="0.4")


def _note(axes: Axes, height: float, text: str) -> None:
    axes.text(
        0.995,
        height,
        text,
        transform=axes.transAxes,
        fontsize=8,
        color="0.35",
        horizontalalignment="right",
        verticalalignment="top" if height > 0.5 else "bottom",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_NOTE else f"{text[: _LONGEST_NOTE - 3]}..."
