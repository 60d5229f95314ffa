"""Every entry that was not sequenced has a row with its reason."""

import csv
from pathlib import Path

import pytest

from denovo.io.predictions import open_rejected
from denovo.io.predictions.rejected import kind_of
from denovo.spectra.measured import Rejected


def test_each_rejection_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "run.rejected.csv"
    with open_rejected(path) as rejected:
        rejected.add(Rejected("a.mgf", "it breaks off, here", line=7))
        rejected.add(
            Rejected("b.mzML", "an MS1 spectrum", 0, "scan=1", 'tab\t"quoted"\nline', 12, 1)
        )
        assert not path.exists()
        assert len(rejected) == 2
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert rows == [
        {
            **{"file": "a.mgf", "line": "7", "index": "", "native_id": "", "title": ""},
            "scan": "",
            "reason": "it breaks off, here",
        },
        {
            **{"file": "b.mzML", "line": "12", "index": "0", "native_id": "scan=1"},
            **{"title": 'tab "quoted" line', "scan": "1", "reason": "an MS1 spectrum"},
        },
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("an MS1 spectrum; only MS2 spectra are sequenced", "an MS1 spectrum"),
        ("the spectrum has no peaks", "the spectrum has no peaks"),
        (
            "its compression (MS-Numpress (new)) needs a package that is not installed; get it",
            "its compression needs a package that is not installed",
        ),
        ("its binary data are damaged (Incorrect padding)", "its binary data are damaged"),
        (
            "PEPMASS= must start with an m/z from 1 to 1,000,000, got 'x'",
            "PEPMASS= must start with an m/z from … to …",
        ),
        (
            "END IONS is missing before the next BEGIN IONS in line 12",
            "END IONS is missing before the next BEGIN IONS in line …",
        ),
        ("its precision is '16', expected 32 or 64", "its precision is …, expected … or …"),
        ("the mass of 1.5e4 Da is too high", "the mass of … Da is too high"),
    ],
)
def test_reasons_are_grouped_by_what_does_not_differ(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


def test_numbers_that_all_entries_share_are_kept_in_the_summary(tmp_path: Path) -> None:
    with open_rejected(tmp_path / "rejected.csv") as rejected:
        for charge in (21, 99, 30):
            reason = f"the precursor charge must be from 1 to 20, got {charge}"
            rejected.add(Rejected("a.mgf", reason, charge))
        for n_peaks in (4, 5):
            rejected.add(Rejected("a.mgf", f"it has {n_peaks} peaks", n_peaks))
        assert rejected.counts == [
            ("the precursor charge must be from 1 to 20", 3),
            ("it has … peaks", 2),
        ]


def test_a_file_of_rejected_entries_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with open_rejected(tmp_path / "rejected.csv") as rejected:
            rejected.add(Rejected("a.mgf", "the spectrum has no peaks", 0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []
