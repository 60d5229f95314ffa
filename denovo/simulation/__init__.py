"""Simulation: peptides, their predicted fragment intensities, and stores of these."""

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
