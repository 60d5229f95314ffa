"""What a sequencing run says of itself, on the console and on its page."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from denovo.io.predictions import RunRecord


@dataclass(frozen=True)
class SequencingRun:
    """What a sequencing run says of itself.

    Parameters
    ----------
    record : RunRecord
        Files, settings, version and alphabet, as they stand in its outputs.
    device : str
        What it ran on.
    rejected : mapping of str to int
        Entries that could not be sequenced, by reason; what a `RejectedEntries` has counted.
    """

    record: RunRecord
    device: str
    rejected: Mapping[str, int] = field(default_factory=dict)
