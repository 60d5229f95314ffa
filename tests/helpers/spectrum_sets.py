"""Sets that a made-up sequencer has read: for tests that need no network."""

import numpy as np
import pandas as pd

from denovo.evaluation.exposure import Exposure
from denovo.evaluation.measurement import Measurement, differences_to
from denovo.evaluation.set_scores import POOLED, SetScore
from denovo.evaluation.sets import CLEAN, NOISY, Kind


def read_rows(n: int = 60, seed: int = 0, share: float = 0.6, n_candidates: int = 16):
    """Rows of `answers_to`, two spectra of every third peptide."""
    random = np.random.default_rng(seed)
    titles = np.arange(n) - (np.arange(n) % 3 == 2)
    length = 6 + titles % 14
    is_right = random.random(n) < share
    return pd.DataFrame(
        {
            "title": [f"scan {number}" for number in range(n)],
            "peptide": [f"PEPTIDE{number}" for number in titles],
            "prediction": "PEPTIDE",
            "log_probability": random.normal(-3, 1, n),
            "probability": (0.6 * is_right + 0.4 * random.random(n)).round(3),
            "identity": [f"PEPTLDE{number}" for number in titles],
            "charge": 2 + titles % 2,
            "silent_run": random.integers(0, 6, n),
            "n_candidates": n_candidates,
            "is_listed": is_right | (random.random(n) < 0.3),
            "n_matched": np.where(is_right, length, 2),
            "n_predicted": length,
            "n_true": length,
            "is_right": is_right,
            "has_answer": True,
            "length": length,
        }
    )


def measurement(name="net", share=0.6, reference=None, n_candidates=16, files=("a.mgf", "b.mgf")):
    """Two simulated and two measured sets, pooled, and a control."""
    scores = [
        SetScore(kind_name, Kind.SIMULATED, read_rows(30, seed, 0.9, n_candidates), 0.1)
        for seed, kind_name in enumerate((CLEAN, NOISY))
    ]
    rows = [read_rows(60, seed, share, n_candidates) for seed, _ in enumerate(files)]
    for kind in (Kind.MEASURED, Kind.CONTROL):
        scores += [SetScore(file, kind, r, 0.1) for file, r in zip(files, rows, strict=True)]
        pooled = pd.concat(rows, ignore_index=True)
        scores.append(SetScore(POOLED, kind, pooled, 0.2, is_pooled=True))
        rows = [r.assign(is_right=False, n_matched=0) for r in rows]
    differences = differences_to(reference.scores, scores) if reference else []
    exposure = Exposure(80, ("a.mgf",), 3)
    return Measurement(
        name, scores, exposure, ["no control for c.mgf: of one peptide"], differences
    )
