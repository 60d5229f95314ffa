"""Posterior over a proteome and all else: share of a run, choice, decoys, error rates."""

from dataclasses import replace

import numpy as np
import pytest

from denovo.sequencing.proteome.run import choose, settle
from denovo.sequencing.proteome.sources import (
    FITTED,
    KNOWN,
    NOVEL,
    decoy_probability,
    estimate_share,
    log_sums,
    resolved,
    weights_of,
)
from denovo.spectra.prediction import Rivals
from tests.helpers.predictions import prediction

REFERENCE = FITTED.novel_share


def rivals(known=0.0, novel=0.0, decoy=-np.inf, none=-3.0, index=0):
    """Weights of one peptide of each source, and of none being right from each."""
    return replace(
        prediction(index),
        rivals=Rivals(
            prediction(index, peptide="KNOWN"),
            prediction(index, peptide="NVEL"),
            *(known, novel, decoy),
            *(float(np.logaddexp(known, none)), float(np.logaddexp(novel, none))),
            rank=1,
            proteins="P1;P2",
        ),
    )


def test_at_the_share_of_the_fit_the_posterior_is_that_of_the_weights():
    found = resolved(rivals(2.0, 1.0), REFERENCE, REFERENCE)
    total = np.exp(2.0) + np.exp(1.0) + 2 * np.exp(-3.0)
    assert found.probability == pytest.approx(np.exp(2.0) / total)
    assert found.novel_probability == pytest.approx(np.exp(1.0) / total)
    assert (found.peptide, found.source, found.proteins) == ("KNOWN", KNOWN, "P1;P2")


def test_the_odds_of_both_sources_follow_the_share():
    for share in (0.1, 0.9):
        found = resolved(rivals(2.0, 1.0), share, REFERENCE)
        odds = found.proteome_probability / found.novel_probability
        prior = (1 - share) / share * REFERENCE / (1 - REFERENCE)
        assert odds == pytest.approx(np.e * prior)
    assert (found.peptide, found.source, found.proteins) == ("NVEL", NOVEL, "")
    assert found.proteome_peptide == "KNOWN"


def test_a_peptide_that_explains_the_spectrum_better_wins_without_the_proteome():
    assert resolved(rivals(2.0, 8.0), REFERENCE, REFERENCE).source == NOVEL


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_share_of_a_run_is_found_again(share):
    random = np.random.default_rng(1)
    is_novel = random.random(4000) < share
    # Log-ratios of two normal densities that are two standard deviations apart.
    value = random.normal(np.where(is_novel, -1.0, 1.0))
    ratio = 2 * value + np.log((1 - REFERENCE) / REFERENCE)
    assert estimate_share(ratio, REFERENCE) == pytest.approx(share, abs=0.03)


def test_one_peptide_of_a_thousand_has_a_thousandth_of_the_weight_of_the_only_one():
    one = np.array([0.0])
    only, of_many = (
        weights_of(FITTED, one, one, np.array([share]), one - np.inf, one, one + 1200).candidate
        for share in (0.0, -np.log(1000))
    )
    assert np.exp(only - of_many) == pytest.approx(1000)


def test_sums_of_weights_hold_the_chosen_candidates_and_none():
    row, weight = np.array([0, 2, 2]), np.log([1.0, 2.0, 3.0])
    found = log_sums(row, weight, np.array([True, True, False]), np.log([1.0, 1.0, 1.0]))
    np.testing.assert_allclose(np.exp(found), [2.0, 1.0, 3.0])


def test_a_decoy_counts_only_where_it_would_be_the_answer():
    assert decoy_probability(rivals(2.0, 1.0, 1.5).rivals, REFERENCE, REFERENCE) == 0
    best = decoy_probability(rivals(2.0, 1.0, 3.0).rivals, REFERENCE, REFERENCE)
    total = np.exp(3.0) + np.exp(1.0) + 2 * np.exp(-3.0)
    assert best == pytest.approx(np.exp(3.0) / total)


def test_q_values_are_those_of_each_source_alone():
    rows = [rivals(6.0, 0.0, index=0), rivals(0.0, 4.0, index=1), rivals(1.0, 0.0, index=2)]
    settled = settle(rows, REFERENCE)
    chosen = [choose(settled, row) for row in rows]
    errors = [1 - each.probability for each in chosen]
    assert [each.source for each in chosen] == [KNOWN, NOVEL, KNOWN]
    expected = [errors[0], errors[1], (errors[0] + errors[2]) / 2]
    np.testing.assert_allclose(settled.q_values, expected)


def test_many_decoys_give_a_warning_and_few_do_not():
    good = [rivals(8.0, 0.0, index=n) for n in range(40)]
    assert not any("warning" in line for line in settle(good, REFERENCE).lines)
    bad = [rivals(8.0, 0.0, decoy=12.0, index=n) for n in range(10)]
    assert any("warning: by decoys" in line for line in settle(good + bad, REFERENCE).lines)


def test_a_row_without_an_answer_has_no_q_value_and_is_kept():
    settled = settle([prediction(0), rivals(3.0)], None)
    assert np.isnan(settled.q_values[0])
    assert choose(settled, prediction(0)) == prediction(0)
