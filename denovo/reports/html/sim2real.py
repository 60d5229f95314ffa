"""The page of a comparison of simulated and measured spectra."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from denovo.evaluation.measurement import Measurement
from denovo.evaluation.set_scores import POOLED
from denovo.evaluation.sets import CLEAN, Kind
from denovo.evaluation.tables import tables_of
from denovo.io.files import write_text
from denovo.reports.html.evaluation import contender_pictures, gap_picture
from denovo.reports.html.rendering import fill, inline
from denovo.reports.html.tables import Table


def write_sim2real_report(
    path: str | Path, measurements: Sequence[Measurement], chosen: Mapping[str, Any]
) -> None:
    """Write the page.

    Parameters
    ----------
    path : str or Path
        The HTML file.
    measurements : sequence of Measurement
        Of one contender or several, the first being the one that others are compared to.
    chosen : mapping
        Files and settings, shown as text.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    contenders = [
        {
            "name": measurement.name,
            "lead": _lead(measurement),
            "notes": [measurement.exposure.sentence, *measurement.notes],
            "tables": list(tables_of(measurement)),
            "pictures": [inline(picture) for picture in contender_pictures(measurement)],
        }
        for measurement in measurements
    ]
    rows = [(name, str(value)) for name, value in chosen.items()]
    page = fill(
        "sim2real.html.j2",
        gap=inline(gap_picture(measurements)),
        contenders=contenders,
        settings=Table(("setting", "value"), (*rows, ("denovo", version("denovo")))),
    )
    write_text(path, page)


def _lead(measurement: Measurement) -> str:
    pooled = measurement.named(Kind.MEASURED, POOLED)
    clean = measurement.named(Kind.SIMULATED, CLEAN)
    assert pooled is not None, "there are measured sets"
    read = pooled.figures["peptide_recall"]
    lead = f"{read:.1%} of {len(pooled.rows):,} measured spectra are read right"
    beside = f", {clean.figures['peptide_recall']:.1%} of the clean simulated ones" if clean else ""
    return f"{lead}{beside}."
