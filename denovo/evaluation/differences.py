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
    """Compare the scores of a sequencer with those of a reference, set by set.

    Returns
    -------
    list of dict
        For each common set that is not a control: ``name``, ``kind``, the `paired_difference` of
        the common spectra (an alphabet may lack some), in ``by_peptide`` the same with each peptide
        counted once; ``gained`` and ``lost``, the numbers of spectra whose peptide only the
        sequencer or only the reference has right.
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
