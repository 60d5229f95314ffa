"""Paired differences of two sequencers on the same spectra."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from denovo.evaluation.figures import ScoredSet
from denovo.evaluation.sets import SetKind
from denovo.metrics import paired_difference

_KEYS = ["title", "annotation", "precursor_mz", "copy"]
_COMPARED = ("n_matched", "n_predicted", "n_true", "is_right", "has_answer")


def differences_to(
    reference: Sequence[ScoredSet], scores: Sequence[ScoredSet]
) -> list[dict[str, Any]]:
    """Compare each set with the same set as another sequencer has read it.

    Parameters
    ----------
    reference, scores : sequence of ScoredSet
        All sets, read by the one and by the other.

    Returns
    -------
    list of dict
        For each set that both have read, controls aside: ``name``, ``kind``, what
        `paired_difference` says of the spectra that both have (an alphabet may lack some), the same
        with each peptide counting once in ``by_peptide``; ``gained`` and ``lost`` count the spectra
        whose peptide the one alone, or the other alone, has right.
    """
    first = {(score.kind, score.name): score for score in reference}
    found = []
    for score in scores:
        other = first.get((score.kind, score.name))
        if other is None or score.kind is SetKind.CONTROL:
            continue
        both = _numbered(score.rows).merge(_numbered(other.rows), on=_KEYS, suffixes=("", "_"))
        if len(both) == 0:
            continue
        ours = pd.DataFrame({name: both[name] for name in _COMPARED})
        theirs = pd.DataFrame({name: both[f"{name}_"] for name in _COMPARED})
        tables = ours, theirs, both["identity"].tolist()
        found.append(
            {
                "name": score.name,
                "kind": score.kind.value,
                **paired_difference(*tables),
                "by_peptide": paired_difference(*tables, is_averaged=True),
                "gained": int((ours["is_right"] & ~theirs["is_right"]).sum()),
                "lost": int((theirs["is_right"] & ~ours["is_right"]).sum()),
            }
        )
    return found


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Add a number that distinguishes spectra with the same keys."""
    return rows.assign(copy=rows.groupby(_KEYS[:-1]).cumcount())
