"""Picture of answers by their score and their relation to search results."""

import numpy as np
from matplotlib.figure import Figure

from denovo.evaluation import BOTH, SearchComparison
from denovo.reports.figures.style import COLOURS, new_figure

_N_BARS = 25
_COLOURS = (COLOURS[0], COLOURS[2], COLOURS[1], COLOURS[7])


def draw_agreement(found: SearchComparison) -> Figure:
    """Draw the answers by probability, or by score, stacked by their relation to the search."""
    probability = found.rows["probability"].to_numpy(np.float64)
    has_probability = not np.isnan(probability).all()
    values = probability if has_probability else found.rows["score"].to_numpy(np.float64)
    is_shown = np.isfinite(values) & (found.rows["denovo_peptide"].to_numpy() != "")
    relation = found.rows["relation"].to_numpy()
    labels = {**{outcome.value: outcome.value for outcome in BOTH}, "": "no peptide in the search"}
    parts = [values[is_shown & (relation == name)] for name in labels]
    with new_figure(7.2, 3.2) as figure:
        axes = figure.subplots()
        axes.hist(
            parts,
            bins=_N_BARS,
            range=(0.0, 1.0) if has_probability else None,
            stacked=True,
            color=_COLOURS,
            label=[*labels.values()],
        )
        axes.set_xlabel("probability to be right" if has_probability else "score")
        axes.set_ylabel("answers")
        axes.legend()
    return figure
