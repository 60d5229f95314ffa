"""Noise: distortions that an instrument adds to predicted spectra, each of adjustable strength."""

from denovo.noise.distort import ADDITIONS, distort

__all__ = ["ADDITIONS", "distort"]
