"""Files: reading measured spectra, and writing without leaving anything half done."""

from denovo.io.files import atomic_path, write_text
from denovo.io.mgf import MeasuredSpectrum, read_mgf

__all__ = ["MeasuredSpectrum", "atomic_path", "read_mgf", "write_text"]
