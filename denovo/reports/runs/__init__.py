"""Readers of run folders: configuration, metrics, events, examples."""

from denovo.reports.runs.events import StageSpan, TripwireEvent, stages_of, tripwires_of
from denovo.reports.runs.example import (
    EXAMPLE_HEADINGS,
    Example,
    ExampleSet,
    ReadResidue,
    Refinement,
    read_examples,
    write_examples,
)
from denovo.reports.runs.run import Run

__all__ = [
    "EXAMPLE_HEADINGS",
    "Example",
    "ExampleSet",
    "ReadResidue",
    "Refinement",
    "Run",
    "StageSpan",
    "TripwireEvent",
    "read_examples",
    "stages_of",
    "tripwires_of",
    "write_examples",
]
