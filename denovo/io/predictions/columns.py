"""The columns of every file of predictions: the one place that says what they are."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa

from denovo.io.predictions import cells
from denovo.io.predictions.cells import CellFormat
from denovo.spectra.prediction import ChargeSource, Prediction, Status


class Column(NamedTuple):
    """A column, with the value of a `Prediction` that stands in it.

    Parameters
    ----------
    name : str
        Name in CSV and Parquet, and the attribute of a `Prediction` that is written.
    kind : CellFormat
        How values are stored.
    mztab : str
        Name in the PSM section of mzTab.
    parameter : str
        Parameter of a `Prediction` that it is read back as, ``name`` where it is empty.
    is_late : bool
        Whether files of version 0.1.0 lack it; they are read without.
    """

    name: str
    kind: CellFormat
    mztab: str
    parameter: str = ""
    is_late: bool = False


# `opt_global_aa_scores` and the ProForma column are named as Casanovo 5.2 names them, so that what
# reads its files reads ours. MS:1002354 and MS:1003169 stand in the PSI-MS vocabulary.
COLUMNS = (
    Column("file", cells.TEXT, ""),
    Column("index", cells.INTEGER, "opt_global_index"),
    Column("native_id", cells.TEXT, ""),
    Column("title", cells.TEXT, "opt_global_title"),
    Column("scan", cells.INTEGER, "opt_global_scan", is_late=True),
    Column("retention_time", cells.NUMBER, "retention_time"),
    Column("precursor_mz", cells.NUMBER, "exp_mass_to_charge"),
    Column("precursor_charge", cells.INTEGER, "charge"),
    Column("charge_source", cells.enumeration(ChargeSource), "opt_global_charge_source"),
    Column("activation", cells.OPTIONAL_TEXT, "opt_global_activation", is_late=True),
    Column("analyzer", cells.OPTIONAL_TEXT, "opt_global_analyzer", is_late=True),
    Column("status", cells.enumeration(Status), "opt_global_status"),
    Column(
        "peptide",
        cells.OPTIONAL_TEXT,
        "opt_global_cv_MS:1003169_proforma_peptidoform_sequence",
    ),
    Column("probability", cells.NUMBER, "search_engine_score[1]"),
    Column("q_value", cells.NUMBER, "opt_global_cv_MS:1002354_PSM-level_q-value"),
    Column("log_probability", cells.NUMBER, "search_engine_score[2]"),
    Column("residue_scores", cells.SCORES, "opt_global_aa_scores"),
    Column("peptide_mz", cells.NUMBER, "calc_mass_to_charge"),
    Column("ppm_error", cells.NUMBER, "opt_global_ppm_error"),
    Column("isotope_error", cells.INTEGER, "opt_global_isotope_error"),
    Column("constraint_cost", cells.NUMBER, "opt_global_constraint_cost"),
    Column("unconstrained_peptide", cells.OPTIONAL_TEXT, "opt_global_unconstrained_peptide"),
    Column("site_coverage", cells.NUMBER, "opt_global_site_coverage"),
    Column("explained_intensity", cells.NUMBER, "opt_global_explained_intensity"),
    Column("ambiguity", cells.REGIONS, "opt_global_ambiguity", "ambiguous"),
    Column("alternatives", cells.ALTERNATIVES, "opt_global_alternatives"),
    Column("note", cells.OPTIONAL_TEXT, "opt_global_note", is_late=True),
)
"""In the order in which they stand; those without an mzTab name are part of its ``spectra_ref``."""
NAMES = tuple(column.name for column in COLUMNS)
REQUIRED_NAMES = frozenset(column.name for column in COLUMNS if not column.is_late)
"""Of the columns without which a file cannot be read."""
SCHEMA = pa.schema([(column.name, column.kind.arrow) for column in COLUMNS])
BATCH_SIZE = 4096
"""Predictions that are held in memory at a time."""


def to_batches(predictions: Iterable[Prediction]) -> Iterator[pa.RecordBatch]:
    """Put predictions into Arrow tables of `SCHEMA`, as many at a time as fit in a few MB."""
    rest = iter(predictions)
    while rows := list(islice(rest, BATCH_SIZE)):
        yield to_batch(rows)


def to_batch(rows: Sequence[Prediction]) -> pa.RecordBatch:
    """Put predictions into one Arrow table of `SCHEMA`."""
    return pa.record_batch(
        [
            pa.array([c.kind.pack(getattr(row, c.name)) for row in rows], c.kind.arrow)
            for c in COLUMNS
        ],
        schema=SCHEMA,
    )


def from_batch(batch: pa.RecordBatch) -> list[Prediction]:
    """Take predictions out of an Arrow table that has the columns of `SCHEMA`, late ones or not."""
    columns = _present(batch.schema.names)
    values = [map(c.kind.unpack, batch.column(c.name).to_pylist()) for c in columns]
    parameters = [c.parameter or c.name for c in columns]
    return [
        Prediction(**dict(zip(parameters, row, strict=True))) for row in zip(*values, strict=True)
    ]


def to_texts(prediction: Prediction) -> list[str]:
    """Write the columns of a prediction as text, empty where there is no value."""
    return [column.kind.write(getattr(prediction, column.name)) for column in COLUMNS]


def from_texts(texts: Mapping[str, str]) -> Prediction:
    """Read a prediction from the text of its columns by name.

    Raises
    ------
    KeyError
        If a column is missing that is not a late one.
    ValueError
        If a text cannot be read.
    """
    columns = _present(texts)
    values: dict[str, Any] = {c.parameter or c.name: c.kind.parse(texts[c.name]) for c in columns}
    return Prediction(**values)


def _present(names: Container[str]) -> list[Column]:
    return [column for column in COLUMNS if not column.is_late or column.name in names]
