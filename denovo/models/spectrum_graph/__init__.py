"""A sequencer without training: a spectrum graph with odds of the ions at its sites."""

from denovo.models.spectrum_graph.sequencer import SpectrumGraphSequencer

__all__ = ["SpectrumGraphSequencer"]
