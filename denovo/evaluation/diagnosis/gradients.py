"""Values and gradients of all penalties of the precursor loss."""

from collections.abc import Callable, Sequence

import pandas as pd
import torch

from denovo.losses import PENALTIES, PrecursorMassLoss, make_penalty
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Tensor

ERRORS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 25_000.0, 100_000.0)
"""Errors in ppm of the table; 25,000 is typical of an untrained sequencer."""


def compare_members(
    loss_scale: float | int = 100.0, errors: Sequence[float] = ERRORS, normalize: bool = False
) -> pd.DataFrame:
    """Tabulate value and slope of every penalty.

    Parameters
    ----------
    loss_scale : float
        Scale of all penalties, positive, in the unit of the errors.
    errors : sequence of float
        Absolute errors.
    normalize : bool
        Whether values and slopes are divided by the scale.

    Returns
    -------
    DataFrame
        A row per penalty (``member``) and ``error``: ``value``, ``slope``, and ``is_dead``, true if
        the slope is exactly zero and the value is not.
    """
    parts = []
    for name in PENALTIES:
        error = torch.tensor(errors, dtype=torch.float64).requires_grad_()
        value = make_penalty(name, loss_scale, normalize)(error)
        (slope,) = torch.autograd.grad(value.sum(), error)
        columns = {"error": errors, "value": value.detach().numpy(), "slope": slope.numpy()}
        parts.append(pd.DataFrame({"member": name, **columns}))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(is_dead=(table["slope"] == 0) & (table["value"] > 0))


def gradients_of_batch(
    logits: Float[Tensor, "step batch length vocab"],
    batch: LabelledSpectra,
    loss: PrecursorMassLoss,
) -> pd.DataFrame:
    """Compute the gradient of every penalty with respect to the logits of one batch.

    Parameters
    ----------
    logits : Tensor [step, batch, length, vocab]
        Output of the sequencer.
    batch : LabelledSpectra
        The spectra and their peptides.
    loss : PrecursorMassLoss
        Error, scale and normalisation of all penalties.

    Returns
    -------
    DataFrame
        A row per penalty: ``member``, ``loss`` (batch mean), ``gradient_norm`` of that mean,
        ``dead_share`` (share of spectra with zero gradient and non-zero loss).
    """
    rows = []
    for name, penalty in _members_like(loss).items():
        leaf = logits.detach().clone().requires_grad_()
        value = penalty(loss.error(leaf, batch))
        (gradient,) = torch.autograd.grad(value.mean(), leaf)
        per_spectrum = gradient.transpose(0, 1).flatten(1).abs().amax(dim=1)
        is_dead = (per_spectrum == 0) & (value > 0)
        rows.append(
            {
                "member": name,
                "loss": float(value.detach().mean()),
                "gradient_norm": float(gradient.norm()),
                "dead_share": float(is_dead.double().mean()),
            }
        )
    return pd.DataFrame(rows)


def descend_on_batch(
    logits: Float[Tensor, "step batch length vocab"],
    batch: LabelledSpectra,
    loss: PrecursorMassLoss,
    n_steps: int = 600,
    learning_rate: float = 0.001,
) -> pd.DataFrame:
    """Minimise every penalty over the logits of one batch, without a network, by Adam.

    Returns
    -------
    DataFrame
        Median absolute error, in the unit of the loss, by step (index) and penalty (columns).
    """
    curves = {}
    for name, penalty in _members_like(loss).items():
        leaf = logits.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([leaf], lr=learning_rate)
        curves[name] = []
        for _ in range(n_steps):
            error = loss.error(leaf, batch)
            curves[name].append(float(error.detach().abs().median()))
            optimizer.zero_grad()
            penalty(error).mean().backward()
            optimizer.step()
    return pd.DataFrame(curves)


def _members_like(loss: PrecursorMassLoss) -> dict[str, Callable[[Tensor], Tensor]]:
    return {name: make_penalty(name, loss.loss_scale, loss.normalize) for name in PENALTIES}
