"""Files of predictions (mzTab, CSV, TSV, Parquet) and of rejected entries."""

from denovo.io.predictions.columns import SCHEMA, RunRecord, to_batches
from denovo.io.predictions.outputs import (
    SUFFIXES,
    check_folder,
    check_outputs,
    read_predictions,
    write_predictions,
)
from denovo.io.predictions.rejected import RejectedEntries, open_rejected
from denovo.io.predictions.spool import PredictionSpool

__all__ = [
    "SCHEMA",
    "SUFFIXES",
    "PredictionSpool",
    "RejectedEntries",
    "RunRecord",
    "check_folder",
    "check_outputs",
    "open_rejected",
    "read_predictions",
    "to_batches",
    "write_predictions",
]
