"""Self-contained HTML pages of trainings, sequencing runs, evaluations, mappings and searches."""

from denovo.reports.html.evaluation import write_evaluation_report
from denovo.reports.html.mapping import write_mapping_report
from denovo.reports.html.search import write_search_report
from denovo.reports.html.sequencing import write_sequencing_report
from denovo.reports.html.training import REPORT, write_report

__all__ = [
    "REPORT",
    "write_evaluation_report",
    "write_mapping_report",
    "write_report",
    "write_search_report",
    "write_sequencing_report",
]
