import math
import statistics

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import EOS, PAD
from denovo.metrics.precursor import PpmErrorMetrics, special_token_probability


def errors(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def figures(metrics: PpmErrorMetrics) -> dict[str, float]:
    return {name: value.item() for name, value in metrics.compute().items()}


def test_figures_are_of_absolute_errors():
    metrics = PpmErrorMetrics()
    metrics.update(errors(-5.0, 10.0, 15.0, -34_000.0))
    assert figures(metrics) == {
        "ppm_error_mean": pytest.approx(34_030 / 4),
        "ppm_error_abs_median": 12.5,
        "ppm_error_abs_p90": 34_000.0,
        "ppm_within_10": 0.5,
        "ppm_within_20": 0.75,
    }


def test_the_shares_include_their_bounds_and_nothing_beyond():
    metrics = PpmErrorMetrics()
    metrics.update(errors(10.0, 10.001, -20.0, -20.001))
    found = figures(metrics)
    assert (found["ppm_within_10"], found["ppm_within_20"]) == (1 / 4, 3 / 4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_the_median_is_that_of_the_standard_library(values):
    metrics = PpmErrorMetrics()
    metrics.update(errors(*values))
    expected = statistics.median(map(abs, values))
    assert figures(metrics)["ppm_error_abs_median"] == pytest.approx(expected)


def test_uneven_batches_give_the_figures_of_one_batch():
    split, whole = PpmErrorMetrics(), PpmErrorMetrics()
    whole.update(errors(1.0, -2.0, 30.0))
    split.update(errors(1.0))
    split.update(errors(-2.0, 30.0))
    assert figures(split) == figures(whole)


@pytest.mark.parametrize("absent", [math.nan, math.inf])
def test_an_absent_prediction_is_not_within_and_leaves_the_median_alone(absent):
    metrics = PpmErrorMetrics()
    metrics.update(errors(1.0, absent, -3.0, absent))
    assert figures(metrics) == {
        "ppm_error_mean": 2.0,
        "ppm_error_abs_median": 2.0,
        "ppm_error_abs_p90": 3.0,
        "ppm_within_10": 0.5,
        "ppm_within_20": 0.5,
    }


def test_no_prediction_at_all_has_no_median():
    metrics = PpmErrorMetrics()
    metrics.update(errors(math.nan))
    assert math.isnan(figures(metrics)["ppm_error_abs_median"])
    assert math.isnan(figures(metrics)["ppm_error_mean"])
    assert figures(metrics)["ppm_within_20"] == 0.0


def test_prefix_stands_before_every_name():
    metrics = PpmErrorMetrics(prefix="soft_")
    metrics.update(errors(0.0))
    assert set(metrics.compute()) == {
        "soft_ppm_error_mean",
        "soft_ppm_error_abs_median",
        "soft_ppm_error_abs_p90",
        "soft_ppm_within_10",
        "soft_ppm_within_20",
    }


def test_special_token_probability_is_what_stands_where_a_residue_should():
    logits = torch.full((1, 3, 6), -1e9)
    logits[0, 0, [PAD, 4]] = 0.0  # half on PAD
    logits[0, 1, 5] = 0.0  # none
    logits[0, 2, EOS] = 0.0  # the end of the peptide: does not count
    mask = torch.tensor([[True, True, False]])
    assert special_token_probability(logits, mask).item() == pytest.approx(0.25)
