"""Work of `denovo compare-search`: match, compare, print tables and write files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from rich.console import Console

from denovo.choices import Match
from denovo.errors import InputError
from denovo.evaluation import SearchComparison, compare_search
from denovo.io import expand, together
from denovo.io.predictions import (
    TABLE_SUFFIXES,
    check_apart,
    check_folder,
    open_rejected,
    read_program,
    write_table,
)
from denovo.io.search import SearchResults, read_search_results
from denovo.progress import progress_bar
from denovo.reports.search_tables import lead_of, level_table, outcome_table, search_tables
from denovo.reports.table import print_tables


class SearchFiles(NamedTuple):
    """Files that a comparison reads and writes.

    ``spectra`` is a file or a pattern; ``output``, ``mismatches`` and ``html`` are written.
    """

    spectra: str
    predictions: Path
    search: Sequence[Path]
    output: Path | None
    mismatches: Path | None
    html: Path | None

    @property
    def written(self) -> list[Path]:
        """All files that are written."""
        return [path for path in self[3:] if path]

    def check(self, overwrite: bool) -> None:
        """Refuse files that cannot be written, before the computation.

        Raises
        ------
        InputError
            If a suffix is unknown, a folder cannot be written, or a file is read too or exists and
            is not to be replaced.
        """
        if self.output and self.output.suffix.lower() not in TABLE_SUFFIXES:
            raise InputError(
                f"--output must end in {' or '.join(TABLE_SUFFIXES)}, got {self.output}"
            )
        check_apart([*expand(self.spectra), self.predictions, *self.search], self.written)
        for path in self.written:
            check_folder(path)
            if path.exists() and not overwrite:
                raise InputError(f"{path} exists; give --overwrite, or choose another name")


def compare_and_write(
    files: SearchFiles, max_q_value: float, match: Match, overwrite: bool
) -> None:
    """Compare predictions with search results, write all files or none, and print tables.

    Parameters
    ----------
    files : SearchFiles
        Files to read and write.
    max_q_value : float
        Largest q-value of accepted peptides.
    match : Match
        Definition of residues of equal mass.
    overwrite : bool
        Whether existing files are replaced.

    Raises
    ------
    InputError
        If a file cannot be read or written, or the files are those of other spectra.
    """
    files.check(overwrite)
    with together(*files.written):
        answers = read_program(files.predictions)
        with progress_bar() as progress:
            task = progress.add_task("matching search results", total=None)
            count = partial(progress.advance, task)
            search = read_search_results(files.search, files.spectra, max_q_value, count)
        found = compare_search(files.predictions, answers, search, max_q_value, match)
        _write(files, found, search, match)
    tables = [lead_of(found), outcome_table(found), level_table(found), *search_tables(search)]
    console = Console()
    print_tables([*tables, *search.notes, *found.notes], console)
    for path in files.written:
        console.print(f"written  {path}", soft_wrap=True, highlight=False, markup=False)


def _write(
    files: SearchFiles, found: SearchComparison, search: SearchResults, match: Match
) -> None:
    if files.output:
        write_table(files.output, pa.Table.from_pandas(found.rows, preserve_index=False))
    if files.mismatches:
        with open_rejected(files.mismatches) as entries:
            for each in search.mismatches:
                entries.add(each)
    if files.html:
        # Only here, as matplotlib takes a second to load.
        from denovo.reports.html import write_search_report

        settings = {
            "spectra": files.spectra,
            "predictions": str(files.predictions),
            "search": [*map(str, files.search)],
            "max_q_value": found.max_q_value,
            "match": match.value,
        }
        write_search_report(files.html, found, search, settings)
