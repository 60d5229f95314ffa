"""The models of MS2PIP: which ions each predicts, and whether it is at hand."""

from dataclasses import dataclass
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

STORE = ".ms2pip"
"""Folder in the home of the user where MS2PIP keeps files of models."""


@dataclass(frozen=True)
class StoredModel:
    """A model that is not inside the package.

    Parameters
    ----------
    name : str
        One of `STORED_MODELS`.
    """

    name: str

    @property
    def folder(self) -> Path:
        """Where MS2PIP keeps it."""
        return Path.home() / STORE

    @property
    def files(self) -> list[str]:
        """Names of its files."""
        # Imported late: this imports all of MS2PIP.
        from ms2pip.constants import MODELS

        return list(MODELS[self.name]["xgboost_model_files"].values())

    def check(self) -> None:
        """Refuse a model whose files are not at hand: MS2PIP would go and fetch them.

        Raises
        ------
        InputError
            If one is missing.
        """
        missing = [name for name in self.files if not (self.folder / name).is_file()]
        if missing:
            raise InputError(
                f"MS2PIP model {self.name!r} needs {' and '.join(missing)} in {self.folder}, and "
                "denovo downloads nothing; fetch them from https://zenodo.org/records/13270668, or "
                f"choose a model that comes with the package: {', '.join(COMPILED_MODELS)}"
            )


def check_model(name: str) -> None:
    """Refuse a model that MS2PIP does not have, or would have to download.

    Raises
    ------
    InputError
        With what to do.
    """
    if name not in IONS:
        raise InputError(
            f"MS2PIP has no model {name!r}; choose one that comes with the package: "
            f"{', '.join(COMPILED_MODELS)}, or one whose files are stored: "
            f"{', '.join(STORED_MODELS)}"
        )
    if name in STORED_MODELS:
        StoredModel(name).check()
