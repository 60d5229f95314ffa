"""What a curriculum can set, and the state of it at one step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Noise:
    """Strengths of every distortion of a spectrum; all 0 leaves it as it is.

    Parameters
    ----------
    fraction : float
        Share of the spectra in a batch that are distorted at all, in [0, 1]; the rest stay clean.
    peak_dropout : float
        Largest share of the peaks that is removed, weakest first, in [0, 1]; each spectrum draws
        its own share between 0 and this.
    intensity_sigma : float
        Standard deviation of the logarithm of the factor on each intensity.
    mz_offset_ppm : float
        Half width of the uniform shift common to all peaks of a spectrum, in ppm.
    mz_scatter_ppm : float
        Standard deviation of the shift of each peak, in ppm.
    noise_peaks : float
        Largest number of random peaks added; each spectrum draws its own between 0 and this.
    precursor_ppm : float
        Standard deviation of the error of the precursor mass, in ppm.
    """

    fraction: float = 0.0
    peak_dropout: float = 0.0
    intensity_sigma: float = 0.0
    mz_offset_ppm: float = 0.0
    mz_scatter_ppm: float = 0.0
    noise_peaks: float = 0.0
    precursor_ppm: float = 0.0


NOISE_FIELDS = tuple(f.name for f in fields(Noise))
SHARES = ("fraction", "peak_dropout")


@dataclass(frozen=True)
class Stage:
    """Everything that holds at one optimizer step.

    Parameters
    ----------
    name : str
        Name of the stage.
    number : int
        Its place in the curriculum, from 1.
    weights : mapping of str to float
        Weight of each loss term.
    min_length, max_length : int
        Shortest and longest peptide shown, in residues.
    noise : Noise
        Distortions of the spectra.
    spectrum_width_da : float or None
        Width of a match in the spectrum matching loss, in Th; None for the loss's own.
    """

    name: str
    number: int
    weights: Mapping[str, float]
    min_length: int = 1
    max_length: int = 1000
    noise: Noise = field(default_factory=Noise)
    spectrum_width_da: float | None = None
