"""Shape aliases and the legend of axis names.

Axis names used in every shape annotation of the package:

========== =====================================================================
``batch``  spectra of one batch
``peak``   measured peaks of a spectrum, padded to the longest of the batch
``length`` positions of a peptide: its residues, then EOS, then padding
``vocab``  tokens of the vocabulary
``step``   refinement steps of a sequencer (1 for autoregressive ones)
``site``   cleavage sites of a peptide (number of residues minus one)
``ion``    ion types (series, charge, neutral loss)
``beam``   hypotheses kept per spectrum
========== =====================================================================

Shapes are checked in the test run (``--jaxtyping-packages=denovo,beartype.beartype``) and cost
nothing otherwise.
"""

from jaxtyping import Bool, Float, Float32, Float64, Int, Shaped, UInt8, UInt16, UInt32
from numpy import ndarray
from torch import Tensor

__all__ = [
    "Bool",
    "Float",
    "Float32",
    "Float64",
    "Int",
    "Shaped",
    "Tensor",
    "UInt8",
    "UInt16",
    "UInt32",
    "ndarray",
]
