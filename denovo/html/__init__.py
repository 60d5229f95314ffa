"""A run, of training or of sequencing, as one HTML file that needs nothing but a browser."""

from denovo.html.page import REPORT, write_report
from denovo.html.sequencing import SequencingRun, write_sequencing_report
from denovo.html.showcase import Showcase

__all__ = ["REPORT", "SequencingRun", "Showcase", "write_report", "write_sequencing_report"]
