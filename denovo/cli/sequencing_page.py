"""The HTML page of a sequencing run, with what is known of the network's probabilities."""

from pathlib import Path

from denovo.io.predictions import PartFolder
from denovo.metrics import Reliability
from denovo.reports.figures.confidence import draw_reliability
from denovo.reports.figures.gallery import Picture
from denovo.reports.html import write_sequencing_report
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase


def write_page(
    path: Path,
    run: SequencingRun,
    reliability: Reliability | None,
    parts: PartFolder,
    showcase: Showcase,
) -> None:
    """Write the page of a run; see `write_sequencing_report`.

    Parameters
    ----------
    path : Path
        The HTML file.
    run : SequencingRun
        What the run says of itself.
    reliability : Reliability or None
        How well the probabilities of the network hold, where that was measured; drawn then.
    parts : PartFolder
        All predictions.
    showcase : Showcase
        Has seen the same predictions.
    """
    pictures = _reliability(reliability, parts)
    write_sequencing_report(path, run, parts, showcase, pictures)


def _reliability(found: Reliability | None, parts: PartFolder) -> list[Picture]:
    """Draw how well the probabilities of this network hold where the truth is known."""
    if found is None:
        return []
    caption = (
        "Above: of simulated noisy spectra that the probabilities were not fitted to, the share "
        "of right answers over their probability. Below: the probabilities of this run."
    )
    figure = draw_reliability(found, parts.probabilities[parts.has_answer])
    return [Picture("reliability", "How far to trust a probability", caption, figure)]
