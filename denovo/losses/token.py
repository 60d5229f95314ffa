"""Cross-entropy of the tokens of a peptide."""

from collections.abc import Callable, Sequence

import torch

from denovo.chemistry import EOS, Vocabulary
from denovo.errors import InputError
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float32, Tensor

_FORBIDDEN = -1e8
"""Largest logit of an excluded token; the sequencer gives about -1e9."""

_RAMPS: dict[str, Callable[[int], list[float]]] = {
    "last": lambda n: [0.0] * (n - 1) + [1.0],
    "uniform": lambda n: [1.0] * n,
    "linear": lambda n: [float(k) for k in range(1, n + 1)],
}


class TokenLoss(LossTerm):
    """Mean cross-entropy over the residues of a peptide and its end.

    Parameters
    ----------
    vocabulary : Vocabulary
        The tokens that the logits are over.
    label_smoothing : float
        Share of the target spread evenly over all tokens that can be predicted, in [0, 1): the
        candidates and EOS, without those that the sequencer excludes at that position.
    step_weights : str or sequence of float
        Weight of each refinement step: only the ``"last"``, all equal (``"uniform"``), rising
        (``"linear"``), or one number per step. Normalised to a sum of 1.

    Raises
    ------
    InputError
        If a setting is out of range, or the number of weights is not the number of steps.
    """

    is_predictable: Tensor

    def __init__(
        self,
        vocabulary: Vocabulary,
        label_smoothing: float | int = 0.0,
        step_weights: str | Sequence[float | int] = "last",
    ) -> None:
        super().__init__(vocabulary)
        if not 0 <= label_smoothing < 1:
            raise InputError(f"label_smoothing must lie in [0, 1), got {label_smoothing}")
        self.label_smoothing = label_smoothing
        self.step_weights = _check_step_weights(step_weights)
        is_predictable = torch.zeros(len(vocabulary), dtype=torch.bool)
        is_predictable[vocabulary.candidates] = True
        is_predictable[EOS] = True
        self.register_buffer("is_predictable", is_predictable, persistent=False)

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float32[Tensor, " batch"]:
        """Compute the weighted mean over refinement steps of each spectrum's cross-entropy."""
        weights = self._weights(len(logits))
        values = [
            weight * self._one_step(step_logits, batch)
            for weight, step_logits in zip(weights, logits, strict=True)
            if weight > 0
        ]
        return torch.stack(values).sum(dim=0)

    def _one_step(
        self, logits: Float[Tensor, "batch length vocab"], batch: LabelledSpectra
    ) -> Float32[Tensor, " batch"]:
        scores = logits.float()
        log_probability = scores.log_softmax(dim=-1)
        loss = -log_probability.gather(-1, batch.tokens[..., None]).squeeze(-1)
        if self.label_smoothing > 0:
            allowed = self.is_predictable & (scores > _FORBIDDEN)
            spread = -torch.where(allowed, log_probability, 0.0).sum(dim=-1)
            spread = spread / allowed.sum(dim=-1).clamp(min=1)
            loss = torch.lerp(loss, spread, self.label_smoothing)
        mask = batch.target_mask
        return torch.where(mask, loss, 0.0).sum(dim=-1) / mask.sum(dim=-1)

    def _weights(self, n_steps: int) -> list[float]:
        given = self.step_weights
        weights = _RAMPS[given](n_steps) if isinstance(given, str) else list(given)
        if len(weights) != n_steps:
            raise InputError(
                f"step_weights has {len(weights)} entries, but the sequencer makes {n_steps} "
                "refinement steps; give one number per step"
            )
        return [weight / sum(weights) for weight in weights]


def _check_step_weights(step_weights: str | Sequence[float | int]) -> str | tuple[float, ...]:
    if isinstance(step_weights, str):
        if step_weights not in _RAMPS:
            raise InputError(
                f"step_weights must be one of {', '.join(_RAMPS)} or a list of numbers, "
                f"got {step_weights!r}"
            )
        return step_weights
    weights = tuple(float(weight) for weight in step_weights)
    if not sum(weights) > 0 or min(weights) < 0:
        raise InputError(
            f"step_weights must not be negative and must not all be 0, got {list(weights)}"
        )
    return weights
