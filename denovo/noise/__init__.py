"""Realism: what an instrument makes of a predicted spectrum, in parts of settable strength."""

from denovo.noise.distort import ADDITIONS, distort

__all__ = ["ADDITIONS", "distort"]
