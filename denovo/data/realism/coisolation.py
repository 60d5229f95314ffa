"""A second peptide in the isolation window, whose fragments stand among those of the first."""

from denovo.data.realism.draw import Draw
from denovo.data.realism.peaks import Peaks
from denovo.data.realism.subject import Subject

_N_PEAKS = 30
"""Peaks of the second peptide that can rise above the cut."""
_SHARE = 0.5
"""Most that the second peptide has of the intensity of the first."""


def coisolated_peptides(subject: Subject, strength: float, draw: Draw) -> Peaks:
    """Add the strongest peaks of the spectrum next in the batch, whose peptide is as long.

    Parameters
    ----------
    subject : Subject
        The batch; one spectrum alone has no other to be mixed with.
    strength : float
        Share of the spectra that hold a second peptide, at most half as high.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        Fragments of the other peptides.
    """
    scaled = Peaks(subject.peaks.mz, subject.peaks.intensity / subject.base)
    other = scaled.strongest(_N_PEAKS)
    height = subject.base * _SHARE * draw.uniform()
    mixed = Peaks(other.mz.roll(1, 0), other.intensity.roll(1, 0) * height)
    return mixed.where(draw.chance(strength if len(subject.batch) > 1 else 0.0))
