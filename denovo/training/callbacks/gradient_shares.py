"""Gradients of the loss terms: their measurement, and a limit on the share of each."""

import math
from collections.abc import Mapping
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from torch import nn

from denovo.errors import InputError
from denovo.training.callbacks.trainer import gradient_scale, log_now
from denovo.training.system import SequencerTraining
from denovo.typing import Float, Float64, Tensor


class GradientShares(Callback):
    """Measure the gradient of each weighted loss term at regular steps.

    For each term of positive weight, over the trainable parameters of the sequencer, it logs

    - ``gradients/norm_<term>``: length of the gradient of the term with its weight in the total;
    - ``gradients/share_<term>``: that length divided by the sum over all terms;
    - ``gradients/cosine_<term>``: cosine to the gradient of the reference;
    - ``gradients/factor_<term>``: with ``max_share``, the factor on the term from the next step on.

    With ``max_share``, a term with a larger share is scaled down until the next measurement, so
    that its share would be exactly ``max_share``. The weights of the curriculum stay the same.

    Parameters
    ----------
    every_n_steps : int
        Optimizer steps from one measurement to the next. A measurement costs one backward pass per
        term. A term that has just received a weight is measured at once.
    max_share : float or None
        Largest share of a term other than the reference, in (0, 1); None never scales.
    reference : str
        The term to which the others are compared; it is never scaled.

    Raises
    ------
    InputError
        If a setting is out of range, or the loss has no term ``reference``.

    Notes
    -----
    - Only the factors influence training: gradients are computed separately from those of the
      backward pass, and no random number is drawn.
    - With gradient accumulation the first batch of a step is measured.
    - With a gradient scaler, gradients are computed scaled, to prevent underflow, and reported
      unscaled.
    - Each rank measures its own batch; the figures are means over ranks, so that all ranks apply
      the same factors.
    - Factors are part of the checkpoint: a resumed run equals an uninterrupted one.
    """

    def __init__(
        self,
        every_n_steps: int = 50,
        max_share: float | int | None = None,
        reference: str = "token",
    ) -> None:
        if every_n_steps < 1:
            raise InputError(
                f"gradient_shares: every_n_steps must be at least 1, got {every_n_steps}"
            )
        if max_share is not None and not 0 < max_share < 1:
            raise InputError(
                f"gradient_shares: max_share must lie between 0 and 1, got {max_share}"
            )
        self.every_n_steps, self.max_share, self.reference = every_n_steps, max_share, reference
        self.factors: dict[str, float] = {}
        self._terms: list[str] = []
        self._step: int | None = None

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Raise `InputError` if the loss does not have the reference term."""
        assert isinstance(pl_module, SequencerTraining)
        if self.reference not in pl_module.loss.weights:
            raise InputError(
                f"gradient_shares: the loss has no term {self.reference!r} to compare with; set "
                f"callbacks.gradient_shares.reference to one of {', '.join(pl_module.loss.weights)}"
            )

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: object, batch_idx: int
    ) -> None:
        """Apply the factors of the last measurement, from the next step on."""
        assert isinstance(pl_module, SequencerTraining)
        if trainer.global_step != self._step and self.max_share is not None:
            pl_module.loss.set_factors(self.factors)

    def on_before_backward(
        self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor
    ) -> None:
        """Measure at every n-th step, and when the set of terms changes."""
        assert isinstance(pl_module, SequencerTraining)
        assert pl_module.last_step is not None
        step, parts = trainer.global_step, pl_module.last_step.loss.parts
        is_due = step % self.every_n_steps == 0 or list(parts) != self._terms
        if step == self._step or not is_due:
            return
        self._step, self._terms = step, list(parts)
        parameters = [p for p in pl_module.sequencer.parameters() if p.requires_grad]
        measured = measure(parts, parameters, self.reference, gradient_scale(trainer))
        measured = trainer.strategy.reduce(measured, reduce_op="mean")
        norms, cosines = (dict(zip(parts, row.tolist(), strict=True)) for row in measured)
        self._rein_in(pl_module, norms)
        self._log(trainer, norms, cosines if self.reference in parts else {})

    def _rein_in(self, pl_module: SequencerTraining, norms: Mapping[str, float]) -> None:
        is_finite = all(math.isfinite(norm) for norm in norms.values())
        if self.max_share is None or not is_finite:
            return
        applied = pl_module.loss.factors
        # The norms include the current factors, which are divided out here.
        free = {name: norm / (applied[name] or 1.0) for name, norm in norms.items()}
        self.factors = capped_factors(free, self.max_share, self.reference)

    def _log(
        self, trainer: L.Trainer, norms: Mapping[str, float], cosines: Mapping[str, float]
    ) -> None:
        total = sum(norms.values())
        values = {f"gradients/norm_{name}": norm for name, norm in norms.items()}
        values |= {
            f"gradients/share_{name}": norm / total if total else 0.0
            for name, norm in norms.items()
        }
        values |= {f"gradients/cosine_{name}": cosine for name, cosine in cosines.items()}
        if self.max_share is not None:
            factors = {name: self.factors.get(name, 1.0) for name in norms}
            values |= {f"gradients/factor_{name}": factor for name, factor in factors.items()}
        log_now(trainer, values)

    def state_dict(self) -> dict[str, Any]:
        """Return the factors for a resumed run."""
        return {"factors": self.factors, "terms": self._terms}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the result of `state_dict`."""
        self.factors, self._terms = dict(state_dict["factors"]), list(state_dict["terms"])


def capped_factors(
    norms: Mapping[str, float], max_share: float, reference: str
) -> dict[str, float]:
    """Compute the factors on gradients that limit their shares of the sum of norms.

    With ``T`` the sum of the norms after scaling, a capped term ends at ``max_share * T``. If ``k``
    terms are capped and the others add up to ``R``, then ``T = R / (1 - k * max_share)``. Capped
    terms get a factor in (0, 1). There are no factors if the reference has no gradient, because
    shares are then undefined.

    Examples
    --------
    >>> capped_factors({"token": 1.0, "precursor": 9.0}, max_share=0.5, reference="token")
    {'precursor': 0.1111111111111111}
    """
    if not norms.get(reference, 0.0) > 0:
        return {}
    capped: list[str] = []
    # Largest first: capping it shrinks the total, which may push the next one over the bound.
    for name in sorted(norms, key=lambda name: norms[name], reverse=True):
        if name == reference:
            continue
        if norms[name] <= max_share * _total(norms, capped, max_share):
            break
        capped.append(name)
    total = _total(norms, capped, max_share)
    return {name: max_share * total / norms[name] for name in capped}


def _total(norms: Mapping[str, float], capped: list[str], max_share: float) -> float:
    rest = sum(norm for name, norm in norms.items() if name not in capped)
    return rest / (1 - len(capped) * max_share)


def measure(
    parts: Mapping[str, Float[Tensor, ""]],
    parameters: list[nn.Parameter],
    reference: str,
    scale: float = 1.0,
) -> Float64[Tensor, "2 term"]:
    """Measure the gradient of each part of a loss, separately from the backward pass.

    Row 0 holds the lengths, row 1 the cosines to the gradient of the reference, 0 where either has
    no length. ``scale`` prevents underflow of half-precision gradients.
    """
    against = _gradient(parts[reference], parameters, scale) if reference in parts else []
    length = _inner_product(against, against).sqrt()
    rows = []
    for name, part in parts.items():
        # One at a time: no more than two gradients are held at once.
        gradient = against if name == reference else _gradient(part, parameters, scale)
        norm = _inner_product(gradient, gradient).sqrt()
        product = _inner_product(gradient, against) if against else torch.zeros_like(norm)
        size = norm * length
        rows.append(torch.stack([norm / scale, torch.where(size == 0, 0.0, product / size)]))
    return torch.stack(rows, dim=1)


def _gradient(part: Tensor, parameters: list[nn.Parameter], scale: float) -> list[Tensor]:
    found = torch.autograd.grad(part * scale, parameters, retain_graph=True, allow_unused=True)
    # A parameter without influence on this part, for example of another head, has no gradient.
    return [
        torch.zeros_like(parameter) if gradient is None else gradient
        for gradient, parameter in zip(found, parameters, strict=True)
    ]


def _inner_product(one: list[Tensor], other: list[Tensor]) -> Float64[Tensor, ""]:
    products = [(a.double() * b.double()).sum() for a, b in zip(one, other, strict=True)]
    return torch.stack(products).sum() if products else torch.zeros((), dtype=torch.float64)
