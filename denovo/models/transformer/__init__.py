"""An encoder-decoder transformer, the baseline of the comparisons."""

from denovo.models.transformer.sequencer import TransformerSequencer

__all__ = ["TransformerSequencer"]
