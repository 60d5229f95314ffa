"""Contents of files of predictions: the run, the table of columns, and conversion of rows."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from denovo.chemistry import ResidueAlphabet
from denovo.io.predictions import cells
from denovo.io.predictions.cells import CellFormat
from denovo.spectra.prediction import ChargeSource, Prediction, Status


@dataclass(frozen=True)
class RunRecord:
    """Origin of predictions.

    Parameters
    ----------
    files : tuple of str
        Spectrum files in the order of reading, spelled as in `Prediction.file`.
    settings : mapping of str to str
        Every setting of the run by its name.
    version : str
        Version of denovo.
    alphabet : ResidueAlphabet
        Residues of the peptides.
    further : tuple of Column
        Columns beyond `COLUMNS`: `PROTEOME_COLUMNS`, `USI_COLUMN`.
    folder : Path
        Folder that relative paths of the files start from.
    """

    files: tuple[str, ...]
    settings: Mapping[str, str]
    version: str
    alphabet: ResidueAlphabet
    further: tuple["Column", ...] = ()
    folder: Path = Path()

    @property
    def columns(self) -> tuple["Column", ...]:
        """Columns of the files of the run."""
        return (*COLUMNS, *self.further)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of `columns`."""
        return schema_of(self.columns)


class Column(NamedTuple):
    """A column of the files of predictions.

    ``name`` is its name in CSV and Parquet, and the attribute of a `Prediction`; ``mztab`` is its
    name in the PSM section of mzTab, empty for the parts of ``spectra_ref``. ``parameter`` is the
    parameter of a `Prediction` for the value that was read, if that is not ``name``. Files of
    version 0.1.0, which can be read, lack the columns that are late.
    """

    name: str
    kind: CellFormat
    mztab: str
    parameter: str = ""
    is_late: bool = False


# The names of `opt_global_aa_scores` and of the ProForma column are those of Casanovo 5.2, so that
# readers of its files can read ours. MS:1002354 and MS:1003169 are terms of the PSI-MS vocabulary.
COLUMNS = (
    Column("file", cells.TEXT, ""),
    Column("index", cells.INTEGER, "opt_global_index"),
    Column("native_id", cells.TEXT, ""),
    Column("title", cells.TEXT, "opt_global_title"),
    Column("scan", cells.OPTIONAL_INTEGER, "opt_global_scan", is_late=True),
    Column("retention_time", cells.OPTIONAL_NUMBER, "retention_time"),
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
    Column("probability", cells.OPTIONAL_NUMBER, "search_engine_score[1]"),
    Column("q_value", cells.OPTIONAL_NUMBER, "opt_global_cv_MS:1002354_PSM-level_q-value"),
    Column("log_probability", cells.NUMBER, "search_engine_score[2]"),
    Column("residue_scores", cells.SCORES, "opt_global_aa_scores"),
    Column("peptide_mz", cells.OPTIONAL_NUMBER, "calc_mass_to_charge"),
    Column("ppm_error", cells.OPTIONAL_NUMBER, "opt_global_ppm_error"),
    Column("isotope_error", cells.OPTIONAL_INTEGER, "opt_global_isotope_error"),
    Column("constraint_cost", cells.OPTIONAL_NUMBER, "opt_global_constraint_cost"),
    Column("unconstrained_peptide", cells.OPTIONAL_TEXT, "opt_global_unconstrained_peptide"),
    Column("site_coverage", cells.NUMBER, "opt_global_site_coverage"),
    Column("explained_intensity", cells.NUMBER, "opt_global_explained_intensity"),
    Column("ambiguity", cells.REGIONS, "opt_global_ambiguity", "ambiguous"),
    Column("alternatives", cells.ALTERNATIVES, "opt_global_alternatives"),
    Column(
        *("site_probabilities", cells.SITES, "opt_global_site_probabilities", "sites"),
        is_late=True,
    ),
    Column("note", cells.OPTIONAL_TEXT, "opt_global_note", is_late=True),
)
"""The columns in the order of the files."""
PROTEOME_COLUMNS = (
    Column("source", cells.OPTIONAL_TEXT, "opt_global_source", is_late=True),
    Column("proteins", cells.OPTIONAL_TEXT, "opt_global_proteins", is_late=True),
    Column("proteome_peptide", cells.OPTIONAL_TEXT, "opt_global_proteome_peptide", is_late=True),
    Column("proteome_rank", cells.OPTIONAL_INTEGER, "opt_global_proteome_rank", is_late=True),
    Column(
        "proteome_probability",
        cells.OPTIONAL_NUMBER,
        "opt_global_proteome_probability",
        is_late=True,
    ),
    Column("novel_peptide", cells.OPTIONAL_TEXT, "opt_global_novel_peptide", is_late=True),
    Column(
        "novel_probability", cells.OPTIONAL_NUMBER, "opt_global_novel_probability", is_late=True
    ),
    Column("variant_of", cells.OPTIONAL_TEXT, "opt_global_variant_of", is_late=True),
    Column("variant", cells.OPTIONAL_TEXT, "opt_global_variant", is_late=True),
)
"""Further columns of runs with a proteome."""
USI_COLUMN = Column(
    *("usi", cells.OPTIONAL_TEXT),
    "opt_global_cv_MS:1003063_universal_spectrum_identifier",
    is_late=True,
)
"""Further column of runs with the accession of a dataset."""
FURTHER = (*PROTEOME_COLUMNS, USI_COLUMN)
"""All further columns."""
IN_MAPPED_FILES = {"proteins": "proteome_proteins"}
"""Names in files of `denovo map`, which has columns of its own by the first names."""
NAMES = tuple(column.name for column in COLUMNS)
REQUIRED_NAMES = frozenset(column.name for column in COLUMNS if not column.is_late)
"""Names of the columns that every file must have."""


def further_columns_of(settings: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the further columns of a run with these settings."""
    proteome = PROTEOME_COLUMNS if settings.get("proteome") else ()
    return (*proteome, USI_COLUMN) if settings.get("dataset") else proteome


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Return the Arrow schema of columns."""
    return pa.schema([(column.name, column.kind.arrow) for column in columns])


SCHEMA = schema_of(COLUMNS)
BATCH_SIZE = 4096
"""Number of predictions that are held in memory at a time."""


def to_batches(
    predictions: Iterable[Prediction], columns: Sequence[Column] = COLUMNS
) -> Iterator[pa.RecordBatch]:
    """Convert predictions to Arrow batches of some columns with `BATCH_SIZE` rows."""
    rest = iter(predictions)
    while rows := list(islice(rest, BATCH_SIZE)):
        yield to_batch(rows, columns)


def to_batch(rows: Sequence[Prediction], columns: Sequence[Column] = COLUMNS) -> pa.RecordBatch:
    """Convert predictions to one Arrow batch of some columns."""
    return pa.record_batch(
        [
            pa.array([c.kind.pack(getattr(row, c.name)) for row in rows], c.kind.arrow)
            for c in columns
        ],
        schema=schema_of(columns),
    )


def from_batch(batch: pa.RecordBatch) -> list[Prediction]:
    """Convert an Arrow batch to predictions; late columns may be missing."""
    columns = stored_columns(batch.schema.names)
    values = [map(c.kind.unpack, batch.column(n).to_pylist()) for n, c in columns.items()]
    parameters = [c.parameter or c.name for c in columns.values()]
    return [
        Prediction(**dict(zip(parameters, row, strict=True))) for row in zip(*values, strict=True)
    ]


def to_texts(prediction: Prediction, columns: Sequence[Column] = COLUMNS) -> list[str]:
    """Convert a prediction to the texts of columns, empty for missing values."""
    return [column.kind.write(getattr(prediction, column.name)) for column in columns]


def row_of(header: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """Return the texts of a row by column; too few or too many are a ValueError."""
    if len(texts) != len(header):
        raise ValueError(f"expected {len(header)} cells, got {len(texts)}")
    return dict(zip(header, texts, strict=True))


def from_texts(texts: Mapping[str, str]) -> Prediction:
    """Convert the texts of columns by name to a prediction.

    A missing column that is not late is a KeyError, an invalid text a ValueError.
    """
    values: dict[str, Any] = {
        column.parameter or column.name: column.kind.parse(texts[name])
        for name, column in stored_columns(texts).items()
    }
    return Prediction(**values)


def stored_columns(names: Container[str]) -> dict[str, Column]:
    """Return the columns of a file by their names in it; late ones only where it has them."""
    columns = (*COLUMNS, *FURTHER) if PROTEOME_COLUMNS[0].name in names else (*COLUMNS, USI_COLUMN)
    known = {column.name: column for column in columns}
    for name, other in IN_MAPPED_FILES.items():
        if other in names:
            known[other] = known.pop(name)
    return {n: column for n, column in known.items() if not column.is_late or n in names}
