"""Prediction of fragment intensities: a protocol, and its implementation with MS2PIP."""

import hashlib
import importlib.metadata
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from denovo.chemistry import IonType, ResidueAlphabet, bare_sequence, with_mass_shifts
from denovo.chemistry.identity import identity, stable_hash
from denovo.errors import InputError
from denovo.simulation.packaged_models import PACKAGED_MODELS, is_predictable, predict_logarithms
from denovo.typing import Float, Float32, ndarray

STORED_MODELS = {
    "HCD2021": ("b", "y"),
    "Immuno-HCD": ("b", "y"),
    "timsTOF2023": ("b", "y"),
    "timsTOF2024": ("b", "y"),
    "CIDch2": ("b", "y", "b2", "y2"),
    "CID-TMT": ("b", "y"),
    "iTRAQ": ("b", "y"),
    "iTRAQphospho": ("b", "y"),
    "TTOF5600": ("b", "y"),
}
"""Models with files in a folder of the user, and the ions they predict."""

IONS = PACKAGED_MODELS | STORED_MODELS

FOLDER = ".ms2pip"
"""Folder of the model files of MS2PIP in the user's home."""


def check_model(name: str) -> None:
    """Raise an InputError if MS2PIP does not have a model or would have to download its files."""
    if name not in IONS:
        raise InputError(
            f"MS2PIP has no model {name!r}; choose one that comes with the package: "
            f"{', '.join(PACKAGED_MODELS)}, or one whose files are stored: "
            f"{', '.join(STORED_MODELS)}"
        )
    if name in STORED_MODELS:
        for path, sha1 in files_of(name).items():
            _check_file(path, sha1, name)


def files_of(name: str) -> dict[Path, str]:
    """Return the paths of the files of a stored model, with the SHA-1 that MS2PIP expects."""
    # Imported late: this imports all of MS2PIP.
    with _without_deprecations():
        from ms2pip.constants import MODELS

    model = MODELS[name]
    files = dict.fromkeys(model["xgboost_model_files"].values())
    return {Path.home() / FOLDER / file: model["model_hash"][file] for file in files}


@contextmanager
def _without_deprecations() -> Iterator[None]:
    """Ignore the warning of pydantic when MS2PIP is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _check_file(path: Path, sha1: str, name: str) -> None:
    advice = (
        f"denovo downloads nothing; fetch {path.name} from https://zenodo.org/records/13270668, or "
        f"choose a model that comes with the package: {', '.join(PACKAGED_MODELS)}"
    )
    if not path.is_file():
        raise InputError(f"MS2PIP model {name!r} needs {path}, which does not exist, and {advice}")
    state = path.stat()
    if _sha1(path, state.st_mtime_ns, state.st_size) != sha1:
        raise InputError(f"{path} is not the file of MS2PIP model {name!r} (SHA-1), and {advice}")


@lru_cache
def _sha1(path: Path, changed_ns: int, size: int) -> str:
    """Return the SHA-1 of a file; cached until its time or size changes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()


Intensities = dict[str, list[Float32[ndarray, " _"]]]
"""For each ion type, one array per peptide; element ``i`` belongs to ordinal ``i + 1``."""

MIN_LENGTH, MAX_LENGTH = 4, 100
"""Shortest and longest peptide that MS2PIP accepts, in residues."""

_OFFSET = 0.001
"""Offset that MS2PIP adds to intensities before the logarithm."""
_FLOOR = np.log2(_OFFSET) + 1e-6


@runtime_checkable
class Simulator(Protocol):
    """Predictor of the fragment intensities of peptides."""

    @property
    def ion_types(self) -> tuple[str, ...]:
        """Names of the predicted ions, in the notation of `denovo.chemistry.IonType`."""
        ...

    def predict(
        self, peptides: Sequence[str], charges: Sequence[int], alphabet: ResidueAlphabet
    ) -> Intensities:
        """Predict linear intensities of every ion type, by ordinal."""
        ...

    def provenance(self) -> dict[str, Any]:
        """Describe all that decides the predictions."""
        ...


@dataclass(frozen=True)
class Ms2pipSimulator:
    """MS2PIP with one of its models; nothing is downloaded.

    Parameters
    ----------
    model : str
        ``"HCDch2"`` (singly and doubly charged b and y ions), ``"HCD2019"`` or ``"TMT"``, which
        are part of the package, or one of `denovo.simulation.simulator.STORED_MODELS`.

    Raises
    ------
    InputError
        If MS2PIP has no model of this name, or would have to download it.

    References
    ----------
    Declercq et al., Nucleic Acids Research 51, W338 (2023), doi:10.1093/nar/gkad335.
    """

    model: str = "HCDch2"

    def __post_init__(self) -> None:
        check_model(self.model)

    @property
    def ion_types(self) -> tuple[str, ...]:
        """Names of the ions that the model predicts."""
        return IONS[self.model]

    def predict(
        self, peptides: Sequence[str], charges: Sequence[int], alphabet: ResidueAlphabet
    ) -> Intensities:
        """Predict linear intensities in this process.

        Parameters
        ----------
        peptides : sequence of str
            ProForma text; every modification must be one of the alphabet.
        charges : sequence of int
            Precursor charge of each.
        alphabet : ResidueAlphabet
            Masses of the modifications.

        Returns
        -------
        dict of str to list of array
            For each ion type one float32 array of ``n_residues - 1`` per peptide, element ``i``
            for ordinal ``i + 1``: b ions count cleavage sites from the N-terminus, y ions from the
            C-terminus. Never negative; exactly 0 where MS2PIP predicts nothing. Comparable within a
            spectrum only.

        Raises
        ------
        InputError
            If MS2PIP cannot encode a peptide, or the files of its model are missing.
        """
        check_model(self.model)
        sequences = [bare_sequence(peptide) for peptide in peptides]
        _check_lengths(sequences, peptides)
        texts = [with_mass_shifts(peptide, alphabet) for peptide in peptides]
        if self.model in PACKAGED_MODELS:
            _refuse([not is_predictable(sequence) for sequence in sequences], peptides)
            predicted = predict_logarithms(self.model, sequences, charges)
        else:
            predicted = self._predict_stored(texts, charges, peptides)
        ends = np.cumsum([len(sequence) - 1 for sequence in sequences]).tolist()
        places = list(zip([0, *ends], ends, strict=False))
        charge = np.repeat(charges, [end - start for start, end in places])
        found: Intensities = {}
        for ion in self.ion_types:
            # MS2PIP predicts traces of doubly charged ions even for singly charged precursors.
            values = _linear(predicted[ion]) * (charge >= IonType.parse(ion).charge)
            found[ion] = [values[start:end] for start, end in places]
        return found

    def _predict_stored(
        self, texts: Sequence[str], charges: Sequence[int], peptides: Sequence[str]
    ) -> dict[str, Float32[ndarray, " site"]]:
        # Imported late: the import takes longer than opening a finished store.
        with _without_deprecations():
            from ms2pip.core import predict_batch
            from psm_utils import PSM, PSMList

        logging.getLogger("ms2pip").setLevel(logging.WARNING)
        entries = [
            PSM(peptidoform=f"{text}/{charge}", spectrum_id=str(i))
            for i, (text, charge) in enumerate(zip(texts, charges, strict=True))
        ]
        batch = PSMList(psm_list=entries)
        results = predict_batch(batch, model=self.model, processes=1) if entries else []
        predicted = [result.predicted_intensity for result in results]
        _refuse([not each for each in predicted], peptides)  # MS2PIP skips what it cannot encode
        nothing = np.zeros(0, dtype=np.float32)
        return {
            ion: np.concatenate([nothing, *(each[ion] for each in predicted if each)])
            for ion in self.ion_types
        }

    def provenance(self) -> dict[str, Any]:
        """Describe the model and the MS2PIP version."""
        version = importlib.metadata.version("ms2pip")
        return {"kind": "ms2pip", "model": self.model, "version": version}


def _refuse(is_unknown: Sequence[bool], peptides: Sequence[str]) -> None:
    if True in is_unknown:
        peptide = peptides[is_unknown.index(True)]
        raise InputError(f"MS2PIP cannot predict {peptide!r}; leave it out")


def _check_lengths(sequences: Sequence[str], peptides: Sequence[str]) -> None:
    # Beyond its limit MS2PIP writes outside its arrays.
    for sequence, peptide in zip(sequences, peptides, strict=True):
        n_residues = len(sequence)
        if not MIN_LENGTH <= n_residues <= MAX_LENGTH:
            raise InputError(
                f"peptide {peptide!r} has {n_residues} residues; MS2PIP takes {MIN_LENGTH} to "
                f"{MAX_LENGTH}, so set the lengths of the digest accordingly"
            )


def _linear(log_intensity: Float[ndarray, " site"]) -> Float32[ndarray, " site"]:
    """Invert ``log2(intensity + 0.001)``; values at the floor, within rounding, become 0."""
    linear = np.exp2(log_intensity.astype(np.float64)) - _OFFSET
    return np.where(log_intensity <= _FLOOR, 0.0, linear).astype(np.float32)


@dataclass(frozen=True)
class MixedSimulator:
    """Mixture of MS2PIP models, given with their weights; one of them predicts each spectrum.

    A hash of the peptide's `identity` decides which one, independently of other peptides.
    """

    models: Mapping[str, float | int]

    def __post_init__(self) -> None:
        weights = self.models.values()
        if min(weights, default=-1) < 0 or not sum(weights) > 0:
            raise InputError(
                "simulator.models must map models of MS2PIP to weights that are not all 0, such as "
                f"{{HCDch2: 0.5, HCD2019: 0.5}}, got {dict(self.models)}"
            )
        for model in self.models:
            Ms2pipSimulator(model)

    @property
    def ion_types(self) -> tuple[str, ...]:
        """Ions that any of the models predicts."""
        return predicted_ions(self.models)

    def model_of(self, peptide: str) -> str:
        """Return the name of the model that predicts a peptide."""
        place = stable_hash(identity(peptide), "simulator") / 2**64 * sum(self.models.values())
        possible = [model for model, weight in self.models.items() if weight > 0]
        for model in possible:
            place -= self.models[model]
            if place < 0:
                return model
        return possible[-1]

    def predict(
        self, peptides: Sequence[str], charges: Sequence[int], alphabet: ResidueAlphabet
    ) -> Intensities:
        """Predict each peptide with its model, as `Ms2pipSimulator.predict` does.

        The intensity is 0 where the model of a peptide does not predict an ion of another model.
        """
        absent = [np.zeros(len(bare_sequence(text)) - 1, dtype=np.float32) for text in peptides]
        found: Intensities = {ion: list(absent) for ion in self.ion_types}
        names = [self.model_of(peptide) for peptide in peptides]
        for model in self.models:
            rows = [row for row, name in enumerate(names) if name == model]
            predicted = Ms2pipSimulator(model).predict(
                [peptides[row] for row in rows], [charges[row] for row in rows], alphabet
            )
            for ion, values in predicted.items():
                for row, intensity in zip(rows, values, strict=True):
                    found[ion][row] = intensity
        return found

    def provenance(self) -> dict[str, Any]:
        """Describe the models, their weights and the MS2PIP version."""
        version = Ms2pipSimulator(next(iter(self.models))).provenance()["version"]
        # The order of the models decides which of them predicts a peptide.
        return {"kind": "ms2pip mixture", "models": list(self.models.items()), "version": version}


def make_simulator(model: str | Mapping[str, float | int]) -> Simulator:
    """Make the simulator that a configuration names.

    Parameters
    ----------
    model : str or mapping of str to float
        Name of a model of MS2PIP, or weights of several.
    """
    return Ms2pipSimulator(model) if isinstance(model, str) else MixedSimulator(model)


def predicted_ions(model: str | Mapping[str, float | int]) -> tuple[str, ...]:
    """List the ions that a model, or any of several, predicts.

    Parameters
    ----------
    model : str or mapping of str to float
        As `make_simulator` takes it; its files may be missing.

    Raises
    ------
    InputError
        If MS2PIP has no model of this name.

    Examples
    --------
    >>> predicted_ions("TMT"), predicted_ions({"TMT": 1, "HCDch2": 1})
    (('b', 'y'), ('b', 'y', 'b2', 'y2'))
    """
    names = [model] if isinstance(model, str) else list(model)
    for name in names:
        if name not in IONS:
            check_model(name)
    return tuple(dict.fromkeys(ion for name in names for ion in IONS[name]))


def leading_model(model: str | Mapping[str, float | int]) -> str:
    """Return the model with the largest weight, which represents a mixture.

    Examples
    --------
    >>> leading_model("TMT"), leading_model({"HCD2019": 0.5, "HCDch2": 0.5})
    ('TMT', 'HCD2019')
    """
    return model if isinstance(model, str) else max(model, key=lambda name: model[name])
