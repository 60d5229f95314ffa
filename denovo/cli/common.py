"""Parts that several commands share: options, checks of paths."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import PICTURES
from denovo.errors import InputError

PlotOption = Annotated[Path | None, typer.Option(help="Picture: .png, .svg or .pdf.")]
SqrtIntensityOption = Annotated[
    list[str] | None,
    typer.Option(help="Name of a file, or pattern, that holds square roots of intensities."),
]

MaxQValueOption = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Largest q-value of the search results that count.")
]


def check_plot(path: Path | None, option: str = "--plot") -> None:
    """Refuse a picture whose suffix is not one of `PICTURES`, before anything is computed."""
    if path is not None and path.suffix not in PICTURES:
        raise InputError(f"{option} must end in one of {', '.join(PICTURES)}, got {path}")
