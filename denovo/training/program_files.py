"""Where the files of a training lie: `train.py` and the configuration."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def config_directory() -> Path:
    """Return the folder of the configuration files, in a checkout or in an installed package."""
    return _installed_or_in_checkout("conf")


def training_program() -> Path:
    """Return the path of ``train.py``, in a checkout or in an installed package."""
    return _installed_or_in_checkout("program/train.py")


def choices_by_group() -> dict[str, list[str]]:
    """List the files of each group of the configuration, by the name of the group."""
    groups = sorted(path for path in config_directory().iterdir() if path.is_dir())
    found = {path.name: sorted(file.stem for file in path.glob("*.yaml")) for path in groups}
    return {group: names for group, names in found.items() if names}


def _installed_or_in_checkout(path: str) -> Path:
    # A wheel carries both inside the package; `pyproject.toml` says where.
    installed = _PACKAGE / path
    return installed if installed.exists() else _PACKAGE.parent / Path(path).name
