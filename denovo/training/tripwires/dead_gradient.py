"""Loss terms with a weight but without effect on the network."""

from dataclasses import dataclass

import torch

from denovo.errors import InputError
from denovo.training.tripwires.tripwire import StepView, Tripwire
from denovo.typing import Float64, Tensor

_CAUSES = {
    "precursor": "their errors lie beyond the bound of the clamp; use penalty=log",
    "spectrum": "no expected ion comes near a peak; use a larger width_da",
}
_UNKNOWN_CAUSE = "it is clamped, detached, or behind a softmax without slope"


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
