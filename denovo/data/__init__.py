"""Data: sources of spectra, and batches that are functions of the step."""

from denovo.data.annotated import AnnotatedSpectra
from denovo.data.batches import BatchPlan
from denovo.data.datamodule import SequencingData, prepare_batch
from denovo.data.exchange import ExchangedSpectra, exchange_partners, exchange_peaks
from denovo.data.measured import batch_of
from denovo.data.mixed import FineTuningData
from denovo.data.predicted import predict_spectra
from denovo.data.realism import distort
from denovo.data.simulated import SimulatedSpectra
from denovo.data.source import SpectrumSource
from denovo.data.sources import AnnotatedData, AnnotatedSources, SimulatedSources

__all__ = [
    "AnnotatedData",
    "AnnotatedSources",
    "AnnotatedSpectra",
    "BatchPlan",
    "ExchangedSpectra",
    "FineTuningData",
    "SequencingData",
    "SimulatedSources",
    "SimulatedSpectra",
    "SpectrumSource",
    "batch_of",
    "distort",
    "exchange_partners",
    "exchange_peaks",
    "predict_spectra",
    "prepare_batch",
]
