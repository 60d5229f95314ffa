"""Options of commands that sequence spectra: one for each field of `SequencingSettings`."""

import inspect
import re
from collections.abc import Callable, Collection
from dataclasses import fields
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from denovo.choices import NETWORKS, Engine
from denovo.errors import InputError, exit_with_message
from denovo.processes import check_cores
from denovo.sequencing.settings import PROTEOME_FIELDS, SequencingSettings

_SHELF = ", ".join(f"{name} ({reads})" for name, reads in NETWORKS.items())
NETWORK_HELP = (
    f"Network of the package: {_SHELF}; or a checkpoint of train.py, or a network that denovo "
    "export wrote."
)
NETWORK_OPTIONS = ("--network", "--checkpoint")
NetworkOption = Annotated[Path | None, typer.Option(*NETWORK_OPTIONS, help=NETWORK_HELP)]
ThreadsOption = Annotated[
    int,
    typer.Option(help="CPU threads. More threads help large networks, and slow busy machines."),
]
N_THREADS = 1
"""A step of a beam computes so little that threads mostly wait for each other: on two idle cores, a
second thread saved a sixth of the time; on busy ones, it took fifteen times as long."""
DASK_ADDRESS = "127.0.0.1:8786"
"""Where the scheduler of Dask listens by default, on this machine alone."""
_ADDRESS = re.compile(r"(?:tcp://|tls://)?(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}")
_SPELLED = {"n_candidates": "candidates"}
_HELP = re.compile(r"^(\w+) : .*\n((?: {4}.*\n?)+)", re.MULTILINE)


def with_sequencing_settings(
    without: Collection[str] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option to a command for each field of `SequencingSettings`, except those ``without``.

    Those of a proteome and a dataset are left out, too.

    Names, types and defaults are those of the fields, and the help is their description. The
    command receives all of them as its argument ``settings``.
    """
    left_out = {*without, *PROTEOME_FIELDS, "dataset"}
    known = [field for field in fields(SequencingSettings) if field.name not in left_out]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command).parameters
        names = [field.name for field in known]

        @wraps(command)
        def called(**values: Any) -> None:
            with exit_with_message():
                settings = settings_of_options(**{name: values.pop(name) for name in names})
            command(settings=settings, **values)

        parameters = [own[name] for name in own if name != "settings"]
        parameters += [_option(field.name, field.default) for field in known]
        called.__signature__ = inspect.Signature(parameters)  # pyright: ignore
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return decorate


def settings_of_options(**typed: Any) -> SequencingSettings:
    """Turn options as they are typed, lists of numbers as text such as ``"0,1"``, into settings."""
    lists = {field.name for field in fields(SequencingSettings) if isinstance(field.default, tuple)}
    for name in lists & typed.keys():
        typed[name] = whole_numbers(typed[name], f"--{name.replace('_', '-')}")
    return SequencingSettings(**typed)


def whole_numbers(text: str, option: str) -> tuple[int, ...]:
    """Read whole numbers separated by commas, each once; ``option`` is named in the error.

    Examples
    --------
    >>> whole_numbers("2,3", "--charges")
    (2, 3)
    """
    parts = text.split(",")
    if not all(re.fullmatch(r"\s*[+-]?[0-9]{1,6}\s*", part) for part in parts):
        raise InputError(
            f"{option} must be whole numbers separated by commas, such as 0,1, got {text!r}"
        )
    return tuple(dict.fromkeys(int(part) for part in parts))


def use_threads(threads: int) -> None:
    """Compute on a number of threads of the CPU, at most the number of available cores."""
    check_cores("--threads", threads)
    import torch  # late: takes seconds, and errors in options are to be shown at once

    torch.set_num_threads(threads)


def scheduler_of(engine: Engine, address: str | None, n_workers: int | None) -> str | None:
    """Return the address of the scheduler that sequences; None for this machine."""
    if engine is Engine.LOCAL:
        if address is not None:
            raise InputError("--address goes with --engine dask; give both or neither")
        return None
    if n_workers is not None:
        raise InputError("--workers goes with --engine local; a Dask cluster has its own workers")
    if address is not None and not _ADDRESS.fullmatch(address):
        raise InputError(f"--address must be HOST:PORT, such as {DASK_ADDRESS}, got {address!r}")
    if find_spec("distributed") is None:
        raise InputError("--engine dask needs Dask; run `pip install 'denovo-ms[dask]'`")
    return address or DASK_ADDRESS


def _option(name: str, default: Any) -> inspect.Parameter:
    kind: Any = type(default)
    if isinstance(default, tuple):
        kind, default = str, ",".join(map(str, default))
    spelled = f"--{_SPELLED.get(name, name).replace('_', '-')}"
    option = typer.Option(spelled, help=help_of(name))
    annotation: Any = Annotated[kind, option]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, default=default, annotation=annotation)


def help_of(name: str) -> str:
    """Return the description of a field in the docstring of the settings."""
    described = dict(_HELP.findall(inspect.getdoc(SequencingSettings) or ""))
    return " ".join(described.get(name, "").replace("``", "").split())
