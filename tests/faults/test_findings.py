"""Files that fuzzing found, and odd ones written by hand, keep the rules of every record."""

from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.io import open_spectra
from tests.faults.spectrum_rules import broken_rule

FINDINGS = sorted((Path(__file__).parent / "findings").iterdir())


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_a_finding_keeps_the_rules(path: Path) -> None:
    try:
        records = list(open_spectra(path))
    except InputError:
        return
    assert records
    assert [broken_rule(entry) for entry in records] == [None] * len(records)
