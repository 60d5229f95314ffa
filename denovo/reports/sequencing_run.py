"""Facts about a sequencing run that the console and the page show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from denovo.io.predictions import RunRecord
from denovo.metrics import Reliability
from denovo.metrics.sources import SourceRun


@dataclass(frozen=True)
class SequencingRun:
    """Facts about a sequencing run.

    Parameters
    ----------
    record : RunRecord
        Files, settings, version and alphabet, as in its outputs.
    device : str
        Device of the network.
    rejected : mapping of str to int
        Number of entries that could not be sequenced, by reason, as in `RejectedEntries`.
    reliability : Reliability or None
        Reliability of the probabilities of the network on simulated noisy spectra; None if it was
        not measured.
    proteome : SourceRun or None
        Sources of the answers, if there was a proteome.
    hint : str
        Which network reads the spectra, if the one of the run was not trained for them.
    """

    record: RunRecord
    device: str
    rejected: Mapping[str, int] = field(default_factory=dict)
    reliability: Reliability | None = None
    proteome: SourceRun | None = None
    hint: str = ""
