"""Which spectra count, and how answers are counted."""

import numpy as np
import pytest
from torch import nn

from denovo.decoding import BeamDecoder
from denovo.io import MeasuredSpectrum
from denovo.sequencing import SpectrumSequencer
from denovo.sim2real import Selection, score_sets
from tests.realism_subject import labelled
from tests.table_sequencer import Oracle


def spectrum(vocabulary, peptide, charge=2, ppm=0.0):
    mass = vocabulary.peptide_mass(vocabulary.encode(peptide)) * (1 + 1e-6 * ppm)
    mz = mass / charge + 1.00727646688
    peak = np.array([100.0])
    return MeasuredSpectrum("title", 0, 1, mz, charge, peak, peak, peptide)


def verdict(selection, vocabulary, peptide, **options):
    tokens = vocabulary.encode(peptide)
    return selection(spectrum(vocabulary, peptide, **options), tokens)


@pytest.mark.parametrize(
    ("peptide", "options", "reason"),
    [
        ("PEPTIDEK", {}, None),
        ("PEPC[UNIMOD:4]M[UNIMOD:35]K", {}, None),
        ("PEPN[UNIMOD:7]MK", {}, "modified otherwise"),
        ("[UNIMOD:1]-PEPTIDEK", {}, "modified otherwise"),
        ("PEPTK", {}, "5 residues"),
        ("PEPTIDEPEPTIDEPEPTIDEK", {}, "22 residues"),
        ("PEPTIDEK", {"ppm": 49.0}, None),
        ("PEPTIDEK", {"ppm": -51.0}, "over 50 ppm"),
        ("PEPTIDEK", {"charge": 4}, None),
    ],
)
def test_only_comparable_spectra_are_kept(common, peptide, options, reason):
    found = verdict(Selection(common), common, peptide, **options)
    assert (found is None) == (reason is None)
    assert reason is None or reason in found


def test_each_precursor_counts_once_if_it_is_to(common):
    selection = Selection(common, one_per_precursor=True)
    assert verdict(selection, common, "PEPTIDEK") is None
    assert verdict(selection, common, "PEPTIDEK", charge=3) is None
    assert "there already" in verdict(selection, common, "PEPTLDEK")  # I = L
    assert verdict(Selection(common), common, "PEPTIDEK") is None


class Reader(Oracle, nn.Module):
    """A sequencer that always reads GASPVTK."""

    def __init__(self, vocabulary):
        nn.Module.__init__(self)
        Oracle.__init__(self, vocabulary, "forward", "GASPVTK")


class Source:
    """Spectra of peptides, as they are."""

    def __init__(self, vocabulary, peptides):
        self.vocabulary, self.peptides = vocabulary, peptides
        self.lengths = np.array([len(peptide) for peptide in peptides])

    def __len__(self):
        return len(self.peptides)

    def read(self, indices):
        return labelled([self.peptides[i] for i in indices], self.vocabulary)

    def identifiers(self, indices):
        return [self.peptides[i] for i in indices]


def test_answers_are_counted_by_set_and_over_all_spectra(canonical):
    sets = {
        "one": Source(canonical, ["GASPVTK"]),
        "two": Source(canonical, ["SAMPLER", "GASPVTK", "GASPVTR"]),
    }
    decoder = BeamDecoder(1, max_overshoot=None)
    scores, rows = score_sets(SpectrumSequencer(Reader(canonical), decoder, 40), sets)
    one, two, pooled = scores
    assert (one.peptide_recall, one.standard_error) == (1.0, 0.0)
    assert two.peptide_recall == pytest.approx(1 / 3)
    assert (pooled.name, pooled.n_spectra, pooled.peptide_recall) == ("all", 4, 0.5)
    assert pooled.standard_error == pytest.approx(0.25)
    assert [row["title"] for row in rows["two"]] == sets["two"].peptides
    assert all(row["prediction"] == "GASPVTK" for row in rows["two"])
