"""What a curriculum can set, and the state of it at one step."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from denovo.errors import InputError, check_names, check_positive


@dataclass(frozen=True)
class Noise:
    """Strengths of every part of the noise; all 0 leaves a spectrum as it is.

    Parameters
    ----------
    noisy_fraction : float
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
    unfragmented_precursor : float
        Share of the spectra that show the precursor, its isotopes or its losses.
    internal_fragments : float
        Height of internal fragments relative to that in measured spectra.
    coisolation : float
        Share of the spectra that hold a second peptide.
    detection_limit : float
        Highest share of the base peak below which nothing is seen; each spectrum draws its own
        between a fiftieth of this and this, log-uniformly.
    noise_peaks : float
        Largest number of random peaks added; each spectrum draws its own between 0 and this.
    low_mz_noise : float
        Share of the random peaks that lie between 100 and 200 Th; the rest lies anywhere.
    other_peptide_noise : float
        Share of the random peaks that are fragments of other peptides instead.
    scan_start_mz : float
        Highest m/z at which a scan begins, in Th; each spectrum draws its own between 0 and this.
    mz_offset_ppm : float
        Half width of the uniform shift common to all peaks of a spectrum, in ppm.
    mz_scatter_ppm : float
        Standard deviation of the shift of each peak, in ppm.
    rounding : float
        Share of the spectra whose m/z values are rounded to 0.01 Th.
    spectrum_variation : float
        How much ``intensity_sigma`` and ``mz_scatter_ppm`` differ between spectra, relatively:
        uniform between 1 - this and 1 + this times the value.
    precursor_ppm : float
        Standard deviation of the error of the precursor mass, in ppm.
    precursor_isotope : float
        Share of the spectra whose precursor mass is that of the first isotope.
    """

    noisy_fraction: float = 0.0
    peak_dropout: float = 0.0
    ion_dropout: float = 0.0
    intensity_sigma: float = 0.0
    isotopes: float = 0.0
    losses: float = 0.0
    a_ions: float = 0.0
    doubly_charged: float = 0.0
    immonium: float = 0.0
    unfragmented_precursor: float = 0.0
    internal_fragments: float = 0.0
    coisolation: float = 0.0
    detection_limit: float = 0.0
    noise_peaks: float = 0.0
    low_mz_noise: float = 0.0
    other_peptide_noise: float = 0.0
    scan_start_mz: float = 0.0
    mz_offset_ppm: float = 0.0
    mz_scatter_ppm: float = 0.0
    rounding: float = 0.0
    spectrum_variation: float = 0.0
    precursor_ppm: float = 0.0
    precursor_isotope: float = 0.0


NOISE_FIELDS = tuple(f.name for f in fields(Noise))
SHARES = (
    *("noisy_fraction", "peak_dropout", "ion_dropout", "isotopes", "losses", "a_ions"),
    *("doubly_charged", "immonium", "unfragmented_precursor", "coisolation", "detection_limit"),
    *("low_mz_noise", "other_peptide_noise", "rounding", "spectrum_variation", "precursor_isotope"),
)
"""Strengths that cannot be above 1."""
MAX_INTERNAL = 10.0
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


SETTING_FIELDS = ("weights", "min_length", "max_length", "noise", "spectrum_width_da")


@dataclass(frozen=True)
class Settings:
    """What a stage sets: the fields of `Stage` without its name and number."""

    weights: Mapping[str, float] = field(default_factory=dict)
    min_length: int = Stage.min_length
    max_length: int = Stage.max_length
    noise: Noise = field(default_factory=Noise)
    spectrum_width_da: float | None = Stage.spectrum_width_da


def read_settings(entry: Mapping[str, Any], where: str, previous: Settings) -> Settings:
    """Read what a stage sets on top of the stage before.

    Parameters
    ----------
    entry : mapping
        Any of `SETTING_FIELDS`.
    where : str
        Name of the stage, for messages.
    previous : Settings
        Values of all fields that are not given, single noise strengths included.

    Returns
    -------
    Settings
        The values of the stage once it is fully in force.

    Raises
    ------
    InputError
        If a value is out of range, or the weights name other terms than the stage before.
    """
    settings = Settings(
        weights=_read_weights(entry, where, previous.weights),
        min_length=_read_length(entry, "min_length", where, previous.min_length),
        max_length=_read_length(entry, "max_length", where, previous.max_length),
        noise=_read_noise(entry, where, previous.noise),
        spectrum_width_da=_read_width(entry, where, previous.spectrum_width_da),
    )
    if settings.min_length > settings.max_length:
        raise InputError(
            f"{where}: min_length {settings.min_length} is larger than max_length "
            f"{settings.max_length}"
        )
    return settings


def blend(old: Settings, new: Settings, share: float) -> Settings:
    """Go from one set of values to another.

    Parameters
    ----------
    old, new : Settings
        The two ends.
    share : float
        How much of the new one holds, in [0, 1].

    Returns
    -------
    Settings
        ``old`` at 0 and exactly ``new`` at 1; lengths rounded to whole residues. Weights and a
        width that ``old`` lacks are those of ``new`` throughout.
    """
    if share == 1:
        return new
    mix = {name: _between(old.weights.get(name, w), w, share) for name, w in new.weights.items()}
    noise = {
        name: _between(getattr(old.noise, name), getattr(new.noise, name), share)
        for name in NOISE_FIELDS
    }
    return Settings(
        weights=mix,
        min_length=round(_between(old.min_length, new.min_length, share)),
        max_length=round(_between(old.max_length, new.max_length, share)),
        noise=Noise(**noise),
        spectrum_width_da=_width_between(old.spectrum_width_da, new.spectrum_width_da, share),
    )


def read_number(value: object, where: str, what: str) -> float:
    """Read a finite number that is not negative.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise InputError(f"{where}: {what} must be a number and not negative, got {value!r}")


def _between(old: float | int, new: float | int, share: float) -> float:
    return old + (new - old) * share


def _width_between(old: float | None, new: float | None, share: float) -> float | None:
    return new if old is None or new is None else _between(old, new, share)


def _read_mapping(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = entry.get(key, {})
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: {key} must map names to numbers, got {value!r}")
    return value


def _read_weights(
    entry: Mapping[str, Any], where: str, previous: Mapping[str, float]
) -> Mapping[str, float]:
    if "weights" not in entry:
        return previous
    given = _read_mapping(entry, "weights", where)
    if previous and set(given) != set(previous):
        raise InputError(
            f"{where}: weights name {', '.join(sorted(given)) or 'nothing'}, but the stages before "
            f"name {', '.join(sorted(previous))}; every stage must name the same terms"
        )
    return {name: read_number(w, where, f"weight {name}") for name, w in given.items()}


def _read_length(entry: Mapping[str, Any], key: str, where: str, previous: int) -> int:
    value = entry.get(key, previous)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{where}: {key} must be a whole number of residues >= 1, got {value!r}")
    return value


def _read_noise(entry: Mapping[str, Any], where: str, previous: Noise) -> Noise:
    given = _read_mapping(entry, "noise", where)
    check_names(given, NOISE_FIELDS, where, "noise field")
    values = {name: read_number(v, where, f"noise {name}") for name, v in given.items()}
    for name in SHARES:
        if values.get(name, 0) > 1:
            raise InputError(
                f"{where}: noise {name} is a share and must be <= 1, got {values[name]}"
            )
    if (height := values.get("internal_fragments", 0)) > MAX_INTERNAL:
        raise InputError(
            f"{where}: noise internal_fragments is a height relative to measured spectra and must "
            f"be <= {MAX_INTERNAL:g}, got {height:g}; give 1 for as high as measured (it "
            "was a number of fragments once)"
        )
    return replace(previous, **values)


def _read_width(entry: Mapping[str, Any], where: str, previous: float | None) -> float | None:
    width = entry.get("spectrum_width_da", previous)
    if width is None and previous is not None:
        raise InputError(
            f"{where}: spectrum_width_da is null, but the stages before have a width; a width "
            "schedule must cover all stages, so give a number or leave it out"
        )
    return None if width is None else check_positive(f"{where}: spectrum_width_da", width)
