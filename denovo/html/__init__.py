"""A run as one HTML file that needs nothing but a browser."""

from denovo.html.page import REPORT, write_report

__all__ = ["REPORT", "write_report"]
