"""Several models of MS2PIP in one set of spectra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from denovo.chemistry import ResidueAlphabet, bare_sequence
from denovo.errors import InputError
from denovo.peptides.identity import identity, stable_hash
from denovo.simulation.simulator import Intensities, Ms2pipSimulator, Simulator


@dataclass(frozen=True)
class MixedSimulator:
    """Lets one of several models predict each spectrum.

    Parameters
    ----------
    models : mapping of str to float
        Weight of each model, by its name in MS2PIP. A hash of the peptide, with I = L and without
        its modifications, decides which one predicts it: always the same, whatever else is
        predicted.

    Raises
    ------
    InputError
        If a weight is negative, all are 0, or a model is not at hand.
    """

    models: Mapping[str, float | int] = field(
        default_factory=lambda: {"HCDch2": 0.5, "HCD2019": 0.5}
    )

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
        ions = [ion for model in self.models for ion in Ms2pipSimulator(model).ion_types]
        return tuple(dict.fromkeys(ions))

    def model_of(self, peptide: str) -> str:
        """Name the model that predicts a peptide."""
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
        """Predict linear intensities, each peptide by its model.

        Parameters and errors are those of `Ms2pipSimulator.predict`.

        Returns
        -------
        dict of str to list of array
            As there, for the ions of all models; 0 where the model of a peptide does not predict
            an ion.
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
        # Their order decides which peptide falls to which.
        return {"kind": "ms2pip mixture", "models": list(self.models.items()), "version": version}


def make_simulator(model: str | Mapping[str, float | int]) -> Simulator:
    """Make the simulator that a configuration names.

    Parameters
    ----------
    model : str or mapping of str to float
        Name of a model of MS2PIP, or weights of several.
    """
    return Ms2pipSimulator(model) if isinstance(model, str) else MixedSimulator(model)


def leading_model(model: str | Mapping[str, float | int]) -> str:
    """Name the model that stands for a mixture where there is place for one: the most frequent.

    Examples
    --------
    >>> leading_model("TMT"), leading_model({"HCD2019": 0.5, "HCDch2": 0.5})
    ('TMT', 'HCD2019')
    """
    return model if isinstance(model, str) else max(model, key=lambda name: model[name])
