"""The compiled part of MS2PIP, loaded without the package around it.

The package imports scikit-learn, XGBoost and matplotlib, which takes longer and more memory than
all else that a command does before its first answer; the compiled part needs NumPy alone. It is no
public interface: ``pyproject.toml`` pins the versions for which it is known, and the tests compare
it with `ms2pip.core.predict_batch`.
"""

from collections.abc import Sequence
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType

import numpy as np

from denovo.errors import InputError
from denovo.typing import Float32, ndarray

_MODELS = {"HCDch2": (7, "ch2"), "HCD2019": (1, "general"), "TMT": (3, "general")}
"""Number of each model, and the name of its set of ions."""
_IONS = {"general": ("b", "y"), "ch2": ("b", "y", "b2", "y2")}

COMPILED_MODELS = {name: _IONS[ions] for name, (_, ions) in _MODELS.items()}
"""Models inside the MS2PIP package, and the ions they predict."""

_RESIDUES = "ACDEFGHIKMNPQRSTVWY"
_CODES = {residue: code for code, residue in enumerate(_RESIDUES)}
_CODES["L"] = _CODES["I"]
_COLLISION_ENERGY = 30.0
"""The value that MS2PIP passes; its models do not use it."""


def predict_logarithms(
    model: str, sequence: str, charge: int
) -> list[Float32[ndarray, " site"]] | None:
    """Predict the logarithms to base 2 of the intensities of each ion type, by ordinal.

    These models ignore modifications, which ``sequence`` does not contain. It must have at most 100
    residues, beyond which MS2PIP writes outside its arrays. None for a residue that MS2PIP does not
    know.
    """
    codes = [_CODES.get(residue) for residue in sequence]
    if None in codes:
        return None
    # Termini without a modification are 0.
    encoded = np.array([0, *codes, 0], dtype=np.uint16)
    number, ions = _MODELS[model]
    predicted: Sequence[Sequence[float]] = _module().get_predictions(
        encoded, encoded, charge, number, ions, _COLLISION_ENERGY
    )
    return [np.array(values, dtype=np.float32) for values in predicted]


@cache
def _module() -> ModuleType:
    """Load the compiled part; the package, imported later, uses the same."""
    package = find_spec("ms2pip")  # finds it without importing it
    folders = (package and package.submodule_search_locations) or []
    for folder in folders:
        compiled = str(Path(folder) / "_cython_modules")
        finder = FileFinder(compiled, (ExtensionFileLoader, EXTENSION_SUFFIXES))
        found = finder.find_spec("ms2pip_pyx")
        if found is not None and found.loader is not None:
            module = module_from_spec(found)
            found.loader.exec_module(module)
            return module
    raise InputError(
        "the compiled part of MS2PIP is missing; install it with: pip install 'ms2pip>=4.1,<4.2'"
    )
