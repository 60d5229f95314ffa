"""A sequencer that is not trained: a spectrum graph, and the odds of what stands at its sites."""

from denovo.models.spectrum_graph.sequencer import SpectrumGraphSequencer

__all__ = ["SpectrumGraphSequencer"]
