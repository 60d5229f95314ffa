"""A run, of training, sequencing or measuring, as one HTML file that only needs a browser."""

from denovo.html.evaluation import write_evaluation_report
from denovo.html.page import REPORT, write_report
from denovo.html.sequencing import SequencingRun, write_sequencing_report
from denovo.html.showcase import Showcase
from denovo.html.sim2real import write_sim2real_report

__all__ = [
    "REPORT",
    "SequencingRun",
    "Showcase",
    "write_evaluation_report",
    "write_report",
    "write_sequencing_report",
    "write_sim2real_report",
]
