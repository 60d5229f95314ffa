"""What annotated spectra are made of: which ions, how high, how well calibrated."""

from denovo.evaluation.spectrum_statistics.measure import characterise
from denovo.evaluation.spectrum_statistics.summary import PARTS, Characteristics

__all__ = ["PARTS", "Characteristics", "characterise"]
