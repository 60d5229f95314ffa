"""Universal Spectrum Identifiers (USI) of answers.

Deutsch et al. (2021), Nature Methods 18, 768-770, doi:10.1038/s41592-021-01184-6.
"""

import re
from pathlib import PurePath

from denovo.chemistry import find_modification, with_one_terminal
from denovo.errors import InputError
from denovo.spectra.prediction import Prediction

_DATASET = re.compile(r"[A-Z]{3,4}[0-9]{5,10}")
_RUN_IN_TITLE = re.compile(r"(\S+?)\.0*(\d{1,12})\.0*(\d{1,12})\.\d{0,2}(?=$|[\s\"'~.])")
_SUFFIXES = frozenset((".gz", ".mgf", ".mzml", ".mzmlb", ".mzxml", ".raw", ".d", ".parquet"))


def check_dataset(accession: str) -> None:
    """Refuse what is no accession of a dataset."""
    if not _DATASET.fullmatch(accession):
        raise InputError(
            f"--dataset must be an accession such as PXD004732 or MSV000079514, got {accession!r}"
        )


def usi_of(prediction: Prediction, dataset: str) -> str:
    """Return the identifier of a spectrum and its answer.

    Parameters
    ----------
    prediction : Prediction
        An answer; without a peptide, the identifier is that of the spectrum alone.
    dataset : str
        Accession of the dataset.

    Returns
    -------
    str
        ``mzspec:PXD004732:run:scan:17:PEPTIDE/2``; empty without a scan number. The run is that of
        a title such as ``run.17.17.2``, or the name of the file.
    """
    p = prediction
    if p.scan is None:
        return ""
    named = _RUN_IN_TITLE.match(p.title)
    run = named[1] if named and p.scan == int(named[2]) == int(named[3]) else _run_of(p.file)
    usi = f"mzspec:{dataset}:{run}:scan:{p.scan}"
    return (
        f"{usi}:{with_one_terminal(p.peptide, _mass_of)}/{p.precursor_charge}" if p.peptide else usi
    )


def _run_of(file: str) -> str:
    path = PurePath(file)
    while path.suffix.lower() in _SUFFIXES:
        path = path.with_suffix("")
    return path.name


def _mass_of(tag: str) -> float:
    found = find_modification(tag)
    assert found is not None
    return found.mass
