"""What the peaks of a spectrum say about a peptide that may be in it."""

from denovo.explanation.explainer import FRAGMENT_TOLERANCE, Explainer, Explanation
from denovo.explanation.matches import IONS, FragmentMatches, match_fragments, padded
from denovo.explanation.peaks import PeakIndex

__all__ = [
    "FRAGMENT_TOLERANCE",
    "IONS",
    "Explainer",
    "Explanation",
    "FragmentMatches",
    "PeakIndex",
    "match_fragments",
    "padded",
]
