"""Files that fuzzing found, and odd ones written by hand, keep the rules of every record."""

from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.io import open_spectra
from denovo.io.predictions import SUFFIXES, read_predictions, read_settings
from tests.faults.spectrum_rules import broken_rule

FINDINGS = sorted((Path(__file__).parent / "findings").iterdir())
PREDICTIONS = [path for path in FINDINGS if path.suffix in SUFFIXES]
SPECTRA = [path for path in FINDINGS if path not in PREDICTIONS]


@pytest.mark.parametrize("path", SPECTRA, ids=lambda path: path.name)
def test_a_finding_keeps_the_rules(path: Path) -> None:
    try:
        records = list(open_spectra(path))
    except InputError:
        return
    assert records
    assert [broken_rule(entry) for entry in records] == [None] * len(records)


@pytest.mark.parametrize("path", PREDICTIONS, ids=lambda path: path.name)
def test_damaged_predictions_are_refused(path: Path) -> None:
    def read() -> None:
        read_settings(path)
        list(read_predictions(path))

    with pytest.raises(InputError, match=path.name):
        read()
