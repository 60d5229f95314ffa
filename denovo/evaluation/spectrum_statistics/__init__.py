"""Statistics of annotated spectra: kinds of ions, intensities, calibration, site coverage."""

from denovo.evaluation.spectrum_statistics.measure import measure_groups, measure_spectra
from denovo.evaluation.spectrum_statistics.summary import PARTS, SpectrumStatistics

__all__ = ["PARTS", "SpectrumStatistics", "measure_groups", "measure_spectra"]
