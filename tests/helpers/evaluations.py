"""An evaluation whose truth is made up: for tests that need no network."""

from collections import Counter

import numpy as np
import pandas as pd

from denovo.evaluation import Census, Evaluation
from denovo.metrics import q_values


def judged(
    n: int = 100, seed: int = 0, n_silent: int = 10, is_calibrated: bool = True
) -> Evaluation:
    """Answers that are right as often as their probabilities say, and some spectra without one."""
    random = np.random.default_rng(seed)
    probability = random.beta(2, 1, n)
    is_right = random.random(n) < probability
    probability[:n_silent] = is_right[:n_silent] = 0
    length = random.integers(6, 12, n)
    has_answer = np.arange(n) >= n_silent
    n_predicted = np.where(has_answer, length, 0)
    rows = pd.DataFrame(
        {
            "file": np.where(np.arange(n) % 2, "a.mgf", "b.mgf"),
            "status": np.where(has_answer, "ok", "infeasible"),
            "precursor_charge": random.integers(1, 4, n),
            "annotation": ["M[UNIMOD:35]K" if number % 3 else "MK" for number in range(n)],
            "log_probability": np.log(probability.clip(1e-9)),
            "probability": probability if is_calibrated else np.nan,
            "q_value": np.nan,
            "ppm_error": np.where(has_answer, random.normal(0, 5, n), np.nan),
            "residue_scores": [(p,) * k for p, k in zip(probability, n_predicted, strict=True)],
            "residues_right": [(r,) * k for r, k in zip(is_right, n_predicted, strict=True)],
            "share_of_fragments": random.random(n),
            "silent_run": random.integers(0, 6, n),
            "within_tolerance": has_answer,
            "n_matched": n_predicted * is_right,
            "n_predicted": n_predicted,
            "n_true": length,
            "is_right": is_right,
            "has_answer": has_answer,
            "length": length,
        }
    )
    if is_calibrated:
        rows.loc[has_answer, "q_value"] = q_values(probability[has_answer])
    census = Census(n, 3, [], Counter({"broken": 2}))
    return Evaluation(rows, census, 2.0)
