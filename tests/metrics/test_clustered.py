"""Figures of spectra some of which are of one peptide."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.metrics import CLUSTERED, clustered_figures, paired_difference, resampled_sums

ROW = st.tuples(st.sampled_from("ABCDEFGHIJKLMNOP"), st.integers(0, 6), st.booleans())


def table(entries):
    """Peptides of six residues, of which some are right."""
    matched = [6 if right else min(n, 5) for _, n, right in entries]
    rows = {"n_matched": matched, "n_predicted": 6, "n_true": 6, "has_answer": True}
    return pd.DataFrame({**rows, "is_right": [right for *_, right in entries]})


def names(entries):
    return [name for name, *_ in entries]


@settings(max_examples=30)
@given(entries=st.lists(ROW, min_size=1, max_size=40), is_averaged=st.booleans())
def test_every_interval_contains_its_share_and_lies_within_bounds(entries, is_averaged):
    found = clustered_figures(table(entries), names(entries), is_averaged, n_resamples=200)
    for name in CLUSTERED:
        low, high = found[f"{name}_low"], found[f"{name}_high"]
        assert (np.isnan(low) and len(set(names(entries))) < 10) or (
            -1e-9 <= low <= found[name] + 1e-9 and found[name] - 1e-9 <= high <= 1 + 1e-9
        )


@settings(max_examples=30)
@given(entries=st.lists(ROW, min_size=1, max_size=20), copies=st.integers(1, 4))
def test_a_peptide_counts_once_however_often_it_was_measured(entries, copies):
    name = entries[0][0]
    more = entries + [e for e in entries if e[0] == name] * (copies - 1)
    once = clustered_figures(table(entries), names(entries), True, n_resamples=10)
    again = clustered_figures(table(more), names(more), True, n_resamples=10)
    for figure in (*CLUSTERED, "n_peptides"):
        assert again[figure] == pytest.approx(once[figure])


def test_spectra_of_one_peptide_tell_as_much_as_one():
    rows = table([("A", 0, n % 2 == 0) for n in range(40)])
    apart = clustered_figures(rows, [f"P{n}" for n in range(40)], n_resamples=10)
    together = clustered_figures(rows, [f"P{n // 4}" for n in range(40)], n_resamples=10)
    assert apart["peptide_recall"] == together["peptide_recall"] == 0.5
    assert apart["standard_error"] == pytest.approx((0.25 / 40) ** 0.5)
    assert together["standard_error"] == pytest.approx((0.25 / 10) ** 0.5)


def test_means_over_peptides_and_over_spectra_differ_where_peptides_repeat():
    entries = [("A", 0, True), ("A", 0, True), ("A", 0, True), ("B", 0, False)]
    by_spectrum = clustered_figures(table(entries), names(entries), n_resamples=10)
    by_peptide = clustered_figures(table(entries), names(entries), True, n_resamples=10)
    assert (by_spectrum["peptide_recall"], by_peptide["peptide_recall"]) == (0.75, 0.5)
    assert (by_spectrum["n_spectra"], by_spectrum["n_peptides"]) == (4, 2)


def test_the_bootstrap_has_the_width_that_theory_gives():
    # Peptides right or wrong as a whole: the binomial interval, 1.96 sqrt(0.3 * 0.7 / 1000).
    rows = table([("", 0, n < 300) for n in range(1000)])
    found = clustered_figures(rows, [f"P{n}" for n in range(1000)])
    assert found["aa_recall_low"] == pytest.approx(0.3 - 0.0284, abs=0.004)
    assert found["aa_recall_high"] == pytest.approx(0.3 + 0.0284, abs=0.004)
    assert clustered_figures(rows, [f"P{n}" for n in range(1000)]) == found


def test_an_interval_leaves_out_a_fortieth_of_the_bootstrap_on_either_side():
    random = np.random.default_rng(2)
    rows = table([("", int(n), False) for n in random.integers(0, 6, 50)])
    clusters = [f"P{n:02d}" for n in range(50)]
    n_matched = rows["n_matched"].to_numpy()[:, None].astype(float)
    recall = resampled_sums(n_matched, 200)[:, 0] / (6 * 50)
    found = clustered_figures(rows, clusters, n_resamples=200)
    expected = np.quantile(recall, [0.025, 0.975])
    assert [found["aa_recall_low"], found["aa_recall_high"]] == pytest.approx(expected)


def test_each_spectrum_counts_once_unless_peptides_are_asked_for():
    entries = [("A", 0, True), ("A", 0, True), ("A", 0, True), ("B", 0, False)]
    first, second = table(entries), table([(name, 0, False) for name in names(entries)])
    found = [
        paired_difference(first, second, names(entries), *mean, n_resamples=10)["peptide_recall"]
        for mean in ((), (False,), (True,))
    ]
    assert found == [0.75, 0.75, 0.5]


@pytest.mark.parametrize("is_averaged", [False, True])
def test_one_spectrum_has_the_figures_of_its_answer(is_averaged):
    found = clustered_figures(table([("A", 0, True)]), ["A"], is_averaged, n_resamples=10)
    assert [found[name] for name in CLUSTERED] == [1.0] * len(CLUSTERED)


def test_precision_counts_answers_and_recall_counts_spectra():
    rows = table([("", 0, n < 2) for n in range(5)]).assign(has_answer=np.arange(5) < 4)
    found = clustered_figures(rows, list("ABCDE"), n_resamples=10)
    assert (found["peptide_precision"], found["peptide_recall"]) == (2 / 4, 2 / 5)
    # Wilson, 2 of 4.
    assert found["peptide_precision_low"] == pytest.approx(0.1500, abs=1e-4)


def test_without_answers_precision_is_0():
    rows = table([("", 0, False)] * 3).assign(n_predicted=0, has_answer=False)
    found = clustered_figures(rows, list("ABC"), n_resamples=10)
    assert (found["aa_precision"], found["peptide_precision"]) == (0, 0)


def test_what_is_hard_for_both_cancels_in_the_difference():
    random = np.random.default_rng(0)
    right = random.random(400) < 0.5
    first = table([("", 0, r) for r in right])
    better = table([("", 0, r or n < 20) for n, r in enumerate(right)])
    clusters = [f"P{n}" for n in range(400)]
    found = paired_difference(better, first, clusters)
    changed = (~right[:20]).sum() / 400
    assert found["peptide_recall"] == pytest.approx(changed)
    expected = (changed * (1 - changed) / 400) ** 0.5
    assert found["peptide_recall_standard_error"] == pytest.approx(expected, rel=0.1)
    assert found["peptide_recall_standard_error"] < 0.5 * (0.5 / 400) ** 0.5
    mirrored = paired_difference(first, better, clusters)
    for name in CLUSTERED:
        bounds = [-mirrored[f"{name}_high"], -mirrored[f"{name}_low"]]
        assert [found[f"{name}_low"], found[f"{name}_high"]] == pytest.approx(bounds, abs=1e-12)
    same = paired_difference(first, first, clusters, n_resamples=10)
    assert same["peptide_recall"] == same["aa_recall_standard_error"] == 0


def test_no_change_among_few_spectra_is_no_proof_of_none():
    clusters = [f"P{n}" for n in range(16)]
    rows = table([("", 3, n < 8) for n in range(16)])
    found = paired_difference(rows, rows, clusters, n_resamples=10)
    # Wilson, 0 of 16.
    assert (
        found["peptide_recall_high"]
        == -found["peptide_recall_low"]
        == pytest.approx(0.1936, abs=1e-4)
    )
    few = paired_difference(rows[:9], rows[:9], clusters[:9], n_resamples=10)
    assert few["peptide_recall"] == 0
    assert np.isnan([few["peptide_recall_low"], few["aa_recall_standard_error"]]).all()


def test_readings_of_other_spectra_are_not_compared():
    rows = table([("A", 0, True)])
    with pytest.raises(ValueError, match="got 1 and 1 for 2 spectra"):
        paired_difference(rows, rows, ["A", "B"])
