"""Work of `denovo tune`: write the annotated spectra, and become a fine-tuning on them."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from denovo.errors import InputError
from denovo.io import expand
from denovo.io.files import sha256_of
from denovo.io.frames import write_spectra
from denovo.io.predictions import check_apart, check_folder
from denovo.io.search import read_search_results
from denovo.progress import progress_bar
from denovo.reports.search_tables import search_tables
from denovo.reports.table import print_tables
from denovo.spectra.measured import MeasuredSpectrum
from denovo.training.program_files import training_program

_SPECTRA = "spectra.parquet"
_MIN_SPECTRA = 100
"""Smallest number of spectra to tune on: a fifth of the peptides is held out for the table."""


def tune(
    search: Path,
    spectra: Sequence[str],
    folder: Path,
    checkpoint: str,
    max_q_value: float,
    overrides: Sequence[str],
    overwrite: bool,
) -> None:
    """Write the spectra of accepted search results, and replace this process by a fine-tuning.

    Parameters
    ----------
    search : Path
        Search results.
    spectra : sequence of str
        Spectrum files, or patterns.
    folder : Path
        Folder of the run; the annotated spectra are written there, too.
    checkpoint : str
        Network to start from.
    max_q_value : float
        Largest q-value of accepted results.
    overrides : sequence of str
        Further settings of the training.
    overwrite : bool
        Whether existing spectra are replaced.

    Raises
    ------
    InputError
        If a file cannot be read or written, there are too few spectra, or the folder holds others.
    """
    path = folder / _SPECTRA
    check_apart([*expand(spectra), search], [path])
    folder.mkdir(parents=True, exist_ok=True)
    check_folder(path)
    with progress_bar() as progress:
        task = progress.add_task("matching search results", total=None)
        found = read_search_results(search, spectra, max_q_value, partial(progress.advance, task))
        print_tables([*search_tables(found), *found.notes])
        if len(found.matches) < _MIN_SPECTRA:
            raise InputError(
                f"{search}: {len(found.matches)} spectra with a peptide are too few to tune on; "
                f"expected at least {_MIN_SPECTRA}, from more runs or a larger --max-q-value"
            )
        progress.reset(task, description="writing spectra", total=len(found.matches))
        matched = progress.track(found, task_id=task)
        if path.exists() and not overwrite:
            _check_same(path, matched)
        else:
            write_spectra(path, matched)
    settings = {"ckpt_path": checkpoint, "data.train": path, "run_dir": folder}
    chosen = [f"{name}={_quoted(str(value))}" for name, value in settings.items()]
    program = [sys.executable, str(training_program()), "+experiment=finetune", *chosen]
    # Not a call, as in `denovo train`.
    # A run in the folder was trained on other spectra.
    anew = ["resume=never"] if overwrite else []
    os.execv(sys.executable, [*program, "data.unsupported=skip", *anew, *overrides])


def _check_same(path: Path, spectra: Iterable[MeasuredSpectrum]) -> None:
    """Refuse spectra other than those of the run in the folder, which then goes on."""
    with TemporaryDirectory(prefix=".", dir=path.parent) as folder:
        again = Path(folder) / path.name
        write_spectra(again, spectra)
        if sha256_of(again) != sha256_of(path):
            raise InputError(
                f"{path} holds other spectra than these; give --overwrite, or another --folder"
            )


def _quoted(text: str) -> str:
    """Quote a value for Hydra, where a backslash escapes quotes and itself before a quote alone."""
    if "${" in text or text == "???":
        raise InputError(f"{text!r} has a meaning to Hydra; choose another name")
    escaped = re.sub(r"(\\*)('|$)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), text)
    return f"'{escaped}'"
