"""Evaluations whose answers are made up: for tests that need no network."""

from collections import Counter

import numpy as np
import pandas as pd

from denovo.evaluation import (
    CLEAN,
    NOISY,
    POOLED,
    Census,
    Evaluation,
    Exposure,
    Fate,
    ScoredSet,
    SetKind,
    differences_to,
)


def scored_rows(
    n: int = 100,
    seed: int = 0,
    n_silent: int = 10,
    is_calibrated: bool = True,
    n_candidates: int = 16,
    share: float = 2 / 3,
) -> pd.DataFrame:
    """Rows of `score_answers`, right as often as their probabilities say, some without an answer.

    Every third peptide has two spectra.
    """
    random = np.random.default_rng(seed)
    probability = random.beta(2, 2 * (1 - share) / share, n)
    is_right = random.random(n) < probability
    probability[:n_silent] = is_right[:n_silent] = 0
    number = np.arange(n) - (np.arange(n) % 3 == 2)
    length = 6 + number % 14
    has_answer = np.arange(n) >= n_silent
    n_predicted = np.where(has_answer, length, 0)
    return pd.DataFrame(
        {
            "title": [f"scan {k}" for k in range(n)],
            "precursor_mz": 400.0 + np.arange(n),
            "status": np.where(has_answer, "ok", "infeasible"),
            "precursor_charge": 1 + number % 5 % 3,
            "annotation": [f"{'M[UNIMOD:35]K' if k % 3 else 'MK'}{k}" for k in number],
            "identity": [f"MK{k}" for k in number],
            "log_probability": np.log(probability.clip(1e-9)),
            "probability": probability if is_calibrated else np.nan,
            "ppm_error": np.where(has_answer, random.normal(0, 5, n), np.nan),
            "residue_scores": [(p,) * k for p, k in zip(probability, n_predicted, strict=True)],
            "residues_right": [(r,) * k for r, k in zip(is_right, n_predicted, strict=True)],
            "n_candidates": n_candidates,
            "is_listed": is_right | (random.random(n) < 0.3),
            "site_coverage": random.random(n),
            "max_missing_sites": random.integers(0, 6, n),
            "within_tolerance": has_answer,
            "n_matched": np.where(is_right, length, np.minimum(n_predicted, 2)),
            "n_predicted": n_predicted,
            "n_true": length,
            "is_right": is_right,
            "has_answer": has_answer,
            "length": length,
        }
    )


def scored(*arguments, kind=SetKind.MEASURED, name="a.mgf", **options) -> ScoredSet:
    """Make a set of `scored_rows`."""
    return ScoredSet(name, kind, scored_rows(*arguments, **options), 2.0, 1.0)


def evaluation(name="net", reference=None, files=("a.mgf", "b.mgf"), **options) -> Evaluation:
    """Evaluate two simulated and two measured sets, pooled, and a control."""
    scores = [
        scored(30, seed, 2, kind=SetKind.SIMULATED, name=simulated, **options)
        for seed, simulated in enumerate((CLEAN, NOISY))
    ]
    for kind in (SetKind.MEASURED, SetKind.CONTROL):
        found = [scored(60, n, kind=kind, name=file, **options) for n, file in enumerate(files)]
        rows = pd.concat([each.rows for each in found], ignore_index=True)
        scores += [*found, ScoredSet(POOLED, kind, rows, 4.0, 2.0, is_pooled=True)]
    counts = Counter({Fate.ANNOTATED: 120, Fate.UNANNOTATED: 3, Fate.REJECTED: 2})
    return Evaluation(
        name,
        scores,
        differences_to(reference.scores, scores) if reference else [],
        Exposure(80, ("a.mgf",), 3),
        Census(counts, Counter({"broken": 2})),
        ["no control for c.mgf: of one peptide"],
    )
