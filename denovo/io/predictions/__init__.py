"""Files of predictions: mzTab, CSV, TSV and Parquet, and the ledger of what was not sequenced."""

from denovo.io.predictions.columns import SCHEMA, to_batches
from denovo.io.predictions.ledger import Ledger, open_ledger
from denovo.io.predictions.outputs import (
    SUFFIXES,
    check_folder,
    check_outputs,
    read_predictions,
    write_predictions,
)
from denovo.io.predictions.run import RunRecord
from denovo.io.predictions.spool import PredictionSpool

__all__ = [
    "SCHEMA",
    "SUFFIXES",
    "Ledger",
    "PredictionSpool",
    "RunRecord",
    "check_folder",
    "check_outputs",
    "open_ledger",
    "read_predictions",
    "to_batches",
    "write_predictions",
]
