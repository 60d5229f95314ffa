"""De novo peptide sequencing, trained on predicted spectra."""

from importlib.metadata import version

__version__ = version("denovo")
