"""What annotated spectra are made of: which ions, how high, how well calibrated."""

from denovo.evaluation.spectrum_statistics.measure import measure_spectra
from denovo.evaluation.spectrum_statistics.summary import PARTS, SpectrumStatistics

__all__ = ["PARTS", "SpectrumStatistics", "measure_spectra"]
