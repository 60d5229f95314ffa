"""What `denovo doctor` examines: each check works where the libraries of the others are missing."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from denovo import __version__
from denovo.errors import message_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement

DISTRIBUTION = "denovo-ms"
_SHOWN = ("torch", "lightning", "hydra-core", "ms2pip", "numpy")
_GB = 1e9
NEEDED_MEMORY, MEMORY_OF_A_WORKER = 2 * _GB, 0.8 * _GB
"""Bytes: of the main process with one worker, and of each worker with ``--rescoring full``."""
NEEDED_DISK = 1 * _GB
"""Bytes; the store and the run of `make train` take a twentieth of that."""


class State(StrEnum):
    """Result of a check; `MISSING` makes the command fail."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One row of the table: what was examined, its state, what was found, and what to do."""

    what: str
    state: State
    found: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Make all checks; one that fails by an error is a finding of its own."""
    for what, check in _CHECKS.items():
        try:
            yield from check()
        except Exception as error:
            cause = message_of(error) or f"{type(error).__name__}: {error}"
            remedy = f"repair what is missing above, or run `pip install {DISTRIBUTION}` again"
            yield Finding(what, State.MISSING, " ".join(cause.split()), remedy)


def _program() -> Iterator[Finding]:
    python = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    place = Path(__file__).parents[1]
    yield Finding("denovo", State.OK, f"{__version__} in {place}; {python}")


def _libraries() -> Iterator[Finding]:
    from packaging.requirements import Requirement

    try:
        requirements = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    except metadata.PackageNotFoundError:
        found = f"{DISTRIBUTION} is not installed, so that its requirements are not known"
        yield Finding("libraries", State.NOTE, found, "run `pip install .` in the repository")
        return
    needed = [each for each in requirements if each.marker is None or each.marker.evaluate()]
    faults = [(each, version) for each in needed if not _fits(each, version := _version(each.name))]
    for each, version in faults:
        wanted = f"{each.name}{each.specifier}"
        found = f"{version}, needed is {wanted}" if version else "not installed"
        yield Finding(each.name, State.MISSING, found, f"run `pip install '{wanted}'`")
    versions = ", ".join(f"{name} {_version(name)}" for name in _SHOWN if _version(name))
    state = State.NOTE if faults else State.OK
    yield Finding("libraries", state, f"{len(needed) - len(faults)} of {len(needed)}; {versions}")
    extras = _extras(requirements)
    absent = sorted(name for name, is_there in extras.items() if not is_there)
    present = ", ".join(sorted(extras.keys() - absent)) or "none"
    remedy = f"optional: `pip install '{DISTRIBUTION}[{','.join(absent)}]'`" if absent else ""
    yield Finding("extras", State.NOTE if absent else State.OK, present, remedy)


def _extras(requirements: "list[Requirement]") -> dict[str, bool]:
    """Tell for each extra whether all its requirements are installed."""
    names = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    return {
        name: all(
            _fits(each, _version(each.name))
            for each in requirements
            if each.marker and each.marker.evaluate({"extra": name})
        )
        for name in names
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _fits(requirement: "Requirement", version: str | None) -> bool:
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def _device() -> Iterator[Finding]:
    import torch

    if torch.cuda.is_available():
        names = ", ".join(map(torch.cuda.get_device_name, range(torch.cuda.device_count())))
        yield Finding("device", State.OK, f"GPU: {names}; CUDA {torch.version.cuda}")
    elif shutil.which("nvidia-smi") and not torch.version.cuda:
        remedy = "for the GPU, install a CUDA build of torch as pytorch.org says"
        yield Finding("device", State.NOTE, "CPU: there is nvidia-smi, torch has no CUDA", remedy)
    else:
        yield Finding("device", State.OK, "CPU")


def _cores() -> Iterator[Finding]:
    from denovo.processes import n_cores

    limit = os.environ.get("OMP_NUM_THREADS")
    unset = "OMP_NUM_THREADS is not set; 1 trains faster where other programs keep the cores busy"
    threads = f"OMP_NUM_THREADS={limit}" if limit else unset
    yield Finding("cores", State.OK, f"{n_cores()} of {os.cpu_count()} are available; {threads}")


def _memory() -> Iterator[Finding]:
    from denovo.processes import n_cores

    available = _available_memory()
    n_workers = min(n_cores(), int((available - NEEDED_MEMORY) // MEMORY_OF_A_WORKER) + 1)
    found = f"{available / _GB:.1f} GB free"
    if available < NEEDED_MEMORY:
        remedy = f"free {NEEDED_MEMORY / _GB:.0f} GB, or close other programs"
        yield Finding("memory", State.MISSING, found, remedy)
    else:
        yield Finding("memory", State.OK, f"{found}, enough for --workers {n_workers}")


def _available_memory() -> int:
    meminfo, limit = Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max")
    if not meminfo.is_file():  # not Linux: all memory of the machine
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    fields = dict(line.split(":") for line in meminfo.read_text().splitlines())
    available = int(fields["MemAvailable"].split()[0]) * 1024
    of_container = limit.read_text().strip() if limit.is_file() else "max"
    return available if of_container == "max" else min(available, int(of_container))


def _folders() -> Iterator[Finding]:
    remedy = "go to a folder that you may write to, or give run_dir= and store_dir= in training"
    yield _folder("this folder", Path.cwd(), State.MISSING, remedy)
    temporary = Path(tempfile.gettempdir())
    yield _folder("temporary files", temporary, State.MISSING, "set TMPDIR to another folder")
    settings = Path(os.environ.get("MPLCONFIGDIR") or Path.home())
    remedy = "set MPLCONFIGDIR to a folder in which matplotlib may keep its list of fonts"
    yield _folder("matplotlib's files", settings, State.NOTE, remedy)


def _folder(what: str, path: Path, state: State, remedy: str) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=path):
            free = shutil.disk_usage(path).free
    except OSError as error:
        return Finding(what, state, f"{path}: {error.strerror}", remedy)
    found = f"{path}: {free / _GB:.1f} GB free"
    if free < NEEDED_DISK:
        return Finding(what, state, found, f"free {NEEDED_DISK / _GB:.0f} GB; or {remedy}")
    return Finding(what, State.OK, found)


def _files() -> Iterator[Finding]:
    from denovo.training.program_files import config_directory, training_program

    lost = [path for path in (config_directory(), training_program()) if not path.exists()]
    if lost:
        raise FileNotFoundError(f"{', '.join(map(str, lost))} not found")
    yield Finding("configuration", State.OK, str(config_directory()))


def _network() -> Iterator[Finding]:
    from denovo.sequencing.networks import load_model

    model = load_model()
    kinds = ", ".join(model.rerankers) or "none"
    yield Finding("network", State.OK, f"{model.path.name}; rescoring: {kinds}")


def _machine_code() -> Finding:
    from denovo.decoding.kernels import mark_unreachable
    from denovo.kernels import machine_code_folder

    folder = machine_code_folder(mark_unreachable)
    if folder is None:
        remedy = "optional: set NUMBA_CACHE_DIR to a folder that can be written"
        return Finding("machine code", State.NOTE, "every process compiles for 10 s", remedy)
    return Finding("machine code", State.OK, f"kept in {folder}")


def _models_of_ms2pip() -> Iterator[Finding]:
    from denovo.chemistry import ResidueAlphabet
    from denovo.simulation.simulator import (
        FOLDER,
        PACKAGED_MODELS,
        STORED_MODELS,
        Ms2pipSimulator,
        files_of,
    )

    alphabet = ResidueAlphabet("check", list("PETIDK"))
    for name in PACKAGED_MODELS:
        Ms2pipSimulator(name).predict(["PEPTIDEK"], [2], alphabet)
    yield Finding("MS2PIP", State.OK, f"{', '.join(PACKAGED_MODELS)} predict")
    yield _machine_code()
    stored = [name for name in STORED_MODELS if all(path.is_file() for path in files_of(name))]
    found = f"{', '.join(stored) or 'none'} in {Path.home() / FOLDER}"
    remedy = f"optional: {', '.join(name for name in STORED_MODELS if name not in stored)}; their "
    remedy += "files are at https://zenodo.org/records/13270668"
    if len(stored) == len(STORED_MODELS):
        yield Finding("further models", State.OK, found)
    else:
        yield Finding("further models", State.NOTE, found, remedy)


_CHECKS = {
    "denovo": _program,
    "libraries": _libraries,
    "device": _device,
    "cores": _cores,
    "memory": _memory,
    "folders": _folders,
    "configuration": _files,
    "network": _network,
    "MS2PIP": _models_of_ms2pip,
}
