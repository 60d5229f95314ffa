"""A token loss that is implausibly low."""

import math
from collections import deque
from collections.abc import Mapping

import torch

from denovo.training.tripwires.tripwire import StepView, Tripwire
from denovo.typing import Tensor


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
    recall : str
        Name of the validation figure.
    token : str
        Name of the token loss.
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
        recall: str = "val/peptide_recall",
        token: str = "token",
        action: str = "warn",
    ) -> None:
        super().__init__(action)
        self.floor, self.within_steps, self.patience = floor, within_steps, patience
        self.max_gap, self.recall, self.token = max_gap, recall, token
        self._below = 0
        self._recent: deque[tuple[float, Tensor]] = deque(maxlen=window)

    def before_backward(self, view: StepView) -> str | None:
        """Compare the loss with the floor, and keep it with the tokens per peptide."""
        loss = view.values.get(self.token)
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
            "if the data are to be learnt by heart, set callbacks.tripwires.wires.too_good=null"
        )

    def after_validation(self, step: int, figures: Mapping[str, float]) -> str | None:
        """Compare the recall with the prediction of the training loss."""
        if self.recall not in figures or not self._recent:
            return None
        losses, n_tokens = zip(*self._recent, strict=True)
        loss = sum(losses) / len(losses)
        promised = math.exp(-loss * float(torch.stack(n_tokens).mean()))
        found = figures[self.recall]
        if not promised - found > self.max_gap:
            return None
        return (
            f"up to step {step} the token loss is {loss:.3g}, which promises {promised:.0%} of the "
            f"peptides, but validation finds {found:.0%}: the label reaches the network in "
            "training, or the training peptides are learnt by heart"
        )
