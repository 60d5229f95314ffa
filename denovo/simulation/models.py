"""The models of MS2PIP: which ions each predicts, and whether it is at hand."""

import hashlib
from functools import lru_cache
from pathlib import Path

from denovo.errors import InputError

COMPILED_MODELS = {
    "HCDch2": ("b", "y", "b2", "y2"),
    "HCD2019": ("b", "y"),
    "TMT": ("b", "y"),
}
"""Models that lie inside the MS2PIP package, and the ions they predict."""

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
"""Models whose files MS2PIP keeps in a folder of the user, and the ions they predict."""

IONS = COMPILED_MODELS | STORED_MODELS

FOLDER = ".ms2pip"
"""Where MS2PIP keeps files of models, in the home of the user."""


def check_model(name: str) -> None:
    """Refuse a model that MS2PIP does not have, or would have to download.

    Parameters
    ----------
    name : str
        Of the model.

    Raises
    ------
    InputError
        If there is no such model, or MS2PIP would go and fetch it: a file of it is missing or is
        another one than MS2PIP expects.
    """
    if name not in IONS:
        raise InputError(
            f"MS2PIP has no model {name!r}; choose one that comes with the package: "
            f"{', '.join(COMPILED_MODELS)}, or one whose files are stored: "
            f"{', '.join(STORED_MODELS)}"
        )
    if name in STORED_MODELS:
        for path, sha1 in files_of(name).items():
            _check_file(path, sha1, name)


def files_of(name: str) -> dict[Path, str]:
    """Say where MS2PIP looks for the files of a stored model, and the SHA-1 it expects of each."""
    # Imported late: this imports all of MS2PIP.
    from ms2pip.constants import MODELS

    model = MODELS[name]
    files = dict.fromkeys(model["xgboost_model_files"].values())
    return {Path.home() / FOLDER / file: model["model_hash"][file] for file in files}


def _check_file(path: Path, sha1: str, name: str) -> None:
    advice = (
        f"denovo downloads nothing; fetch {path.name} from https://zenodo.org/records/13270668, or "
        f"choose a model that comes with the package: {', '.join(COMPILED_MODELS)}"
    )
    if not path.is_file():
        raise InputError(f"MS2PIP model {name!r} needs {path}, which does not exist, and {advice}")
    state = path.stat()
    if _sha1(path, state.st_mtime_ns, state.st_size) != sha1:
        raise InputError(f"{path} is not the file of MS2PIP model {name!r} (SHA-1), and {advice}")


@lru_cache
def _sha1(path: Path, changed_ns: int, size: int) -> str:
    """Return the SHA-1 of a file; read again only if its time or size has changed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()
