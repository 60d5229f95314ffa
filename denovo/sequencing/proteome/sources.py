"""Posterior over two sources of peptides: a proteome, and everything else."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from denovo.spectra.prediction import KNOWN, NOVEL, Prediction, Rivals
from denovo.typing import Bool, Float64, Int, ndarray

_SHARES = 0.01, 0.99
"""Bounds of the share of spectra whose peptide is not in the proteome."""
_STEPS = 200


@dataclass(frozen=True)
class SourceModel:
    """Conditional logit over the candidates of both sources, and over none listed of each source.

    The weight of a candidate is ``exp(scale * utility)``; for a peptide of the proteome, times
    ``exp(known + by_mass * (mass / 1000 - 1.2))`` and the share of the peptide among all that weigh
    as much. None being right has a weight for each source, of the same form.

    Parameters
    ----------
    scale : float
        Factor on the utilities of the reranker.
    known, by_mass : float
        Logarithm of the weight of the proteome at 1,200 Da, and its change by 1,000 Da.
    novel_none, novel_scale, known_none, known_scale : float
        Constant and factor on the reranker's utility of none being right, of each source.
    novel_share : float
        Share of spectra whose peptide was not in the proteome, in the fit.

    Notes
    -----
    The posterior at another share follows from that of the fit by the ratio of the priors, and the
    share of a run by expectation maximisation: Saerens et al., Neural Comput. 14, 21 (2002),
    doi:10.1162/089976602753284446.
    """

    scale: float
    known: float
    by_mass: float
    novel_none: float
    novel_scale: float
    known_none: float
    known_scale: float
    novel_share: float


FITTED = SourceModel(0.953, 13.821, 4.722, -0.198, 0.964, -0.72, 0.438, 0.4)
"""Fitted to 3,072 simulated spectra by ``benchmarks/proteome_prior.py fit``, with the rescoring
``full`` of the network that comes with denovo; see ``docs/research/proteome_prior.md``."""

NOT_FITTED = (
    "the prior of the proteome was fitted for the network of the package; the probabilities and "
    "q-values of another network may be wrong"
)


class Weights(NamedTuple):
    """Logarithms of the weights of candidates, and of none being right from each source."""

    candidate: Float64[ndarray, " candidate"]
    decoy: Float64[ndarray, " candidate"]
    novel_none: Float64[ndarray, " spectrum"]
    known_none: Float64[ndarray, " spectrum"]


def weights_of(
    model: SourceModel,
    utility: Float64[ndarray, " candidate"],
    outside: Float64[ndarray, " spectrum"],
    log_share: Float64[ndarray, " candidate"],
    decoy_share: Float64[ndarray, " candidate"],
    log_number: Float64[ndarray, " spectrum"],
    mass: Float64[ndarray, " candidate"],
) -> Weights:
    """Compute the logarithms of the weights of a batch; arguments as in `Candidates`, mass in Da.

    The weight of a decoy is the one that it would have as a peptide of the proteome.
    """
    prior = model.known + model.by_mass * (mass / 1000 - 1.2)
    novel = model.scale * utility
    is_known = np.isfinite(log_share)
    known_none = model.known_none + model.known_scale * outside
    return Weights(
        np.where(is_known, novel + prior + log_share, novel),
        novel + prior + decoy_share,
        model.novel_none + model.novel_scale * outside,
        np.where(np.isfinite(log_number), known_none, -np.inf),
    )


def log_sums(
    row: Int[ndarray, " candidate"],
    weight: Float64[ndarray, " candidate"],
    chosen: Bool[ndarray, " candidate"],
    none: Float64[ndarray, " spectrum"],
) -> Float64[ndarray, " spectrum"]:
    """Add the weights of chosen candidates to that of none for each spectrum; all logarithms."""
    total = none.copy()
    np.logaddexp.at(total, row[chosen], weight[chosen])
    return total


def estimate_share(log_ratio: Float64[ndarray, " spectrum"], reference: float) -> float:
    """Estimate the share of spectra whose peptide is not in the proteome.

    Parameters
    ----------
    log_ratio : array [spectrum], float64
        Logarithm of the weight of the proteome over that of all else, ``all_known - all_novel``.
    reference : float
        Share of the fit.

    Returns
    -------
    float
        In [0.01, 0.99], by expectation maximisation, with one spectrum of each source added.
    """
    share = reference
    for _ in range(_STEPS):
        odds = log_ratio + _log_odds(1 - share) - _log_odds(1 - reference)
        novel = 1 / (1 + np.exp(odds.clip(-700, 700)))
        share = float(np.clip((novel.sum() + 1) / (len(novel) + 2), *_SHARES))
    return share


def resolved(prediction: Prediction, share: float, reference: float) -> Prediction:
    """Choose between the best peptides of both sources at a share of novel peptides.

    Parameters
    ----------
    prediction : Prediction
        A prediction; returned as it is if it has no rivals.
    share, reference : float
        Share of spectra whose peptide is not in the proteome, of this run and of the fit.

    Returns
    -------
    Prediction
        The more probable one, with its probability and those of both.
    """
    rivals = prediction.rivals
    if rivals is None:
        return prediction
    known, novel = (
        (None, None) if best is None else (best, float(np.exp(value)))
        for best, value in zip(
            (rivals.known, rivals.novel), _log_posteriors(rivals, share, reference), strict=False
        )
    )
    is_known = novel[1] is None or (known[1] is not None and known[1] >= novel[1])
    best, probability = known if is_known else novel
    assert best is not None, "there is a peptide of one source"
    return replace(
        best,
        probability=probability,
        source=KNOWN if is_known else NOVEL,
        proteins=rivals.proteins if is_known else "",
        proteome_peptide=known[0].peptide if known[0] else "",
        proteome_rank=rivals.rank,
        proteome_probability=known[1],
        novel_peptide=novel[0].peptide if novel[0] else "",
        novel_probability=novel[1],
        variant_of="" if is_known else rivals.variant_of,
        variant="" if is_known else rivals.variant,
        rivals=rivals,
    )


def may_be_novel(log_known: float, log_novel: float, share: float, reference: float) -> bool:
    """Return whether the best peptide outside the proteome wins at a share of novel peptides.

    ``share`` is the given one, if any; an estimated one may be anything up to 0.99.
    """
    highest = _log_odds(max(share, _SHARES[1])) - _log_odds(reference)
    return log_novel + highest >= log_known


def decoy_probability(rivals: Rivals, share: float, reference: float) -> float:
    """Return the probability of the best decoy in place of the best peptide of the proteome.

    It is 0 where the decoy has a smaller weight than the best peptide of either source.
    """
    known, novel, decoy = _log_posteriors(rivals, share, reference)
    if decoy <= max(known, novel):
        return 0.0
    # Probabilities of all, without the peptide of the proteome, add up to the rest.
    rest = max(-np.expm1(known), 0.0)
    return float(1 / (1 + rest * np.exp(-decoy)))


def _log_posteriors(rivals: Rivals, share: float, reference: float) -> tuple[float, float, float]:
    """Return the log-probability of the best of the proteome, of the others and of the decoys."""
    of_known = np.log1p(-share) - np.log1p(-reference)
    of_novel = np.log(share) - np.log(reference)
    total = np.logaddexp(rivals.all_known + of_known, rivals.all_novel + of_novel)
    return (
        rivals.log_known + of_known - total,
        rivals.log_novel + of_novel - total,
        rivals.log_decoy + of_known - total,
    )


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
