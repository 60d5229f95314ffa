"""Fragments on peaks are what they were when they were written down, on measured spectra too."""

import json
from pathlib import Path

import pytest

from denovo.io import open_spectra
from denovo.spectra.measured import Rejected
from tests.helpers.fragment_records import record_of

GOLDEN = json.loads((Path(__file__).parent / "golden_matches.json").read_text())


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"synthetic"}))
def test_matches_on_measured_spectra_stay(common, real_data, name):
    spectra = [s for s in open_spectra(real_data(name)) if not isinstance(s, Rejected)]
    assert record_of(common, spectra) == GOLDEN[name]


def test_matches_on_synthetic_spectra_stay(common, ladder):
    peptides = ["PEPTLDEK", "[UNIMOD:1]-GASK", "LVNELTEFAK", "SGGTLK", "M[UNIMOD:35]GAVTLKR", "K"]
    spectra = [
        ladder(peptide, charge=charge, sites=sites)
        for peptide in peptides
        for charge, sites in ((2, None), (3, [1]), (3, [1, 2]))
        if len(peptide) > 1 or sites is None
    ]
    assert record_of(common, spectra) == GOLDEN["synthetic"]
