"""Curves of single batches made readable."""

import pandas as pd

SMOOTHING = 9
"""Logged points of which the running median is taken: one batch is no trend."""


def running_median(curve: pd.Series, n_points: int = SMOOTHING) -> pd.Series:
    """Take the median of the points up to each one.

    Parameters
    ----------
    curve : Series
        Values by step, ascending.
    n_points : int
        Points of one median, the last included; fewer at the beginning.

    Returns
    -------
    Series
        Of the same steps: nothing that happens is seen before it does.
    """
    return pd.Series(curve.rolling(n_points, min_periods=1).median())
