"""Which spectra of a set are read: by charge, by length, and by what the peaks leave open."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from denovo.metrics import by_count, by_value, clustered_figures
from denovo.typing import Bool, ndarray

_MOST_SILENT = 4
_LENGTHS = {"up to 8": (0, 8), "9 - 11": (9, 11), "12 - 14": (12, 14), "15 - 17": (15, 17)}
_LONGEST = 17

Groups = Mapping[str, Bool[ndarray, " spectrum"]]


def groups_of(rows: pd.DataFrame) -> dict[str, Groups]:
    """Sort the rows of `answers_to` into groups in every way that is reported."""
    length = rows["length"].to_numpy()
    lengths = {name: (length >= low) & (length <= high) for name, (low, high) in _LENGTHS.items()}
    return {
        "silent_run": by_count(rows["silent_run"].to_numpy(), _MOST_SILENT),
        "charge": by_value(rows["charge"].to_numpy()),
        "length": lengths | {f"{_LONGEST + 1} and more": length > _LONGEST},
    }


def breakdown_of(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Compute the figures of every group that is not empty.

    Parameters
    ----------
    rows : DataFrame
        Rows of `answers_to`.

    Returns
    -------
    dict of str to list of dict
        For each way of grouping a dict for each group: its name as ``group``, what
        `clustered_figures` says of its spectra, and ``listed``, see `share_listed`.
    """
    return {
        name: [
            {"group": group, **figures_of(pd.DataFrame(rows[belongs]))}
            for group, belongs in groups.items()
            if belongs.any()
        ]
        for name, groups in groups_of(rows).items()
    }


def figures_of(rows: pd.DataFrame) -> dict[str, Any]:
    """Compute the figures of spectra, each of which counts once."""
    figures = clustered_figures(rows, rows["identity"].tolist())
    return {**figures, "listed": share_listed(rows)}


def share_listed(rows: pd.DataFrame) -> float | None:
    """Return the share of spectra whose truth is among the candidates; None without lists."""
    if len(rows) == 0 or int(rows["n_candidates"].max()) < 2:
        return None
    return float(rows["is_listed"].mean())
