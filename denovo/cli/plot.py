"""Pictures that commands write."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.errors import InputError
from denovo.figures.gallery import PICTURES

PlotOption = Annotated[Path | None, typer.Option(help="Picture: .png, .svg or .pdf.")]


def check_plot(path: Path | None, option: str = "--plot") -> None:
    """Refuse a picture of an unknown kind, before anything is computed or printed.

    Parameters
    ----------
    path : Path or None
        What the option was; None if no picture is asked for.
    option : str
        What it is called.

    Raises
    ------
    InputError
        If it does not end in one of `PICTURES`.
    """
    if path is not None and path.suffix not in PICTURES:
        raise InputError(f"{option} must end in one of {', '.join(PICTURES)}, got {path}")
