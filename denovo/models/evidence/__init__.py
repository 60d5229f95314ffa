"""A sequencer that is shown, for every candidate residue, what the spectrum says about it."""

from denovo.models.evidence.features import FragmentEvidence, ImmoniumEvidence
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.evidence.sequencer import EvidenceSequencer

__all__ = ["EvidenceSequencer", "FragmentEvidence", "ImmoniumEvidence", "PeakLookup"]
