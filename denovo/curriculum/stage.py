"""The fields that a curriculum sets (`Stage`, `Noise`), and their readers."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from denovo.errors import InputError, check_names


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
    complements : float
        Share of the b and y ions that are raised to about the height of the other fragment of the
        same cleavage, which takes the other charges of the precursor.
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
    triply_charged : float
        Share of the heavy y ions of precursors of charge 4 and more that are seen with charge 3.
    immonium : float
        Share of the spectra with immonium ions and their relatives.
    unfragmented_precursor : float
        Share of the spectra that show the precursor, its isotopes or its losses.
    precursor_losses : float
        Share of the spectra in which the precursor has lost water and ammonia, and stands high.
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
    low_mass_cutoff : float
        Share of the precursor m/z below which an ion trap holds no fragment.
    peak_width_da : float
        Peaks nearer to each other than this, in Th, are seen as one.
    mz_offset_ppm : float
        Half width of the uniform shift common to all peaks of a spectrum, in ppm.
    mz_scatter_ppm : float
        Standard deviation of the shift of each peak, in ppm.
    mz_scatter_da : float
        The same in Th, for analysers whose error hardly depends on the m/z.
    rounding : float
        Share of the spectra whose m/z values are rounded to 0.01 Th.
    spectrum_variation : float
        How much ``intensity_sigma``, ``mz_scatter_ppm`` and ``mz_scatter_da`` differ between
        spectra, relatively: uniform between 1 - this and 1 + this times the value.
    precursor_ppm : float
        Standard deviation of the error of the precursor mass, in ppm.
    precursor_isotope : float
        Share of the spectra whose precursor mass is that of the first isotope.
    """

    noisy_fraction: float = 0.0
    peak_dropout: float = 0.0
    ion_dropout: float = 0.0
    intensity_sigma: float = 0.0
    complements: float = 0.0
    isotopes: float = 0.0
    losses: float = 0.0
    a_ions: float = 0.0
    doubly_charged: float = 0.0
    triply_charged: float = 0.0
    immonium: float = 0.0
    unfragmented_precursor: float = 0.0
    precursor_losses: float = 0.0
    internal_fragments: float = 0.0
    coisolation: float = 0.0
    detection_limit: float = 0.0
    noise_peaks: float = 0.0
    low_mz_noise: float = 0.0
    other_peptide_noise: float = 0.0
    scan_start_mz: float = 0.0
    low_mass_cutoff: float = 0.0
    peak_width_da: float = 0.0
    mz_offset_ppm: float = 0.0
    mz_scatter_ppm: float = 0.0
    mz_scatter_da: float = 0.0
    rounding: float = 0.0
    spectrum_variation: float = 0.0
    precursor_ppm: float = 0.0
    precursor_isotope: float = 0.0


NOISE_FIELDS = tuple(f.name for f in fields(Noise))
SHARES = (
    *("noisy_fraction", "peak_dropout", "ion_dropout", "complements", "isotopes", "losses"),
    *("a_ions", "doubly_charged", "triply_charged", "immonium", "unfragmented_precursor"),
    *("precursor_losses", "coisolation", "detection_limit", "low_mz_noise", "other_peptide_noise"),
    *("low_mass_cutoff", "rounding", "spectrum_variation", "precursor_isotope"),
)
"""Strengths that are at most 1."""
MAX_INTERNAL = 10.0
"""Largest height of internal fragments, relative to measured spectra."""


def read_number(value: object, what: str) -> float:
    """Read a finite number that is not negative."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise InputError(f"{what} must be a number and not negative, got {value!r}")


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{what} must map names to values, got {value!r}")
    return value


def _check_known(names: Iterable[str], previous: Collection[str], is_open: bool, what: str) -> None:
    """Refuse names that a later stage adds: before it, they would have no value."""
    for name in names:
        if not is_open and name not in previous:
            raise InputError(
                f"{what}.{name} is set here, but not in the stages before, which set "
                f"{', '.join(previous) or 'nothing'}; set it in base or in the first stage"
            )


def _read_weights(value: object, previous: "Stage", what: str) -> dict[str, float]:
    given = _mapping(value, what)
    _check_known(given, previous.weights, previous.is_base, what)
    return {**previous.weights, **{n: read_number(v, f"{what}.{n}") for n, v in given.items()}}


def _read_terms(value: object, previous: "Stage", what: str) -> dict[str, dict[str, float]]:
    terms = {name: dict(settings) for name, settings in previous.terms.items()}
    for name, settings in _mapping(value, what).items():
        given, where = _mapping(settings, f"{what}.{name}"), f"{what}.{name}"
        term = terms.setdefault(name, {})
        _check_known(given, term, previous.is_base, where)
        term |= {setting: read_number(v, f"{where}.{setting}") for setting, v in given.items()}
    return terms


def _read_length(value: object, previous: "Stage", what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{what} must be a whole number of residues >= 1, got {value!r}")
    return value


def _read_noise(value: object, previous: "Stage", what: str) -> Noise:
    given = _mapping(value, what)
    check_names(given, NOISE_FIELDS, what, "field")
    values = {name: read_number(v, f"{what}.{name}") for name, v in given.items()}
    for name in SHARES:
        if values.get(name, 0) > 1:
            raise InputError(f"{what}.{name} is a share and must be <= 1, got {values[name]}")
    if (height := values.get("internal_fragments", 0)) > MAX_INTERNAL:
        raise InputError(
            f"{what}.internal_fragments is a height relative to measured spectra and must be <= "
            f"{MAX_INTERNAL:g}, got {height:g}; give 1 for as high as measured"
        )
    return replace(previous.noise, **values)


@dataclass(frozen=True)
class Stage:
    """Everything that holds at one optimizer step.

    Parameters
    ----------
    name : str
        Name of the stage.
    number : int
        Its place in the curriculum, from 1; 0 for the base.
    weights : mapping of str to float
        Weight of each loss term.
    min_length, max_length : int
        Shortest and longest peptide shown, in residues.
    noise : Noise
        Distortions of the spectra.
    terms : mapping of str to mapping of str to float
        Settings of loss terms, by term and name, such as ``width_da`` of the spectrum matching
        loss; a term keeps its own value of what is not named.
    """

    name: str = "base"
    number: int = 0
    # "read" is the reader of a field that stages set: (given, stage before, place) -> value.
    weights: Mapping[str, float] = field(default_factory=dict, metadata={"read": _read_weights})
    min_length: int = field(default=1, metadata={"read": _read_length})
    max_length: int = field(default=1000, metadata={"read": _read_length})
    noise: Noise = field(default_factory=Noise, metadata={"read": _read_noise})
    terms: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict, metadata={"read": _read_terms}
    )

    @property
    def is_base(self) -> bool:
        """Whether this is not a stage, but what the first one starts from."""
        return self.number == 0


READERS = {f.name: f.metadata["read"] for f in fields(Stage) if f.metadata}
"""Reader of each field that a stage sets."""


def read_stage(
    entry: Mapping[str, Any], where: str, previous: Stage, name: str, number: int
) -> Stage:
    """Read what a stage sets; every value that it leaves out is that of the stage before."""
    values = {
        key: read(entry[key], previous, f"{where}: {key}")
        for key, read in READERS.items()
        if key in entry
    }
    stage = replace(previous, name=name, number=number, **values)
    if stage.min_length > stage.max_length:
        raise InputError(
            f"{where}: min_length {stage.min_length} is larger than max_length {stage.max_length}"
        )
    return stage
