"""Files of predictions (mzTab, CSV, TSV, Parquet) and of rejected entries."""

from denovo.io.predictions.columns import (
    SCHEMA,
    RunRecord,
    further_columns_of,
    to_batches,
)
from denovo.io.predictions.extended import (
    further_columns,
    read_batches,
    read_settings,
    write_extended,
)
from denovo.io.predictions.mztab import ProteinSection
from denovo.io.predictions.outputs import (
    SUFFIXES,
    check_apart,
    check_folder,
    check_outputs,
    read_predictions,
    write_predictions,
)
from denovo.io.predictions.parts import (
    Part,
    PartFolder,
    open_parts,
    partial_outputs,
)
from denovo.io.predictions.programs import ProgramAnswer, ProgramFile, read_program
from denovo.io.predictions.rejected import open_rejected
from denovo.io.predictions.shards import Shard, gather_parts
from denovo.io.predictions.tables import TABLE_SUFFIXES, write_table

__all__ = [
    "SCHEMA",
    "SUFFIXES",
    "TABLE_SUFFIXES",
    "Part",
    "PartFolder",
    "ProgramAnswer",
    "ProgramFile",
    "ProteinSection",
    "RunRecord",
    "Shard",
    "check_apart",
    "check_folder",
    "check_outputs",
    "further_columns",
    "further_columns_of",
    "gather_parts",
    "open_parts",
    "open_rejected",
    "partial_outputs",
    "read_batches",
    "read_predictions",
    "read_program",
    "read_settings",
    "to_batches",
    "write_extended",
    "write_predictions",
    "write_table",
]
