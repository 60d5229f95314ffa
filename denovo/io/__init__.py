"""Readers of measured spectra, files of predictions, and atomic writing of files."""

from denovo.io.atomic_outputs import together
from denovo.io.files import atomic_path, encodable, write_bytes, write_text
from denovo.io.finding import find_spectrum
from denovo.io.reading import expand, open_spectra
from denovo.spectra.measured import MeasuredSpectrum

__all__ = [
    "MeasuredSpectrum",
    "atomic_path",
    "encodable",
    "expand",
    "find_spectrum",
    "open_spectra",
    "together",
    "write_bytes",
    "write_text",
]
