"""Run folders, read back."""

from denovo.runs.events import StageSpan, Tripwire, stages_of, tripwires_of
from denovo.runs.example import (
    EXAMPLE_HEADINGS,
    Example,
    ExampleSet,
    ReadResidue,
    Refinement,
    read_examples,
    write_examples,
)
from denovo.runs.run import Run

__all__ = [
    "EXAMPLE_HEADINGS",
    "Example",
    "ExampleSet",
    "ReadResidue",
    "Refinement",
    "Run",
    "StageSpan",
    "Tripwire",
    "read_examples",
    "stages_of",
    "tripwires_of",
    "write_examples",
]
