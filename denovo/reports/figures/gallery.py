"""Pictures of a run with titles and captions, and pictures as files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.text import Text

from denovo.io import encodable, write_bytes
from denovo.reports.figures.curves import (
    draw_gradient_shares,
    draw_learning_curves,
    draw_ppm_error,
    draw_recall_by_length,
)
from denovo.reports.figures.refinement import draw_refinement
from denovo.reports.figures.spectrum import draw_example
from denovo.reports.figures.style import shortened, style
from denovo.reports.runs import Example, Run

_MAX_TITLE = 48
"""Largest number of letters of a peptide in a heading; the caption has all of it."""


@dataclass(frozen=True)
class Picture:
    """A figure with texts.

    Parameters
    ----------
    name : str
        Part of file names and logged names.
    title : str
        Heading.
    caption : str
        Description of the figure, also its alternative text.
    figure : Figure
        The figure.
    """

    name: str
    title: str
    caption: str
    figure: Figure


CURVES: dict[str, tuple[Callable[[Run], Figure | None], str, str]] = {
    "ppm_error": (
        draw_ppm_error,
        "Precursor mass error",
        "Median error of the precursor mass over the steps, soft (of the expected mass) and "
        "decoded (of the decoded peptide). Dotted lines: stages of the curriculum; "
        "dashed: 10 and 100 ppm. Errors below 0.01 ppm are drawn there.",
    ),
    "learning_curves": (
        draw_learning_curves,
        "Learning curves",
        "Token loss on training batches, and peptide recall on validation spectra that are clean "
        "and noisy.",
    ),
    "recall_by_length": (
        draw_recall_by_length,
        "Recall by peptide length",
        "Peptide recall on validation spectra over the steps, a curve for each range of lengths.",
    ),
    "gradient_shares": (
        draw_gradient_shares,
        "Gradient shares",
        "Gradient of each weighted loss term: its norm, its share of the sum of norms, and its "
        "cosine to that of the token loss; the norm alone if the loss has one term.",
    ),
}
"""Function, title and caption of each picture over the steps of a run."""


def curve_pictures(run: Run) -> Iterator[Picture]:
    """Yield the pictures over the steps of a run whose figures were logged."""
    for name, (draw, title, caption) in CURVES.items():
        figure = draw(run)
        if figure is not None:
            yield Picture(name, title, caption, figure)


def example_picture(example: Example) -> Picture:
    """Draw an example spectrum."""
    verdict = "Right" if example.is_right else "Wrong"
    caption = (
        f"{verdict} answer: {example.prediction or 'no residue'}, truth {example.truth}, charge "
        f"{example.precursor_charge}, precursor at m/z {example.precursor_mz:.4f}, mass error of "
        f"the answer {example.ppm_error:+,.1f} ppm. Coloured peaks: b and y ions of the answer."
    )
    title = f"{verdict}: {shortened(example.truth, _MAX_TITLE)}"
    return Picture("example", title, caption, draw_example(example))


def refinement_picture(example: Example) -> Picture | None:
    """Draw the refinement trace of an example, if it has one."""
    figure = draw_refinement(example)
    if figure is None:
        return None
    caption = (
        f"Most probable residues after each of {len(example.refinements)} refinement steps for "
        f"{example.truth}, before decoding with the precursor mass. Red and bold: "
        "wrong; framed: changed by this step."
    )
    title = f"Refinement of {shortened(example.truth, _MAX_TITLE)}"
    return Picture("refinement", title, caption, figure)


def write_picture(path: Path, figure: Figure) -> None:
    """Write a figure atomically, in the format of the suffix of its file, one of `PICTURES`.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    write_bytes(path, encode(figure, path.suffix.removeprefix(".")))


def encode(figure: Figure, kind: str) -> bytes:
    """Encode a figure as ``png``, ``svg`` or ``pdf``.

    Letters are paths, PNG and rasterised points have 200 dpi, and no file holds a time.
    """
    content = BytesIO()
    # Matplotlib creates some labels only here, with the current settings.
    with style():
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            text.set_text(encodable(text.get_text()))
        figure.savefig(content, format=kind, dpi=200, metadata=_TIMES.get(kind))
    return content.getvalue()


_TIMES = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""Metadata that Matplotlib would write otherwise."""
