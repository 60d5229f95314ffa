"""Evaluations of sequencers: pooled sets, pairs, and what training may have seen."""

import pytest
from torch import nn

from denovo.chemistry.identity import identity
from denovo.decoding import BeamDecoder
from denovo.evaluation import (
    POOLED,
    EvaluationSet,
    ScoredSet,
    SetKind,
    control_sets,
    differences_to,
    evaluate,
    exposure_of,
)
from denovo.evaluation.sets import records_of
from denovo.sequencing import SpectrumSequencer
from denovo.simulation.proteins import SyntheticProteome
from tests.helpers.noise_batches import labelled
from tests.helpers.table_sequencer import Oracle

PROTEINS = {"_target_": "denovo.simulation.proteins.SyntheticProteome", "n_proteins": 2, "seed": 3}


class Reader(Oracle, nn.Module):
    """A sequencer that always reads GASPVTK."""

    def __init__(self, vocabulary):
        nn.Module.__init__(self)
        Oracle.__init__(self, vocabulary, "forward", "GASPVTK")


@pytest.fixture
def pipeline(canonical):
    return SpectrumSequencer(Reader(canonical), BeamDecoder(1, max_overshoot=None), 40)


@pytest.fixture
def sets(canonical):
    peptides = {"one": ["GASPVTK"], "two": ["SAMPLER", "GASPVTK", "GASPVTR"]}
    return [
        EvaluationSet(
            name,
            SetKind.MEASURED,
            len(of_set),
            lambda of_set=of_set: list(records_of(labelled(of_set, canonical), of_set, canonical)),
        )
        for name, of_set in peptides.items()
    ]


def test_answers_are_counted_by_set_over_all_spectra_and_over_all_peptides(pipeline, sets):
    found = evaluate("net", pipeline, sets)
    one, two, pooled = found.scores
    assert (one.figures["peptide_recall"], one.figures["standard_error"]) == (1.0, 0.0)
    assert two.figures["peptide_recall"] == pytest.approx(1 / 3)
    assert (pooled.name, len(pooled.rows), pooled.figures["peptide_recall"]) == (POOLED, 4, 0.5)
    assert pooled.figures["n_peptides"] == 3
    assert pooled.figures["by_peptide"]["peptide_recall"] == pytest.approx(1 / 3)
    assert two.rows["title"].tolist() == ["SAMPLER", "GASPVTK", "GASPVTR"]
    assert set(two.rows["prediction"]) == {"GASPVTK"}
    assert two.rows["max_missing_sites"].tolist() == [0, 0, 0]  # four ion types at every site
    assert found.last(SetKind.MEASURED) is pooled
    assert found.last(SetKind.CONTROL) is None
    assert found.rows["set"].tolist() == ["one", "two", "two", "two"]


def test_one_set_is_not_pooled(pipeline, sets):
    found = evaluate("net", pipeline, sets[:1])
    assert found.scores == [found.last(SetKind.MEASURED)]


def test_a_sequencer_that_looks_at_no_peak_is_found_out_by_the_control(pipeline, sets, canonical):
    controls, _ = control_sets(sets[1:], canonical)
    found = evaluate("net", pipeline, [*sets[1:], *controls])
    measured, control = found.scores
    assert control.figures["peptide_recall"] == measured.figures["peptide_recall"]


def test_differences_pair_the_spectra_that_both_have_read(pipeline, sets):
    first = evaluate("net", pipeline, sets)
    _, two, pooled = first.scores
    fewer = ScoredSet("two", SetKind.MEASURED, two.rows.iloc[1:])
    (found,) = differences_to([two, pooled], [fewer])
    assert (found["name"], found["n_spectra"]) == ("two", 2)
    assert found["peptide_recall"] == found["by_peptide"]["aa_recall"] == 0
    assert found["gained"] == found["lost"] == 0
    wrong = two.rows.assign(is_right=False, n_matched=0)
    (found,) = differences_to([ScoredSet("two", SetKind.MEASURED, wrong)], [two])
    assert (found["gained"], found["lost"]) == (1, 0)
    assert found["peptide_recall"] == pytest.approx(1 / 3)
    other = ScoredSet("three", SetKind.MEASURED, two.rows)
    assert differences_to(first.scores, [other]) == []


@pytest.mark.parametrize("train", ["runs/a.mgf", ["runs/a.mgf"]])
def test_a_network_tuned_on_measured_spectra_does_not_claim_to_have_seen_none(train):
    data = {"train": train, "sources": {"recipe": {"proteome": PROTEINS, "exclude": []}}}
    found = exposure_of({"data": data}, {"PEPTIDE"})
    assert found.n_contained is None
    assert "trained on the measured spectra of a.mgf; which" in found.sentence


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
        ({"proteome": PROTEINS}, 1, "1 of 2 peptides of the files lie in its training proteins"),
        ({"proteome": PROTEINS, "exclude": ["absent.mgf"]}, 1, "before those of absent.mgf are"),
        ({"proteome": PROTEINS, "exclude": ["{listed}"]}, 0, "0 of 2 peptides of the files lie"),
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
