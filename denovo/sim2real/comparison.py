"""Two readings of the same spectra, peptide by peptide."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from denovo.metrics import paired_difference
from denovo.sim2real.score import SetScore
from denovo.sim2real.sets import Kind

_KEYS = ["title", "peptide", "charge", "copy"]


def differences_to(
    reference: Sequence[SetScore], scores: Sequence[SetScore]
) -> list[dict[str, Any]]:
    """Compare each set with the same set as another sequencer has read it.

    Parameters
    ----------
    reference, scores : sequence of SetScore
        All sets, read by the one and by the other.

    Returns
    -------
    list of dict
        For each set that both have read, controls aside: ``name``, ``kind``, what
        `paired_difference` says of the spectra that both have (an alphabet may lack some), and the
        same with each peptide counting once in ``by_peptide``.
    """
    first = {(score.kind, score.name): score for score in reference}
    found = []
    for score in scores:
        other = first.get((score.kind, score.name))
        if other is None or score.kind is Kind.CONTROL:
            continue
        both = _numbered(score.rows).merge(_numbered(other.rows), on=_KEYS, suffixes=("", "_"))
        if len(both) == 0:
            continue
        ours = pd.DataFrame({name: both[name] for name in _JUDGED})
        theirs = pd.DataFrame({name: both[f"{name}_"] for name in _JUDGED})
        tables = ours, theirs, both["identity"].tolist()
        found.append(
            {
                "name": score.name,
                "kind": score.kind.value,
                **paired_difference(*tables),
                "by_peptide": paired_difference(*tables, is_averaged=True),
            }
        )
    return found


_JUDGED = ("n_matched", "n_predicted", "n_true", "is_right")


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Tell spectra apart by a number where nothing else does."""
    return rows.assign(copy=rows.groupby(_KEYS[:-1]).cumcount())
