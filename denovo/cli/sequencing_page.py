"""The HTML page of a sequencing run, with what is known of the network's probabilities."""

from pathlib import Path

from denovo.io.predictions import PredictionSpool
from denovo.reports.figures.confidence import draw_reliability
from denovo.reports.figures.gallery import Picture
from denovo.reports.html import write_sequencing_report
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase
from denovo.sequencing import Calibration


def write_page(
    path: Path,
    run: SequencingRun,
    calibration: Calibration | None,
    spool: PredictionSpool,
    showcase: Showcase,
) -> None:
    """Write the page of a run; see `write_sequencing_report`.

    Parameters
    ----------
    path : Path
        The HTML file.
    run : SequencingRun
        What the run says of itself.
    calibration : Calibration or None
        That of the network; one that was measured on held-out spectra is drawn.
    spool : PredictionSpool
        All predictions.
    showcase : Showcase
        Has seen the same predictions.
    """
    pictures = _reliability(calibration, spool)
    write_sequencing_report(path, run, spool, showcase, pictures)


def _reliability(calibration: Calibration | None, spool: PredictionSpool) -> list[Picture]:
    """Draw how well the probabilities of this network hold where the truth is known."""
    found = calibration.reliability if calibration else None
    if found is None:
        return []
    caption = (
        "Above: of simulated noisy spectra that the probabilities were not fitted to, the share "
        "of right answers over their probability. Below: the probabilities of this run."
    )
    figure = draw_reliability(found, spool.probabilities[spool.has_answer])
    return [Picture("reliability", "How far to trust a probability", caption, figure)]
