"""Training that goes on from trained weights on spectra with known peptides."""

from denovo.finetuning.comparison import compare, comparison_table, write_comparison
from denovo.finetuning.start import begin, starting_network

__all__ = ["begin", "compare", "comparison_table", "starting_network", "write_comparison"]
