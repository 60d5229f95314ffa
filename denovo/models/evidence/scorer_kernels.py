"""What `CandidateScorer` computes on CPUs around its largest product, without tensors between."""

import numpy as np

from denovo.kernels import kernel, summing_kernel
from denovo.typing import Float32, Int, ndarray


@kernel
def mix(
    of_evidence: Float32[ndarray, "prefix candidate column"],
    embedding: Float32[ndarray, "candidate d_scorer"],
    of_state: Float32[ndarray, "row d_scorer"],
    prefix: Int[ndarray, " row"],
    mixed: Float32[ndarray, "input d_scorer"],
) -> int:
    """Write the inputs of the candidates of each row, cut at 0; returns their number."""
    n_candidates, width = embedding.shape
    for row in range(len(prefix)):
        for candidate in range(n_candidates):
            of_prefix, into = of_evidence[prefix[row], candidate], row * n_candidates + candidate
            for column in range(width):
                value = of_prefix[column] + embedding[candidate, column] + of_state[row, column]
                mixed[into, column] = _at_least_0(value)
    return len(prefix) * n_candidates


@summing_kernel
def write_scores(
    hidden: Float32[ndarray, "input d_scorer"],
    weights: Float32[ndarray, " d_scorer"],
    bias: Float32[ndarray, " one"],
    tokens: Int[ndarray, " candidate"],
    logits: Float32[ndarray, "row vocab"],
) -> None:
    """Write the score of each candidate to its token."""
    for row in range(len(logits)):
        for candidate in range(len(tokens)):
            values, total = hidden[row * len(tokens) + candidate], np.float32(0.0)
            for column in range(len(weights)):
                total += _at_least_0(values[column]) * weights[column]
            logits[row, tokens[candidate]] = total + bias[0]


@kernel
def _at_least_0(value: np.float32) -> np.float32:
    return np.float32(0.0) if value < 0 else value  # what is no number stays so
