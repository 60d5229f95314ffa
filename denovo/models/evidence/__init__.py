"""A sequencer whose input is the evidence of the spectrum for every candidate residue."""

from denovo.models.evidence.features import FragmentEvidence, ImmoniumEvidence
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.evidence.sequencer import EvidenceSequencer

__all__ = ["EvidenceSequencer", "FragmentEvidence", "ImmoniumEvidence", "PeakLookup"]
