"""Predictions in the formats of other programs."""

from denovo.io.exchange.formats import Output, choose_formats, write_outputs
from denovo.io.exchange.source import Source, read_source

__all__ = ["Output", "Source", "choose_formats", "read_source", "write_outputs"]
