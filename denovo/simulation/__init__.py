"""Simulation: MS2PIP once, spectra for ever. Stores of predicted intensities."""

from denovo.simulation.recipe import Recipe
from denovo.simulation.simulator import (
    MixedSimulator,
    Ms2pipSimulator,
    Simulator,
    leading_model,
    make_simulator,
    predicted_ions,
)
from denovo.simulation.store import SpectrumStore, build_store

__all__ = [
    "MixedSimulator",
    "Ms2pipSimulator",
    "Recipe",
    "Simulator",
    "SpectrumStore",
    "build_store",
    "leading_model",
    "make_simulator",
    "predicted_ions",
]
