"""Casanovo's own verdicts, frozen: ``casanovo.json`` names its version and the command."""

import json
import re
from pathlib import Path

import pytest

from denovo.metrics import clustered_figures, match_residues, score_peptides
from denovo.metrics.peptide import PeptideMetrics

# Some answers have a modification of the N-terminus inside, which is no ProForma.
ENTRY = re.compile(r"\[[^\]]+\]-|[A-Z](?:\[[^\]]+\](?!-))?")
GOLDEN = json.loads((Path(__file__).parent / "casanovo.json").read_text())


@pytest.fixture(scope="module")
def pairs(common):
    rows = [row.split() for row in GOLDEN["pairs"]]
    assert len(rows) == 200
    return [
        (common.encode(ENTRY.findall(guess)), common.encode(ENTRY.findall(truth)), matches)
        for guess, truth, matches in rows
    ]


def test_each_residue_is_judged_as_casanovo_judges_it(common, pairs):
    masses = common.masses.numpy()
    for guess, truth, matches in pairs:
        found = match_residues(masses[guess], masses[truth])
        assert "".join(str(int(match)) for match in found) == matches


def test_the_figures_are_those_of_casanovo(common, pairs):
    # It adds 1e-8 below the line, and its precision of peptides counts all spectra.
    expected = [GOLDEN["figures"][name] for name in ("aa_precision", "aa_recall", "pep_precision")]
    guesses, truths, _ = zip(*pairs, strict=True)
    metrics = PeptideMetrics(common)
    metrics.update(guesses, truths)
    found = metrics.compute()
    names = ("aa_precision", "aa_recall", "peptide_recall")
    assert [float(found[name]) for name in names] == pytest.approx(expected, rel=1e-6)
    rows = score_peptides(guesses, truths, common)
    figures = clustered_figures(rows, [str(n) for n in range(len(rows))], n_resamples=10)
    assert [figures[name] for name in names] == pytest.approx(expected, rel=1e-9)
