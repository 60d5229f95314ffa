"""What search and rescoring say of one spectrum, before masses and peaks are looked at."""

import math
from dataclasses import dataclass

from denovo.chemistry import Vocabulary
from denovo.decoding import Answer, Decoded
from denovo.prediction import Status
from denovo.rescoring import Rescored


@dataclass(frozen=True)
class Reading:
    """Answers to one spectrum.

    Parameters
    ----------
    answers : list of Answer
        Best first; where nothing counts, what the search without a constraint ended with.
    status : Status
        Whether the first counts.
    constraint_cost : float or None
        See `Prediction`; of the first network, where several read.
    unconstrained : Answer or None
        The answer without the constraint, None if that was off.
    probability : float or None
        Probability that the first is right, if rescoring gives one.
    """

    answers: list[Answer]
    status: Status
    constraint_cost: float | None
    unconstrained: Answer | None
    probability: float | None = None


def readings_of(
    decoded: Decoded, vocabulary: Vocabulary, rescored: Rescored | None = None
) -> list[Reading]:
    """Put together what is known of each spectrum of a batch.

    Parameters
    ----------
    decoded : Decoded
        What the first network read.
    vocabulary : Vocabulary
        Its tokens.
    rescored : Rescored or None
        What all networks agree on; where none of them has an answer that counts, the first
        network's reading stands.
    """
    readings = []
    costs = None if decoded.constraint_cost is None else decoded.constraint_cost.tolist()
    for row, status in enumerate(_status_of(decoded, vocabulary)):
        answers, probability = decoded.answers[row], None
        if rescored is not None and rescored.answers[row]:
            answers, status = rescored.answers[row], Status.OK
            if rescored.probabilities is not None:
                probability = rescored.probabilities[row][0]
        cost = costs[row] if costs is not None else -math.inf
        free = decoded.unconstrained[row] if decoded.unconstrained else None
        is_known = status is Status.OK and math.isfinite(cost)
        readings.append(Reading(answers, status, cost if is_known else None, free, probability))
    return readings


def _status_of(decoded: Decoded, vocabulary: Vocabulary) -> list[Status]:
    complete = decoded.is_complete.tolist()
    feasible = complete if decoded.is_feasible is None else decoded.is_feasible.tolist()
    status = []
    for answers, is_complete, is_feasible in zip(decoded.answers, complete, feasible, strict=True):
        if decoded.is_feasible is not None and not is_feasible:
            status.append(Status.INFEASIBLE)
        elif not is_complete or not vocabulary.n_residues(answers[0].peptide):
            status.append(Status.CUT_OFF)
        else:
            status.append(Status.OK)
    return status
