"""Data: sources of spectra, and batches that are functions of the step."""

from denovo.data.annotated import AnnotatedSpectra
from denovo.data.batches import BatchPlan, SpectrumSource
from denovo.data.datamodule import SequencingData, prepare_batch
from denovo.data.fine_tuning import FineTuningData
from denovo.data.shuffled_peaks import shuffle_peaks, shuffled_partners
from denovo.data.sources import AnnotatedData, AnnotatedSources, SimulatedSources
from denovo.noise import distort
from denovo.simulation.predicted import predict_spectra
from denovo.simulation.simulated import SimulatedSpectra
from denovo.spectra.batch import batch_of

__all__ = [
    "AnnotatedData",
    "AnnotatedSources",
    "AnnotatedSpectra",
    "BatchPlan",
    "FineTuningData",
    "SequencingData",
    "SimulatedSources",
    "SimulatedSpectra",
    "SpectrumSource",
    "batch_of",
    "distort",
    "predict_spectra",
    "prepare_batch",
    "shuffle_peaks",
    "shuffled_partners",
]
