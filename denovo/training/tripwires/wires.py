"""Tripwires on the loss, its gradient, the weights of the curriculum, and the recall."""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from denovo.curriculum import Curriculum
from denovo.errors import InputError
from denovo.reports.figures_logged import RECALL
from denovo.training.tripwires.tripwire import StepView, Tripwire
from denovo.typing import Float64, Tensor

_CAUSES = {
    "precursor": "their errors lie beyond the bound of the clamp; use penalty=log",
    "spectrum": "no expected ion comes near a peak; use a larger width_da",
}
_UNKNOWN_CAUSE = "it is clamped, detached, or behind a softmax without slope"


class NotFiniteLoss(Tripwire):
    """Fire when the loss, or a term of positive weight, is NaN or infinite; `stop` or `rewind`."""

    actions = ("stop", "rewind")

    def before_backward(self, view: StepView) -> str | None:
        """Name the terms that are not finite."""
        odd = [name for name, value in view.values.items() if not math.isfinite(value)]
        if not odd and math.isfinite(view.total):
            return None
        if odd:
            what = " and ".join(f"the {name} loss is {view.values[name]}" for name in odd)
        else:
            what = f"every term is finite, but the loss is {view.total}"
        return (
            f"at step {view.step} {what}: a lower learning rate (optimizer.lr) or a smaller "
            "weight of that term keeps training from running away"
        )


class NotFiniteGradient(Tripwire):
    """Fire when a gradient is NaN or infinite; `skip`, `stop` or `rewind`.

    One update would spread the value to all weights. With 16-bit mixed precision such gradients are
    part of the search for a scale, and the gradient scaler skips their updates; the wire does not
    run then.
    """

    actions = ("skip", "stop", "rewind")

    def before_update(self, step: int, parameters: Sequence[nn.Parameter]) -> str | None:
        """Compute the norm of all gradients together."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        if not gradients or math.isfinite(norm := float(nn.utils.get_total_norm(gradients))):
            return None
        return (
            f"at step {step} the loss is finite, but the length of its gradient is {norm}: look "
            "for a square root, a logarithm or a division at its edge, or lower the learning rate "
            "(optimizer.lr)"
        )


@dataclass(frozen=True)
class _Count:
    """Counts of the spectra of a batch, over all ranks."""

    n_dead: float
    n_moving: float
    n_spectra: float
    total: float

    def is_dead(self, min_share: float | int) -> bool:
        if not self.n_moving:
            return self.n_dead > 0
        return self.n_dead >= min_share * self.n_spectra


class DeadGradient(Tripwire):
    """Fire when a term of positive weight has a value but nearly no gradient.

    A spectrum is dead if the gradient of its term is exactly zero while its value is not. The wire
    fires if one spectrum of the batch is dead and none has a gradient, or if the share of dead ones
    is at least ``min_share``: with a clamp, a single spectrum within the bound proves nothing. A
    loss that has reached zero is not dead, and neither is a logarithm.

    The gradient is that with respect to the logits, which costs a backward pass through the loss
    alone. The counts are summed over ranks.

    Parameters
    ----------
    every_n_steps : int
        Optimizer steps from one check to the next.
    patience : int
        Number of consecutive checks that must find the term dead.
    min_share : float
        Share of the spectra of a batch, in (0, 1].
    action : str
        ``warn`` or ``stop``.

    Raises
    ------
    InputError
        If the share is out of range, or the wire does not know the action.
    """

    def __init__(
        self,
        every_n_steps: int = 10,
        patience: int = 5,
        min_share: float | int = 0.95,
        action: str = "warn",
    ) -> None:
        super().__init__(action)
        if not 0 < min_share <= 1:
            raise InputError(
                f"tripwire DeadGradient: min_share must lie above 0 and at most at 1, "
                f"got {min_share}"
            )
        self.every_n_steps, self.patience, self.min_share = every_n_steps, patience, min_share
        self._dead: dict[str, int] = {}

    def before_backward(self, view: StepView) -> str | None:
        """Differentiate each term with respect to the logits."""
        if view.step % self.every_n_steps or not view.is_first:
            return None
        names = list(view.training.loss.parts)
        # One exchange between ranks and one transfer from the device for all terms.
        counted = view.sum_over_ranks(torch.stack([_count(view, name) for name in names]))
        counts = {name: _Count(*row) for name, row in zip(names, counted.tolist(), strict=True)}
        self._dead = {
            name: self._dead.get(name, 0) + 1
            for name, count in counts.items()
            if count.is_dead(self.min_share)
        }
        for name, n_checks in self._dead.items():
            if n_checks >= self.patience:
                count = counts[name]
                return (
                    f"the gradient of the {name} loss is exactly zero for {count.n_dead:.0f} of "
                    f"{count.n_spectra:.0f} spectra, though their loss is not, at {n_checks} "
                    f"checks in a row up to step {view.step}, and the mean value is "
                    f"{count.total / count.n_spectra:.6g}: {_CAUSES.get(name, _UNKNOWN_CAUSE)}"
                )
        return None


def _count(view: StepView, name: str) -> Float64[Tensor, " 4"]:
    """Count the dead, moving and all spectra of this rank, and sum the values of the term."""
    values = view.training.loss.by_spectrum[name].double()
    moving = torch.zeros_like(values, dtype=torch.bool)
    part = view.training.loss.parts[name] * view.gradient_scale
    if part.requires_grad:
        logits = view.training.logits
        (gradient,) = torch.autograd.grad(part, logits, retain_graph=True, allow_unused=True)
        if gradient is not None:
            moving = gradient.ne(0).any(dim=3).any(dim=2).any(dim=0)
    dead = ~moving & (values != 0)
    n_spectra = torch.full_like(values[0], len(values))
    return torch.stack([dead.sum().double(), moving.sum().double(), n_spectra, values.sum()])


class FrozenLoss(Tripwire):
    """Fire when the value of a term is the same, to the last digit, at ``patience`` steps in a row.

    The loss of different batches differs in its digits even without learning. A value of exactly 0
    does not count, because nothing is left to learn. ``action`` is ``warn`` or ``stop``.
    """

    def __init__(self, patience: int = 20, action: str = "warn") -> None:
        super().__init__(action)
        self.patience = patience
        self._seen: dict[str, tuple[float, int]] = {}

    def before_backward(self, view: StepView) -> str | None:
        """Compare each value with the previous one."""
        if not view.is_first:
            return None
        for name, value in view.values.items():
            before, count = self._seen.get(name, (value, 0))
            self._seen[name] = (value, count + 1 if value == before else 1)
        for name, value in view.values.items():
            if self._seen[name][1] >= self.patience and value != 0:
                return (
                    f"the {name} loss has been {value!r}, to the last digit, for "
                    f"{self._seen[name][1]} steps up to step {view.step}: training does not change "
                    "it, as beyond the bound of a clamp (use penalty=log), after a detach, or with "
                    "a learning rate of 0"
                )
        return None


class TooGood(Tripwire):
    """Fire when the token loss is so low that the label must reach the network.

    There are two criteria:

    - a token loss below ``floor`` within the first ``within_steps`` steps: no network predicts
      that well that early;
    - at a validation, far fewer right peptides than the training loss predicts. A cross-entropy of
      ``L`` per token means that a peptide of ``n`` tokens, EOS included, is right with probability
      ``exp(-L n)``. Training spectra are no cleaner than those of validation, so recall should not
      be lower by more than ``max_gap``, unless training peptides are memorised.

    Parameters
    ----------
    floor : float
        Smallest plausible token loss, per token, in the first steps.
    within_steps : int
        Number of these steps.
    patience : int
        Consecutive batches below the floor.
    max_gap : float
        Largest difference between predicted and observed recall.
    window : int
        Batches over which the prediction is averaged.
    action : str
        ``warn`` or ``stop``.
    """

    def __init__(
        self,
        floor: float | int = 0.02,
        within_steps: int = 500,
        patience: int = 3,
        max_gap: float | int = 0.5,
        window: int = 20,
        action: str = "warn",
    ) -> None:
        super().__init__(action)
        self.floor, self.within_steps, self.patience = floor, within_steps, patience
        self.max_gap = max_gap
        self._below = 0
        self._recent: deque[tuple[float, Tensor]] = deque(maxlen=window)

    def before_backward(self, view: StepView) -> str | None:
        """Compare the loss with the floor, and keep it with the tokens per peptide."""
        loss = view.values.get("token")
        if loss is None:
            return None
        n_tokens = view.training.batch.target_mask.sum(dim=-1).float().mean()
        self._recent.append((loss, n_tokens))
        self._below = self._below + 1 if loss < self.floor else 0
        if view.step >= self.within_steps or self._below < self.patience:
            return None
        return (
            f"the token loss is {loss:.3g} at step {view.step}, too low to be true that early: "
            "the label reaches the network (a missing causal mask, the target among the inputs); "
            "to memorise the data on purpose, set callbacks.tripwires.wires.too_good=null"
        )

    def after_validation(self, step: int, figures: Mapping[str, float]) -> str | None:
        """Compare the recall with the prediction of the training loss."""
        if RECALL not in figures or not self._recent:
            return None
        losses, n_tokens = zip(*self._recent, strict=True)
        loss = sum(losses) / len(losses)
        predicted = math.exp(-loss * float(torch.stack(n_tokens).mean()))
        found = figures[RECALL]
        if not predicted - found > self.max_gap:
            return None
        return (
            f"up to step {step} the token loss is {loss:.3g}, which predicts {predicted:.0%} right "
            f"peptides, but validation finds {found:.0%}: the label reaches the network in "
            "training, or the network memorises the training peptides"
        )


class IdleCurriculum(Tripwire):
    """Fire when a loss was computed with other weights or settings than those of its step.

    It also fires when a training ends in the first of several stages, for any reason but a fault:
    after its last step, or by ``trainer.max_time``.

    Parameters
    ----------
    curriculum : Curriculum
        The planned stages.
    action : str
        ``warn`` or ``stop``. At the end of a training it only warns.
    """

    def __init__(self, curriculum: Curriculum, action: str = "stop") -> None:
        super().__init__(action)
        self.curriculum = curriculum

    def before_backward(self, view: StepView) -> str | None:
        """Compare the weights and settings of the loss with those that the stage sets."""
        stage, loss = self.curriculum.stage_at(view.step), view.training.loss
        planned, applied, what = stage.weights, loss.weights, "weights"
        if planned == applied:
            planned = _flat(stage.terms)
            applied = {key: v for key, v in _flat(loss.settings).items() if key in planned}
            what = "settings of terms"
        if planned == applied:
            return None
        return (
            f"step {view.step} belongs to stage {stage.number}, {stage.name}, with the {what} "
            f"{_text(planned)}, but the loss applies {_text(applied)}: the curriculum does not "
            "advance; CurriculumCallback must be among the callbacks, and nothing else may set "
            "weights or settings of terms"
        )

    def at_end(self, n_steps: int) -> str | None:
        """Check that a training with several stages left the first one."""
        boundaries = self.curriculum.boundaries
        if not boundaries or n_steps > boundaries[0]:
            return None
        return (
            f"training ended after {n_steps} steps, but stage 2 of the curriculum starts at step "
            f"{boundaries[0]}: it never advanced; train longer, or lower size.steps_per_stage"
        )


def _flat(terms: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"{term}.{name}": value for term, given in terms.items() for name, value in given.items()
    }


def _text(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items())
