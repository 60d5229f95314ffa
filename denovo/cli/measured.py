"""Files of measured spectra with peptides, each a set of its own."""

from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import typer

from denovo.chemistry import Vocabulary
from denovo.data import AnnotatedSpectra
from denovo.errors import InputError
from denovo.io import MeasuredSpectrum, expand

Refusal = Callable[[MeasuredSpectrum, list[int]], str | None]

RootedOption = Annotated[
    list[str] | None, typer.Option(help="Name of a file that holds square roots of intensities.")
]


def measured_sets(
    files: list[str],
    vocabulary: Vocabulary,
    rooted: list[str] | None = None,
    refuse: Callable[[Path], Refusal | None] = lambda _: None,
) -> dict[str, AnnotatedSpectra]:
    """Open each file as a set of its own, named as the file is.

    Parameters
    ----------
    files : list of str
        Paths and glob patterns.
    vocabulary : Vocabulary
        What the peptides are written in; spectra with others are left out.
    rooted : list of str or None
        Names of files, or patterns of them, that hold square roots of intensities.
    refuse : callable
        Says for a file which of its spectra are not wanted.

    Raises
    ------
    InputError
        If a file cannot be read, two have the same name, or a name in ``rooted`` fits none.
    """
    paths = expand(files)
    check_named(paths, rooted)
    sets = {
        path.name: AnnotatedSpectra(
            path,
            vocabulary,
            unsupported="skip",
            intensity_power=2.0 if is_named(path, rooted) else 1.0,
            refuse=refuse(path),
        )
        for path in paths
    }
    if len(sets) < len(paths):
        raise InputError("two files have the same name; rename one, or read them one by one")
    return sets


def is_named(path: Path, patterns: list[str] | None) -> bool:
    """Tell whether one of the names or patterns is that of a file."""
    return any(fnmatch(path.name, Path(pattern).name) for pattern in patterns or ())


def check_named(paths: list[Path], patterns: list[str] | None) -> None:
    """Refuse names that fit no file.

    Raises
    ------
    InputError
        If there is one.
    """
    for pattern in patterns or ():
        if not any(is_named(path, [pattern]) for path in paths):
            raise InputError(f"{pattern} names none of the files; give the name of one of them")
