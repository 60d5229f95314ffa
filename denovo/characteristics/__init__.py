"""What annotated spectra are made of: which ions, how high, how well calibrated."""

from denovo.characteristics.measure import characterise
from denovo.characteristics.summary import PARTS, Characteristics

__all__ = ["PARTS", "Characteristics", "characterise"]
