"""Picture of answers by their score and their relation to search results."""

import numpy as np
from matplotlib.figure import Figure

from denovo.evaluation import BOTH, SearchComparison
from denovo.reports.figures.style import COLOURS, new_figure

_N_BARS = 25
_COLOURS = (COLOURS[0], COLOURS[2], COLOURS[1], COLOURS[7])
_WITHOUT = "no peptide in the search"


def draw_agreement(found: SearchComparison) -> Figure:
    """Draw the answers by probability, or by score, stacked by their relation to the search."""
    rows = found.rows[found.rows["denovo_peptide"] != ""]
    has_probability = bool(rows["probability"].notna().any())
    values = rows["probability" if has_probability else "score"]
    is_shown = np.isfinite(values)
    relations = rows["relation"].where(rows["relation"] != "", _WITHOUT)
    labels = [*(outcome.value for outcome in BOTH), _WITHOUT]
    parts = [values[is_shown & (relations == label)].to_numpy() for label in labels]
    with new_figure(7.2, 3.2) as figure:
        axes = figure.subplots()
        bounds = (0.0, 1.0) if has_probability else None
        axes.hist(parts, _N_BARS, bounds, stacked=True, color=_COLOURS, label=labels)
        axes.set_xlabel("probability to be right" if has_probability else "score")
        axes.set_ylabel("answers")
        axes.legend()
    return figure
