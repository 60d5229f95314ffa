"""Figures of a mapping: matches by kind beside chance, and false discovery rates from proteins."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.metrics.intervals import wilson_interval
from denovo.proteins.mapping import Mapping
from denovo.proteins.matching import FOUND, LOOKED_UP, NUMBER, Match

_MIN_ANSWERS = 20
"""Fewest answers whose two false discovery rates are compared."""


class KindRow(NamedTuple):
    """Matches of one kind.

    Parameters
    ----------
    kind : Match
        Kind of match.
    n_target, n_chance : int
        Answers with such a match in the proteins, and in the shuffled proteins.
    n_answers : int
        Answers that were looked up.
    false_share : float or None
        Chance matches for each match: the estimated share of matches of this kind that are
        accidental, at most 1; None without a match.
    """

    kind: Match
    n_target: int
    n_chance: int
    n_answers: int
    false_share: float | None


class LevelRow(NamedTuple):
    """Answers accepted at a level, and two estimates of the share of wrong ones.

    Parameters
    ----------
    level : float or None
        Largest q-value; None for all answers that were looked up.
    n_answers, n_target, n_chance : int
        Accepted answers, and those that the proteins and the shuffled proteins hold as stated.
    n_found : int
        Accepted answers with a match of any kind.
    predicted : float
        Mean of 1 - probability.
    wrong, low, high : float
        `Mapping.wrong_share`, with a 95 % interval.
    """

    level: float | None
    n_answers: int
    n_target: int
    n_chance: int
    n_found: int
    predicted: float
    wrong: float
    low: float
    high: float

    @property
    def disagrees(self) -> bool:
        """Whether the predicted share lies outside the interval, and there are enough answers."""
        return self.n_answers >= _MIN_ANSWERS and not self.low <= self.predicted <= self.high


def kind_rows(mapping: Mapping) -> list[KindRow]:
    """Count the matches of each kind, those by chance beside."""
    n_answers = int(mapping.is_looked_up.sum())
    rows = []
    for kind in LOOKED_UP:
        target = int((mapping.kinds == NUMBER[kind]).sum())
        chance = int((mapping.shuffled_kinds == NUMBER[kind]).sum())
        share = min(chance / target, 1.0) if target and kind in FOUND else None
        rows.append(KindRow(kind, target, chance, n_answers, share))
    return rows


def level_rows(mapping: Mapping) -> list[LevelRow]:
    """Estimate the share of wrong answers at each level of the q-value, and of all answers."""
    rows = []
    for level in (*FDR_LEVELS, None):
        chosen = mapping.is_looked_up & ~np.isnan(mapping.probability)
        if level is not None:
            chosen &= mapping.q_value <= level
        n_answers = int(chosen.sum())
        if not n_answers:
            continue
        n_target, n_chance = (int(each[chosen].sum()) for each in mapping.is_same)
        scale = 1 / max(1 - n_chance / n_answers, 1 / n_answers)
        low, high = wilson_interval(n_answers - n_target, n_answers)
        rows.append(
            LevelRow(
                level,
                n_answers,
                n_target,
                n_chance,
                int((chosen & mapping.is_found).sum()),
                float(1 - mapping.probability[chosen].mean()),
                mapping.wrong_share(chosen),
                min(low * scale, 1.0),
                min(high * scale, 1.0),
            )
        )
    return rows


def disagreement(rows: Sequence[LevelRow]) -> str | None:
    """Say in one sentence where the probabilities and the proteins disagree most, if they do."""
    apart = [row for row in rows if row.disagrees]
    if not apart:
        return None
    row = max(apart, key=lambda row: abs(row.wrong - row.predicted))
    where = "of all answers" if row.level is None else f"of the answers at q <= {row.level:g}"
    found = (
        f"{where} ({row.n_answers:,}), {row.predicted:.1%} are wrong by their probabilities and "
        f"{row.wrong:.1%} by the proteins (95 % interval {row.low:.1%} to {row.high:.1%}): "
    )
    if row.high >= 1.0:
        return f"{found}the proteins hold no more answers than by chance; are they of the sample?"
    if row.predicted < row.low:
        return f"{found}the probabilities are too high, or the FASTA files lack proteins."
    return f"{found}the probabilities are too low."
