"""Running medians look back, never ahead."""

import pandas as pd

from denovo.reports.runs.run import running_median


def test_the_median_is_that_of_the_last_points():
    curve = pd.Series({0: 9.0, 5: 1.0, 10: 5.0, 15: 2.0})
    assert running_median(curve, 3).to_dict() == {0: 9.0, 5: 5.0, 10: 5.0, 15: 2.0}


def test_one_outlier_leaves_no_trace():
    curve = pd.Series([1.0] * 10 + [1e6] + [1.0] * 10)
    assert (running_median(curve) == 1).all()


def test_what_is_to_come_changes_nothing():
    curve = pd.Series(range(20), dtype=float)
    assert running_median(curve.iloc[:12]).equals(running_median(curve).iloc[:12])
