"""What a curriculum can set, and the state of it at one step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Noise:
    """Strengths of every part of the noise; all 0 leaves a spectrum as it is.

    Parameters
    ----------
    fraction : float
        Share of the spectra in a batch that are distorted at all, in [0, 1]; the rest stay clean.
    peak_dropout : float
        Largest share of the predicted peaks that is removed, weakest first, in [0, 1]; each
        spectrum draws its own share between 0 and this.
    ion_dropout : float
        Largest share of the predicted peaks that is removed, however strong they are, drawn
        likewise.
    intensity_sigma : float
        Standard deviation of the logarithm of the factor on each predicted intensity.
    isotopes : float
        Share of the spectra whose fragments have isotope envelopes.
    losses : float
        Largest share of the fragments that lose water, and of those that lose ammonia; each
        spectrum draws its own between 0 and this.
    a_ions : float
        Share of the b ions that lose carbon monoxide, and some of them ammonia.
    doubly_charged : float
        Share of the fragments of charge 1 that are seen with charge 2 too, for models that predict
        no charge 2.
    immonium : float
        Share of the spectra with immonium ions and their relatives.
    precursor_remains : float
        Share of the spectra that show the precursor, its isotopes or its losses.
    internal_fragments : float
        Height of internal fragments relative to that in measured spectra.
    coisolation : float
        Share of the spectra that hold a second peptide.
    intensity_cut : float
        Highest share of the base peak below which nothing is seen; each spectrum draws its own
        between a fiftieth of this and this, log-uniformly.
    noise_peaks : float
        Largest number of random peaks added; each spectrum draws its own between 0 and this.
    low_mz_noise : float
        Share of the random peaks that lie between 100 and 200 Th; the rest lies anywhere.
    foreign_noise : float
        Share of the random peaks that are fragments of other peptides instead.
    first_mz : float
        Highest m/z at which a scan begins, in Th; each spectrum draws its own between 0 and this.
    mz_offset_ppm : float
        Half width of the uniform shift common to all peaks of a spectrum, in ppm.
    mz_scatter_ppm : float
        Standard deviation of the shift of each peak, in ppm.
    rounding : float
        Share of the spectra whose m/z values are rounded to 0.01 Th.
    spread : float
        How much ``intensity_sigma`` and ``mz_scatter_ppm`` differ between spectra, relatively:
        uniform between 1 - this and 1 + this times the value.
    precursor_ppm : float
        Standard deviation of the error of the precursor mass, in ppm.
    precursor_isotope : float
        Share of the spectra whose precursor mass is that of the first isotope.
    """

    fraction: float = 0.0
    peak_dropout: float = 0.0
    ion_dropout: float = 0.0
    intensity_sigma: float = 0.0
    isotopes: float = 0.0
    losses: float = 0.0
    a_ions: float = 0.0
    doubly_charged: float = 0.0
    immonium: float = 0.0
    precursor_remains: float = 0.0
    internal_fragments: float = 0.0
    coisolation: float = 0.0
    intensity_cut: float = 0.0
    noise_peaks: float = 0.0
    low_mz_noise: float = 0.0
    foreign_noise: float = 0.0
    first_mz: float = 0.0
    mz_offset_ppm: float = 0.0
    mz_scatter_ppm: float = 0.0
    rounding: float = 0.0
    spread: float = 0.0
    precursor_ppm: float = 0.0
    precursor_isotope: float = 0.0


NOISE_FIELDS = tuple(f.name for f in fields(Noise))
SHARES = (
    *("fraction", "peak_dropout", "ion_dropout", "isotopes", "losses", "a_ions"),
    *("doubly_charged", "immonium", "precursor_remains", "coisolation", "intensity_cut"),
    *("low_mz_noise", "foreign_noise", "rounding", "spread", "precursor_isotope"),
)
"""Strengths that cannot be above 1."""
MOST_INTERNAL = 10.0
"""More than ten times as high as measured, internal fragments would be all there is to see."""


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
