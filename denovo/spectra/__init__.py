"""Spectra: records of measured and batched spectra, and fragments matched to their peaks."""
