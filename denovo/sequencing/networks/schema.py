"""Schema of the settings of a network and its training that are read from files.

Everything else in a file is refused. Names are looked up in tables of this package only, and every
size has a bound.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from denovo.chemistry import IonType, ResidueAlphabet, parse_tolerance
from denovo.curriculum import Curriculum
from denovo.curriculum.stage import NOISE_FIELDS
from denovo.sequencing.networks.validation import LEFT_OUT, Strict
from denovo.spectra.sequencer_protocol import Direction

MAX_TOKENS = 256
"""Most entries of an alphabet."""
MAX_IONS = 64
MAX_NETWORKS = 8
"""Most networks in one file."""


def _displayable(text: str) -> str:
    if "${" in text or any(ord(letter) < 32 for letter in text):
        raise ValueError("must be one line of text without '${'")
    return text


def _ion(name: str) -> str:
    return IonType.parse(name).name


def _tolerance(text: str) -> str:
    parse_tolerance(text)
    return text


def _charge(key: Any) -> Any:
    """Convert a charge that is text, as the key of a JSON object."""
    return int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 3 else key


Text = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_displayable)]
Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z][\w .:+/-]*$")]
Entry = Annotated[
    str, StringConstraints(max_length=100, pattern=r"^[A-Za-z\[][A-Za-z0-9\[\]:+. -]*$")
]
Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
Ion = Annotated[str, StringConstraints(max_length=10), AfterValidator(_ion)]
Ions = Annotated[list[Ion], Field(max_length=MAX_IONS)]
ToleranceText = Annotated[str, StringConstraints(max_length=30), AfterValidator(_tolerance)]
Tolerances = Annotated[list[ToleranceText], Field(max_length=16)]

Width = Annotated[int, Field(ge=1, le=4096)]
Depth = Annotated[int, Field(ge=1, le=64)]
Length = Annotated[int, Field(ge=1, le=1000)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, le=1e4)]
Weight = Annotated[float, Field(ge=0, le=1e9)]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
Charge = Annotated[int, BeforeValidator(_charge), Field(ge=1, le=20)]


class Built(Strict):
    """Settings of an object that a file names."""

    convert: Literal["all"] = Field(LEFT_OUT, alias="_convert_")


class PeakFeatures(Built):
    """Settings of the features of peaks."""

    ions: Ions = LEFT_OUT
    tolerances: Tolerances = LEFT_OUT
    height_tolerances: Tolerances = LEFT_OUT
    lookahead_ions: Ions = LEFT_OUT
    lookahead_tolerance: ToleranceText = LEFT_OUT
    precursor_tolerance: ToleranceText = LEFT_OUT
    d_scorer: Width = LEFT_OUT
    d_mass: Width = LEFT_OUT
    d_summary: Width = LEFT_OUT


class EvidenceSettings(PeakFeatures):
    """Settings of an `EvidenceSequencer`."""

    target: Literal["denovo.models.EvidenceSequencer"] = Field(alias="_target_")
    direction: Direction = LEFT_OUT
    use_remaining: bool = LEFT_OUT
    use_immonium: bool = LEFT_OUT
    d_state: Width = LEFT_OUT


class RecursiveSettings(PeakFeatures):
    """Settings of a `RecursiveSequencer`."""

    target: Literal["denovo.models.RecursiveSequencer"] = Field(alias="_target_")
    n_refinements: Depth = LEFT_OUT
    evidence: bool = LEFT_OUT
    sharpness: Annotated[float, Field(gt=0, le=1e4)] | None = None
    n_peak_layers: Annotated[int, Field(ge=0, le=64)] | None = None
    d_model: Width = LEFT_OUT
    n_heads: Width = LEFT_OUT
    d_feedforward: Width = LEFT_OUT
    max_length: Length = LEFT_OUT
    min_mean_residue_mass: Annotated[float, Field(ge=10, le=1000)] = LEFT_OUT
    gate_bias: Annotated[float, Field(ge=-100, le=100)] = LEFT_OUT
    patience: Depth | None = None


class GraphSettings(Built):
    """Settings of a `SpectrumGraphSequencer`."""

    target: Literal["denovo.models.SpectrumGraphSequencer"] = Field(alias="_target_")
    direction: Direction = LEFT_OUT
    temperature: Annotated[float, Field(gt=0, le=1e3)] = LEFT_OUT


class TransformerSettings(Built):
    """Settings of a `TransformerSequencer`."""

    target: Literal["denovo.models.TransformerSequencer"] = Field(alias="_target_")
    direction: Direction = LEFT_OUT
    d_model: Width = LEFT_OUT
    n_heads: Width = LEFT_OUT
    n_layers: Depth = LEFT_OUT
    d_feedforward: Annotated[int, Field(ge=1, le=16384)] = LEFT_OUT


ModelSettings = Annotated[
    EvidenceSettings | RecursiveSettings | GraphSettings | TransformerSettings,
    Field(discriminator="target"),
]


class ModificationSettings(Strict):
    """A modification of an alphabet."""

    name: Text
    formula: Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Z][A-Za-z0-9\[\]-]*$")]


class AlphabetSettings(Built):
    """Settings of a `ResidueAlphabet`."""

    target: Literal["denovo.chemistry.ResidueAlphabet"] = Field(alias="_target_")
    name: Text
    residues: list[Entry] = Field(max_length=MAX_TOKENS)
    n_terminal: list[Entry] = Field(LEFT_OUT, max_length=MAX_TOKENS)
    implied: dict[Letter, Entry] = Field(LEFT_OUT, max_length=26)
    modifications: dict[Entry, ModificationSettings] = Field(LEFT_OUT, max_length=MAX_TOKENS)

    def build(self) -> ResidueAlphabet:
        """Build the alphabet."""
        return ResidueAlphabet(**self.arguments())

    @model_validator(mode="after")
    def _is_an_alphabet(self) -> "AlphabetSettings":
        self.build()
        return self


SimulatorModel = Name | Annotated[dict[Name, Weight], Field(min_length=1, max_length=32)]
NoiseSettings = dict[Literal[NOISE_FIELDS], Amount]  # pyright: ignore[reportInvalidTypeForm]


class SimulatorSettings(Strict):
    """MS2PIP models of the spectra, and their ions."""

    target: Literal["denovo.simulation.make_simulator"] = Field(LEFT_OUT, alias="_target_")
    model: SimulatorModel
    ion_types: Ions = LEFT_OUT


class StageValues(Strict):
    """Values that a stage of a curriculum sets."""

    weights: dict[Name, Weight] = Field(LEFT_OUT, max_length=32)
    min_length: Length = LEFT_OUT
    max_length: Length = LEFT_OUT
    noise: NoiseSettings = LEFT_OUT
    terms: dict[Name, Annotated[dict[Name, Amount], Field(max_length=32)]] = Field(
        LEFT_OUT, max_length=32
    )


class StageSettings(StageValues):
    """A stage of a curriculum."""

    name: Text
    start: Weight
    end: Weight | None = None
    ramp: Literal["constant", "linear", "cosine"] = LEFT_OUT
    ramp_steps: Weight | None = None


class CurriculumSettings(Built):
    """Settings of a `Curriculum`."""

    target: Literal["denovo.curriculum.Curriculum"] = Field(LEFT_OUT, alias="_target_")
    stages: list[StageSettings] = Field(max_length=1000)
    steps_per_unit: Annotated[int, Field(ge=1, le=10**9)] = LEFT_OUT
    base: StageValues | None = None

    @model_validator(mode="after")
    def _is_a_curriculum(self) -> "CurriculumSettings":
        Curriculum(**self.arguments())
        return self


class DigestSettings(Strict):
    """Settings of a `Digest`."""

    target: Literal["denovo.simulation.digest.Digest"] = Field(LEFT_OUT, alias="_target_")
    enzyme: Text = LEFT_OUT
    missed_cleavages: Annotated[int, Field(ge=0, le=20)] = LEFT_OUT
    min_length: Length = LEFT_OUT
    max_length: Length = LEFT_OUT
    semi: Share = LEFT_OUT
    unspecific: Share = LEFT_OUT


class PrecursorSettings(Strict):
    """Settings of `Precursors`."""

    target: Literal["denovo.simulation.precursors.Precursors"] = Field(LEFT_OUT, alias="_target_")
    charges: dict[Charge, Weight] = Field(LEFT_OUT, max_length=20)
    limit_charges: bool = LEFT_OUT
    modifications: dict[Entry, Share] = Field(LEFT_OUT, max_length=MAX_TOKENS)
    max_modifications: Annotated[int, Field(ge=0, le=100)] = LEFT_OUT


class ProteomeSettings(Built):
    """Settings of a `SyntheticProteome` or a `FastaProteome`."""

    target: Literal[
        "denovo.simulation.proteins.SyntheticProteome", "denovo.simulation.proteins.FastaProteome"
    ] = Field(LEFT_OUT, alias="_target_")
    n_proteins: Count = LEFT_OUT
    seed: Count = LEFT_OUT
    mean_length: Count = LEFT_OUT
    path: Text = LEFT_OUT


class RecipeSettings(Strict):
    """Recipe of simulated spectra."""

    digest: DigestSettings = LEFT_OUT
    precursors: PrecursorSettings = LEFT_OUT
    simulator: SimulatorSettings = LEFT_OUT
    proteome: ProteomeSettings = LEFT_OUT
    exclude: Annotated[list[Text], Field(max_length=10_000)] | None = None


class SourceSettings(Strict):
    """Source of simulated spectra."""

    recipe: RecipeSettings = LEFT_OUT


class DataSettings(Strict):
    """Data of a training."""

    n_peaks: Annotated[int, Field(ge=1, le=10_000)]
    train: Text | Annotated[list[Text], Field(max_length=10_000)] | None = None
    sources: SourceSettings = LEFT_OUT


class PrecursorLossSettings(Strict):
    """Settings of a `PrecursorMassLoss` that a diagnosis uses."""

    loss_scale: Weight = LEFT_OUT
    penalty: Name = LEFT_OUT
    use_log_loss: bool = LEFT_OUT
    normalize: bool = LEFT_OUT
    unit: Name = LEFT_OUT
    mass: Name = LEFT_OUT
    tail: Share = LEFT_OUT


class TermSettings(Strict):
    """Loss terms that a diagnosis uses."""

    precursor: PrecursorLossSettings = LEFT_OUT


class LossSettings(Strict):
    """Loss of a training."""

    terms: TermSettings = LEFT_OUT


class FineTuningSettings(Strict):
    """Settings of fine-tuning."""

    weights: Text | None = None


class NetworkSettings(Strict):
    """All settings of a configuration that are read from files."""

    model: ModelSettings
    residues: AlphabetSettings
    data: DataSettings
    simulator: SimulatorSettings = LEFT_OUT
    curriculum: CurriculumSettings = LEFT_OUT
    size: Annotated[dict[Name, Number], Field(max_length=64)] = LEFT_OUT
    seed: Annotated[int, Field(ge=0, le=2**64)] = LEFT_OUT
    fragment_tolerance: ToleranceText = LEFT_OUT
    loss: LossSettings = LEFT_OUT
    finetune: FineTuningSettings | None = None


_ALL: dict[str, Any] = {}
EXPORTED_PARTS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("model", "residues", "simulator", "curriculum", "size", "seed"), _ALL),
    "fragment_tolerance": _ALL,
    "data": {
        "n_peaks": _ALL,
        "train": _ALL,
        "sources": {"recipe": dict.fromkeys(RecipeSettings.model_fields, _ALL)},
    },
}
_READ = {
    **EXPORTED_PARTS,
    "loss": {"terms": {"precursor": dict.fromkeys(PrecursorLossSettings.model_fields, _ALL)}},
    "finetune": {"weights": _ALL},
}


def parts_read(config: Any, wanted: Mapping[str, Any] = _READ) -> Any:
    """Select the parts of the configuration of a training that `NetworkSettings` validates."""
    if not wanted or not isinstance(config, Mapping):
        return config
    return {key: parts_read(config[key], wanted[key]) for key in wanted if key in config}
