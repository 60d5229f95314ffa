"""A sequencer that predicts the whole peptide at once and refines it over several steps."""

from denovo.models.recursive.sequencer import RecursiveSequencer

__all__ = ["RecursiveSequencer"]
