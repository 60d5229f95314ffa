"""The models inside the MS2PIP package, evaluated without the package around them.

The package holds these models as C sources of a million lines, which are 35 MB of machine code. The
same trees as data, scored many sites at a time, take a fifth of the time or less and give the same
numbers bit by bit: the tests compare them with `ms2pip.core.predict_batch`. The sources are no
public interface; ``pyproject.toml`` pins the versions for which they are known.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from denovo.errors import InputError
from denovo.typing import Float32, ndarray

if TYPE_CHECKING:
    from denovo.simulation.boosted_trees import BoostedTrees

_SOURCES = {
    "HCDch2": {
        "b": "HCD-2019/model_20190107_HCD_train_B.c",
        "y": "HCD-2019/model_20190107_HCD_train_Y.c",
        "b2": "HCD-2019/model_20190107_HCD_train_B2.c",
        "y2": "HCD-2019/model_20190107_HCD_train_Y2.c",
    },
    "HCD2019": {
        "b": "HCD-2019/model_20190107_HCD_train_B.c",
        "y": "HCD-2019/model_20190107_HCD_train_Y.c",
    },
    "TMT": {
        "b": "TMT/model_20190107_TMT_train_B.c",
        "y": "TMT/model_20190107_TMT_train_Y.c",
    },
}
"""Trees of each ion of each model, in the folder of sources."""

PACKAGED_MODELS = {name: tuple(sources) for name, sources in _SOURCES.items()}
"""Models inside the MS2PIP package, and the ions they predict."""

_BASE = np.float32(0.5)
"""What the package adds to the sum of the trees."""


def is_predictable(sequence: str) -> bool:
    """Tell whether the models know all residues of a sequence."""
    from denovo.simulation.site_features import CODES

    return CODES.keys() >= set(sequence)


def predict_logarithms(
    model: str, sequences: Sequence[str], charges: Sequence[int]
) -> dict[str, Float32[ndarray, " site"]]:
    """Predict the logarithms to base 2 of the intensities of each ion type.

    These models ignore modifications, which ``sequences`` do not contain; all residues must be
    known. The peptides stand one after the other, the sites of each by ordinal.

    Raises
    ------
    InputError
        If the installed MS2PIP does not have the model.
    """
    from denovo.simulation.site_features import site_features  # loads numba

    features = site_features(sequences, charges)
    n_sites = np.array([len(sequence) - 1 for sequence in sequences], dtype=np.int64)
    ends = n_sites.cumsum()
    from_c_terminus = np.repeat(2 * ends - n_sites - 1, n_sites) - np.arange(len(features))
    predicted = {}
    for ion, source in _SOURCES[model].items():
        by_site = _trees(source)(features) + _BASE
        predicted[ion] = by_site[from_c_terminus] if ion.startswith("y") else by_site
    return predicted


@cache
def _trees(source: str) -> "BoostedTrees":
    from denovo.simulation.boosted_trees import BoostedTrees
    from denovo.simulation.site_features import N_FEATURES

    package = find_spec("ms2pip")  # finds it without importing it
    folders = (package and package.submodule_search_locations) or []
    for folder in folders:
        path = Path(folder) / "_models_c" / source
        if path.is_file():
            try:
                return BoostedTrees.parse(path.read_bytes(), N_FEATURES)
            except ValueError as error:
                raise InputError(f"{path} does not hold the trees of MS2PIP: {error}") from error
    raise InputError(
        f"MS2PIP lacks its file {source}; install it anew with: pip install --force-reinstall "
        "'ms2pip>=4.1,<4.2'"
    )
