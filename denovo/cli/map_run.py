"""Predictions mapped to proteins, and the files and tables of the result."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from denovo import __version__
from denovo.chemistry.tolerance import parse_tolerance
from denovo.errors import InputError
from denovo.io import together, write_text
from denovo.io.arrow_compute import pc
from denovo.io.predictions import (
    TABLE_SUFFIXES,
    RunRecord,
    check_apart,
    check_folder,
    check_outputs,
    further_columns,
    read_batches,
    read_settings,
    write_extended,
)
from denovo.progress import progress_bar
from denovo.proteins import (
    Mapping,
    ProteinRow,
    disagreement,
    infer_proteins,
    kind_rows,
    level_rows,
    map_answers,
    protein_section,
    psm_cells,
    read_proteins,
    unmatched_peptides,
    write_proteins,
)
from denovo.reports.mapping_tables import (
    end_table,
    kind_table,
    lead_of,
    level_table,
    protein_table,
)
from denovo.reports.table import print_tables
from denovo.simulation.digest import check_enzyme

_COLUMNS = ("file", "peptide", "ambiguity", "alternatives", "probability", "q_value")
_LISTS = (".fasta", ".txt")
_N_PRINTED = 10


@dataclass(frozen=True)
class MapFiles:
    """Files that a mapping reads and writes."""

    predictions: Path
    fasta: Sequence[Path]
    outputs: Sequence[Path]
    proteins: Path
    unmatched: Sequence[Path]
    report: Path | None

    @classmethod
    def make(
        cls,
        predictions: Path,
        fasta: Sequence[Path],
        outputs: Sequence[Path] | None,
        proteins: Path | None,
        unmatched: Sequence[Path] | None,
        report: Path | None,
    ) -> "MapFiles":
        """Fill in the names of files that were not given."""
        outputs = outputs or [predictions.with_suffix(f".mapped{predictions.suffix}")]
        lists = [outputs[0].with_suffix(f".unmatched{suffix}") for suffix in _LISTS]
        table = proteins or outputs[0].with_suffix(".proteins.csv")
        return cls(predictions, fasta, outputs, table, unmatched or lists, report)

    @property
    def written(self) -> list[Path]:
        """All files that are written."""
        more = [self.report] if self.report else []
        return [*self.outputs, self.proteins, *self.unmatched, *more]

    def check(self, overwrite: bool) -> None:
        """Refuse files that cannot be written, before the computation."""
        check_outputs(self.outputs)
        _check_suffix("--proteins", self.proteins, TABLE_SUFFIXES)
        for path in self.unmatched:
            _check_suffix("--unmatched", path, _LISTS)
        check_apart((self.predictions, *self.fasta), self.written)
        for path in self.written:
            check_folder(path)
            if path.exists() and not overwrite:
                raise InputError(f"{path} exists; give --overwrite, or choose another --output")


@dataclass(frozen=True)
class MapSettings:
    """Settings of a mapping, as the options of the command."""

    enzyme: str
    tolerance: str
    min_length: int
    max_q_value: float | None
    seed: int


def map_and_write(files: MapFiles, settings: MapSettings, overwrite: bool) -> None:
    """Map predictions to proteins, write all files or none, and print tables."""
    files.check(overwrite)
    tolerance = parse_tolerance(settings.tolerance)
    check_enzyme(settings.enzyme, "--enzyme")
    with together(*files.written):
        answers = _read_answers(files.predictions)
        proteins = read_proteins(files.fasta)
        with progress_bar("answers") as progress:
            task = progress.add_task("mapping", total=2 * len(answers))
            mapping = map_answers(
                answers,
                proteins,
                settings.enzyme,
                tolerance,
                settings.min_length,
                settings.seed,
                lambda n_rows: progress.advance(task, n_rows),
            )
        rows = infer_proteins(mapping, settings.max_q_value)
        _write(files, settings, answers, mapping, rows)
    _print(files, settings, mapping, rows)


def _read_answers(path: Path) -> pa.Table:
    batches = [batch.select(_COLUMNS) for batch in read_batches(path)]
    answers = pa.Table.from_batches(batches) if batches else None
    if answers is None or not pc.any(pc.is_valid(answers["peptide"])).as_py():
        raise InputError(f"{path} holds no peptides; give predictions with answers")
    return answers


def _write(
    files: MapFiles,
    settings: MapSettings,
    answers: pa.Table,
    mapping: Mapping,
    rows: Sequence[ProteinRow],
) -> None:
    chosen = {f"map.{name}": str(value) for name, value in asdict(settings).items()}
    run = RunRecord(
        tuple(pc.unique(answers["file"]).to_pylist()),
        read_settings(files.predictions) | chosen | {"map.fasta": _names(files.fasta)},
        __version__,
        mapping.notation.alphabet(),
        further_columns(files.predictions),
    )
    databases = dict(zip(mapping.proteins.accessions, mapping.proteins.databases, strict=True))
    write_extended(
        files.outputs,
        files.predictions,
        mapping.table,
        run,
        protein_section(rows if any(p.suffix.lower() == ".mztab" for p in files.outputs) else []),
        psm_cells(databases),
    )
    write_proteins(files.proteins, rows)
    missing = unmatched_peptides(mapping, answers)
    for path in files.unmatched:
        if path.suffix.lower() == ".fasta":
            entries = (f">denovo_{n}\n{peptide}\n" for n, peptide in enumerate(missing, start=1))
            write_text(path, "".join(entries))
        else:
            write_text(path, "".join(f"{peptide}\n" for peptide in missing))
    if files.report:
        # Only here, as matplotlib takes a second to load.
        from denovo.reports.html import write_mapping_report

        described = {"predictions": files.predictions.name, "fasta": _names(files.fasta)}
        write_mapping_report(files.report, mapping, rows, described | asdict(settings))


def _print(
    files: MapFiles, settings: MapSettings, mapping: Mapping, rows: Sequence[ProteinRow]
) -> None:
    kinds, levels = kind_rows(mapping), level_rows(mapping)
    parts = [lead_of(kinds), kind_table(kinds), end_table(mapping, settings.enzyme)]
    if levels:
        parts.append(level_table(levels))
    if warning := disagreement(levels):
        parts.append(f"warning: {warning}")
    if rows:
        parts.append(protein_table(rows, _N_PRINTED))
    print_tables([*parts, *(f"written  {path}" for path in files.written)])


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _check_suffix(option: str, path: Path, known: Sequence[str]) -> None:
    if path.suffix.lower() not in known:
        raise InputError(f"{option} must end in {' or '.join(known)}, got {path}")
