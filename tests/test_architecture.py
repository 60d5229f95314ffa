"""Who may import whom, and the few rules that every file keeps."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "denovo"
MAX_LINES = 400

BASE = {"__version__", "choices", "errors", "kernels", "processes", "progress", "typing"}
RECORDS = BASE | {"chemistry", "spectra"}
LIBRARY = RECORDS | {"curriculum", "io", "noise", "models", "losses", "metrics", "decoding"}
DATA = LIBRARY | {"simulation", "data"}
# One row a wing, a folder or module right under the package: what it may import beside itself.
MAY_IMPORT = {
    "errors": set(),
    "choices": set(),
    "kernels": set(),
    "processes": {"errors"},
    "progress": set(),
    "typing": set(),
    "chemistry": BASE,
    "spectra": BASE | {"chemistry"},
    "curriculum": BASE,
    "io": RECORDS,
    "noise": RECORDS | {"curriculum"},
    "models": RECORDS,
    "losses": RECORDS,
    "metrics": RECORDS,
    "decoding": RECORDS,
    "simulation": RECORDS | {"io"},
    "data": RECORDS | {"curriculum", "io", "noise", "simulation"},
    "sequencing": (DATA | {"proteins"}) - {"losses", "noise"},
    "evaluation": DATA | {"sequencing", "proteins"},
    "proteins": RECORDS | {"io", "metrics", "simulation"},
    "reports": LIBRARY | {"evaluation", "proteins"},
    "training": DATA | {"sequencing", "evaluation", "reports"},
    "cli": DATA | {"sequencing", "evaluation", "proteins", "reports", "training"},
    "__init__": BASE | {"sequencing"},
    "__main__": {"cli"},
    "train.py": DATA | {"sequencing", "evaluation", "reports", "training"},
}
# Where a heavy framework may be imported: the prefixes of module names.
ONLY_IN = {
    "lightning": ("data.datamodule", "training", "cli.diagnosis_input", "train.py"),
    "hydra": ("training.configuration", "training.overrides", "training.sweep", "cli", "train.py"),
    "omegaconf": (
        *(
            "training.configuration",
            "training.overrides",
            "training.config_checks",
            "training.fine_tuning",
        ),
        *("training.modifications", "training.shared_start", "training.sweep"),
        *("training.outputs", "training.run"),
        *("cli", "train.py"),
    ),
    # Pictures and tables are objects of W&B: no other logger has them.
    "wandb": (
        *("training.configuration", "training.callbacks.wandb_media", "reports.dashboard"),
        "training.sweep",
    ),
    "streamlit": ("cli.browser_page",),
    "wandb_workspaces": ("reports.dashboard",),
    "distributed": ("sequencing.cluster",),
    "numba": ("kernels",),
    "matplotlib": ("reports.figures",),
    # An oracle of the tests; importing it takes seconds.
    "spectrum_utils": (),
}
FORBIDDEN = {"curriculum": {"torch", "numpy"}}
"""Pure Python, so that a schedule can be read, checked and tested in an instant."""

FILES = sorted(PACKAGE.rglob("*.py")) + [path for path in [ROOT / "train.py"] if path.exists()]
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
    if path.is_relative_to(PACKAGE)
    else path.name: path
    for path in FILES
}


def room_of(module: str) -> str:
    return module if module == "train.py" else module.split(".")[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def imports_of(tree: ast.Module) -> Iterator[str]:
    """Yield the full name of every imported module, with names for ``from denovo import x``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            if node.module == "denovo":
                yield from (f"denovo.{alias.name}" for alias in node.names)
            else:
                yield node.module


def is_within(name: str, allowed: str) -> bool:
    return name == allowed or name.startswith(f"{allowed}.")


def faults(module: str, tree: ast.Module) -> list[str]:
    """List the imports of a module that break the table."""
    return [name for name in imports_of(tree) if not is_allowed(module, name)]


def is_allowed(module: str, name: str) -> bool:
    """Tell whether a module may import what is called ``name``."""
    room = room_of(module)
    top, _, inner = name.partition(".")
    if top == "denovo":
        return any(is_within(inner, entry) for entry in MAY_IMPORT[room] | {room})
    if top in ONLY_IN:
        return any(is_within(module, entry) for entry in ONLY_IN[top])
    return top != "train" and top not in FORBIDDEN.get(room, set())


def test_every_file_stands_in_a_known_room() -> None:
    assert [module for module in MODULES if room_of(module) not in MAY_IMPORT] == []


def test_the_table_of_imports_has_no_circle() -> None:
    assert list(TopologicalSorter(MAY_IMPORT).static_order())


def test_the_folders_of_a_wing_do_not_import_each_other_in_a_circle() -> None:
    # Python would then find one of them half loaded, depending on which is imported first.
    imported: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        own = folder_of(module)
        found = {folder_of(name.removeprefix("denovo.")) for name in imports_of(tree_of(path))}
        imported.setdefault(own, set()).update(found - {own, ""})
    assert list(TopologicalSorter(imported).static_order())


def folder_of(module: str) -> str:
    """Return the folder within a wing that holds a module; empty right under the wing."""
    parts = module.split(".")
    is_folder = (PACKAGE / Path(*parts[:2])).is_dir() and len(parts) > 1
    return ".".join(parts[:2]) if is_folder else ""


def test_imports_lead_one_way() -> None:
    found = {module: faults(module, tree_of(path)) for module, path in MODULES.items()}
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("chemistry.masses", "from denovo.spectra.batch import Spectra"),
        ("losses.token", "from denovo.models import Evidence"),
        ("losses.token", "import denovo.simulation.store"),
        ("losses.token", "from denovo import models"),
        ("models.token_axes", "import lightning as L"),
        ("data.store", "from lightning.pytorch import LightningDataModule"),
        ("decoding.beam", "from denovo.models import TransformerSequencer"),
        ("sequencing.sequencer", "from denovo.noise import distort"),
        ("data.store", "def f():\n    from denovo.training.system import SequencerTraining"),
        ("training.system", "from omegaconf import DictConfig"),
        ("training.callbacks.pace", "import wandb"),
        ("reports.figures.spectrum", "from spectrum_utils import plot"),
        ("curriculum.stage", "import torch"),
        ("cli", "import train"),
        ("reports.html", "from denovo.cli import main"),
    ],
)
def test_an_import_against_the_table_is_found(module: str, line: str) -> None:
    assert len(faults(module, ast.parse(line))) == 1


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]
    declared = {re.split(r"[^\w.-]", line)[0] for line in project["dependencies"] + extras}
    known = {re.sub(r"[-_.]+", "-", name).lower() for name in declared}
    sources = packages_distributions()
    imported = {name.split(".")[0] for path in FILES for name in imports_of(tree_of(path))}
    missing = {
        name
        for name in imported - sys.stdlib_module_names - {"denovo", "train", "_typeshed"}
        if not {re.sub(r"[-_.]+", "-", d).lower() for d in sources.get(name, [name])} & known
    }
    assert missing == set()


def test_no_file_prints() -> None:
    calls = [
        (module, node.lineno)
        for module, path in MODULES.items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert calls == []


def test_no_file_is_longer_than_it_can_be_read() -> None:
    n_lines = {module: len(path.read_text().splitlines()) for module, path in MODULES.items()}
    assert {module: n for module, n in n_lines.items() if n > MAX_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [m for m, path in MODULES.items() if not ast.get_docstring(tree_of(path))] == []
