"""Which spectra count, and how answers are counted."""

import numpy as np
import pytest
from torch import nn

from denovo.chemistry.identity import identity
from denovo.curriculum import Noise
from denovo.decoding import BeamDecoder
from denovo.evaluation.exposure import exposure_of
from denovo.evaluation.measurement import differences_to
from denovo.evaluation.set_groups import breakdown_of
from denovo.evaluation.set_scores import POOLED, SetScore, curve_of, ranking_figures, score_sets
from denovo.evaluation.sets import (
    CLEAN,
    Kind,
    Selection,
    control_sets,
    identities_of,
    measured_as_sets,
    simulated_sets,
)
from denovo.sequencing import SpectrumSequencer
from denovo.simulation.proteins import SyntheticProteome
from denovo.spectra.measured import MeasuredSpectrum
from tests.helpers.noise_batches import labelled
from tests.helpers.spectrum_sets import read_rows
from tests.helpers.table_sequencer import Oracle

PROTEINS = {"_target_": "denovo.simulation.proteins.SyntheticProteome", "n_proteins": 2, "seed": 3}


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


def pipeline_of(vocabulary):
    return SpectrumSequencer(Reader(vocabulary), BeamDecoder(1, max_overshoot=None), 40)


@pytest.fixture
def scores(canonical):
    sets = {
        "one": Source(canonical, ["GASPVTK"]),
        "two": Source(canonical, ["SAMPLER", "GASPVTK", "GASPVTR"]),
    }
    return score_sets(pipeline_of(canonical), measured_as_sets(sets))


def test_answers_are_counted_by_set_over_all_spectra_and_over_all_peptides(scores):
    one, two, pooled = scores
    assert (one.figures["peptide_recall"], one.figures["standard_error"]) == (1.0, 0.0)
    assert two.figures["peptide_recall"] == pytest.approx(1 / 3)
    assert (pooled.name, len(pooled.rows), pooled.figures["peptide_recall"]) == (POOLED, 4, 0.5)
    assert pooled.figures["n_peptides"] == 3
    assert pooled.by_peptide["peptide_recall"] == pytest.approx(1 / 3)
    assert two.rows["title"].tolist() == ["SAMPLER", "GASPVTK", "GASPVTR"]
    assert set(two.rows["prediction"]) == {"GASPVTK"}


def test_a_score_keeps_the_names_that_earlier_files_have(scores):
    names = {"name", "n_spectra", "aa_precision", "aa_recall", "peptide_recall", "cpu_seconds"}
    assert names | {"standard_error"} <= scores[0].as_dict().keys()


def test_what_the_peaks_leave_open_is_found_with_doubly_charged_ions_too(canonical):
    source = Source(canonical, ["GASPVTK"])
    (score, _) = score_sets(pipeline_of(canonical), measured_as_sets({"one": source}))
    assert score.rows["silent_run"].tolist() == [0]  # four ion types at every site
    (group,) = score.breakdown["silent_run"]
    assert (group["group"], group["n_spectra"], group["peptide_recall"]) == ("0", 1, 1.0)
    assert group["listed"] is None  # a single answer is no list


def test_the_truth_is_looked_for_among_all_candidates():
    rows = read_rows(40)
    (group,) = [g for g in breakdown_of(rows)["charge"] if g["group"] == "2"]
    assert group["listed"] == rows[rows["charge"] == 2]["is_listed"].mean()
    lengths = breakdown_of(rows)["length"]
    assert sum(group["n_spectra"] for group in lengths) == 40


def test_with_exchanged_peaks_nothing_but_chance_is_read(canonical):
    source = Source(canonical, ["GASPVTK", "SAMPLER", "GASPVTR", "GASPVTK"])
    (control,), faults = control_sets(measured_as_sets({"one": source}))
    assert faults == []
    assert (control.kind, control.name) == (Kind.CONTROL, "one")
    peptides = source.peptides
    assert all(peptides[own] != peptides[o] for own, o in enumerate(control.source.partners))
    # This reader looks at no peak, and is found out: it is as good as with the proper ones.
    _, pooled = score_sets(pipeline_of(canonical), [control])
    assert pooled.figures["peptide_recall"] == 0.5


def test_a_set_of_one_peptide_has_no_control_and_says_so(canonical):
    source = Source(canonical, ["GASPVTK", "GASPVTK", "SAMPLER"])
    controls, (fault,) = control_sets(measured_as_sets({"one": source}))
    assert controls == []
    assert fault.startswith("no control for one: 2 of 3 spectra are of one peptide")


def test_forms_of_one_peptide_are_one_peptide(common):
    source = Source(common, ["SAM[UNIMOD:35]PLER", "SAMPIER"])
    assert identities_of(source) == ["SAMPLER", "SAMPLER"]


def test_differences_pair_the_spectra_that_both_have_read(scores):
    _, two, pooled = scores
    fewer = SetScore("two", Kind.MEASURED, two.rows.iloc[1:], 0.1)
    (found,) = differences_to([two, pooled], [fewer])
    assert (found["name"], found["n_spectra"]) == ("two", 2)
    assert found["peptide_recall"] == found["by_peptide"]["aa_recall"] == 0
    other = SetScore("three", Kind.MEASURED, two.rows, 0.1)
    assert differences_to(scores, [other]) == []


def test_ranking_says_what_a_threshold_buys():
    rows = read_rows(40).assign(probability=np.linspace(1, 0, 40), is_right=np.arange(40) < 20)
    found = ranking_figures(curve_of(rows))
    assert found["precision_at"] == pytest.approx({"25%": 1, "50%": 1, "75%": 2 / 3, "90%": 5 / 9})
    assert found["coverage_at"]["90%"] == pytest.approx(22 / 40)
    unanswered = rows.assign(has_answer=np.arange(40) < 10)
    assert ranking_figures(curve_of(unanswered))["precision_at"]["50%"] is None


@pytest.mark.parametrize(
    ("recipe", "n_contained", "sentence"),
    [
        ({}, None, "is not recorded; whether it saw"),
        ({"exclude": []}, None, "left out nothing"),
        ({"exclude": ["x/a.mgf"]}, None, "left out the peptides of a.mgf;"),
        (
            {
                "proteome": {
                    "_target_": "denovo.simulation.proteins.FastaProteome",
                    "path": "absent",
                }
            },
            None,
            "",
        ),
        ({"proteome": PROTEINS}, 1, "1 of 2 measured peptides lie in its training proteins"),
        ({"proteome": PROTEINS, "exclude": ["absent.mgf"]}, 1, "before those of absent.mgf are"),
        ({"proteome": PROTEINS, "exclude": ["{listed}"]}, 0, "0 of 2 measured peptides lie"),
    ],
)
def test_what_training_may_have_seen_is_told(tmp_path, recipe, n_contained, sentence):
    peptide = identity(next(SyntheticProteome(2, 3).sequences())[5:15])
    listed = tmp_path / "listed.txt"
    listed.write_text(peptide)
    if "exclude" in recipe:
        recipe = recipe | {"exclude": [p.format(listed=listed) for p in recipe["exclude"]]}
    found = exposure_of({"data": {"sources": {"recipe": recipe}}}, {peptide, "WWWWWWWWWW"})
    assert found.n_contained == n_contained
    assert sentence in found.sentence


def test_simulated_sets_are_clean_and_under_the_noise_of_the_end_of_a_training(canonical):
    weights = {"token": 1.0}
    stages = [
        {"name": "one", "start": 0, "end": 1, "weights": weights},
        {"name": "two", "start": 1, "end": 2, "noise": {"fraction": 0.5, "noise_peaks": 9.0}},
    ]
    clean, noisy = simulated_sets(canonical, {"curriculum": {"stages": stages}}, 3)
    assert (clean.noise, noisy.noise) == (Noise(), Noise(fraction=1.0, noise_peaks=9.0))
    assert clean.source is noisy.source
    assert len(clean) == 3
    assert (clean.name, clean.kind) == (CLEAN, Kind.SIMULATED)
    assert simulated_sets(canonical, {}, 0) == []
