"""Data: from proteins to batches of spectra."""

from denovo.data.annotated import AnnotatedSpectra
from denovo.data.augment import distort
from denovo.data.batches import BatchPlan
from denovo.data.datamodule import SequencingData, prepare_batch
from denovo.data.digest import Digest
from denovo.data.precursors import Precursors
from denovo.data.proteins import FastaProteome, SyntheticProteome
from denovo.data.recipe import Recipe
from denovo.data.simulated import SimulatedSpectra
from denovo.data.simulator import Ms2pipSimulator
from denovo.data.source import SpectrumSource
from denovo.data.sources import AnnotatedData, AnnotatedSources, SimulatedSources
from denovo.data.store import SpectrumStore, build_store

__all__ = [
    "AnnotatedData",
    "AnnotatedSources",
    "AnnotatedSpectra",
    "BatchPlan",
    "Digest",
    "FastaProteome",
    "Ms2pipSimulator",
    "Precursors",
    "Recipe",
    "SequencingData",
    "SimulatedSources",
    "SimulatedSpectra",
    "SpectrumSource",
    "SpectrumStore",
    "SyntheticProteome",
    "build_store",
    "distort",
    "prepare_batch",
]
