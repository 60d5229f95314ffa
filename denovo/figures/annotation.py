"""Which ion of a peptide each peak of a spectrum is, by spectrum_utils."""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from denovo.chemistry import AMMONIA_MASS, WATER_MASS, Ppm, Residue, Tolerance
from denovo.chemistry.internal_fragments import SIZES

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
