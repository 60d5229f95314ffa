"""Last step of a run with a proteome: the share of novel peptides, and all answers."""

from collections.abc import Iterable

import numpy as np

from denovo.metrics.sources import SourceRun
from denovo.sequencing.proteome.sources import (
    FITTED,
    decoy_probability,
    estimate_share,
    resolved,
)
from denovo.spectra.prediction import Prediction


def choose(run: SourceRun, prediction: Prediction) -> Prediction:
    """Choose between the rivals of a prediction of a run."""
    return resolved(prediction, run.novel_share, FITTED.novel_share)


def settle(predictions: Iterable[Prediction], novel_share: float | None) -> SourceRun:
    """Estimate the share of novel peptides of a run, unless it is given, and choose all answers.

    Parameters
    ----------
    predictions : iterable of Prediction
        All predictions, with their rivals; iterated twice.
    novel_share : float or None
        Share of spectra whose peptide is not in the proteome.
    """
    share = novel_share
    if share is None:
        ratio = [
            each.rivals.all_known - each.rivals.all_novel for each in predictions if each.rivals
        ]
        share = estimate_share(np.array(ratio, dtype=np.float64), FITTED.novel_share)
    source, probability, decoy, is_variant = [], [], [], []
    for each in predictions:
        chosen = resolved(each, share, FITTED.novel_share)
        source.append(chosen.source)
        probability.append(chosen.probability or 0.0)
        is_variant.append(bool(chosen.variant))
        known = chosen.rivals and decoy_probability(chosen.rivals, share, FITTED.novel_share)
        decoy.append(known or 0.0)
    return SourceRun(
        share,
        novel_share is None,
        np.array(source, dtype=np.str_),
        np.array(probability, dtype=np.float64),
        np.array(decoy, dtype=np.float64),
        np.array(is_variant, dtype=np.bool_),
    )
