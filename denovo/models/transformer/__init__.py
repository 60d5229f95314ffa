"""A plain encoder-decoder transformer, the baseline every figure is compared with."""

from denovo.models.transformer.sequencer import TransformerSequencer

__all__ = ["TransformerSequencer"]
