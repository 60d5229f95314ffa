"""The table of proteins, and the cells of mzTab for proteins and peptides."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from denovo.io.predictions import ProteinSection, write_table
from denovo.io.predictions.extended import cell_of
from denovo.proteins.inference import ProteinRow
from denovo.proteins.mapping import SCHEMA

PROTEIN_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("accession", "description", "database")),
        ("group", pa.int32()),
        ("role", pa.string()),
        ("same_set", pa.list_(pa.string())),
        *((name, pa.int32()) for name in ("n_answers", "n_peptides", "n_unique", "length")),
        *((name, pa.float64()) for name in ("coverage", "mean_probability", "best_probability")),
    ]
)
"""Columns of the table of proteins, fields of `ProteinRow`."""
_IN_PSM_SECTION = {"proteins", "is_unique", "starts", "ends", "pre", "post"}
_OPTIONAL = tuple(name for name in SCHEMA.names if name not in _IN_PSM_SECTION)
_OF_PROTEINS = ("group", "role", "n_answers", "n_peptides", "n_unique", "length")


def write_proteins(path: Path, rows: Sequence[ProteinRow]) -> None:
    """Write the table of proteins as CSV, TSV or Parquet, by the suffix.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    write_table(path, pa.Table.from_pylist([_plain(row) for row in rows], PROTEIN_SCHEMA))


def _plain(row: ProteinRow) -> dict[str, Any]:
    """Convert a row to plain values; NaN becomes None."""
    values = {name: getattr(row, name) for name in PROTEIN_SCHEMA.names}
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }


def protein_section(rows: Sequence[ProteinRow]) -> ProteinSection:
    """Make the PRT section of mzTab; a group of indistinguishable proteins has a row for each."""
    cells = []
    for row in rows:
        plain = {name: cell_of(value) for name, value in _plain(row).items()}
        cells.append(
            {
                "accession": row.accession,
                "description": plain["description"],
                "taxid": "",
                "species": "",
                "database": row.database,
                "database_version": "",
                "search_engine": "",
                "best_search_engine_score[1]": plain["best_probability"],
                "ambiguity_members": ",".join(row.same_set),
                "modifications": "",
                "protein_coverage": plain["coverage"],
                **{f"opt_global_{name}": plain[name] for name in _OF_PROTEINS},
                "opt_global_mean_probability": plain["mean_probability"],
            }
        )
    return ProteinSection(cells, tuple(f"opt_global_{name}" for name in _OPTIONAL))


def psm_cells(databases: Mapping[str, str]) -> Callable[[dict[str, Any]], list[dict[str, str]]]:
    """Make the function that returns the rows of the PSM section for one answer.

    Parameters
    ----------
    databases : mapping
        Database of each accession.

    Returns
    -------
    callable
        Takes the columns of `SCHEMA` of an answer, and returns the cells of one row for each place
        in a protein; of one row without a place.
    """

    def cells_of(columns: dict[str, Any]) -> list[dict[str, str]]:
        common = {f"opt_global_{name}": cell_of(columns[name]) for name in _OPTIONAL}
        if not columns["proteins"]:
            return [common]
        common["unique"] = str(int(columns["is_unique"]))
        places = zip(
            *(columns[name] for name in ("proteins", "starts", "ends", "pre", "post")),
            columns["enzyme_ends"],
            strict=True,
        )
        return [
            common
            | {
                "accession": accession,
                "database": databases[accession],
                "start": str(start),
                "end": str(end),
                "pre": pre,
                "post": post,
                "opt_global_enzyme_ends": str(n_ends),
            }
            for accession, start, end, pre, post, n_ends in places
        ]

    return cells_of
