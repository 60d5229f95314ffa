"""The weighted sum of loss terms that a sequencer is trained on."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.errors import InputError, check_names
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float32, Tensor


@dataclass(frozen=True)
class LossOutput:
    """A loss and its parts.

    Parameters
    ----------
    total : Tensor []
        Weighted sum of the terms, to be minimised.
    parts : dict of str to Tensor []
        Weighted batch mean of each term of positive weight, times its factor, with gradient; they
        sum up to the total.
    terms : dict of str to Tensor []
        Unweighted batch mean of each term that was computed, without gradient.
    weights : dict of str to float
        Weight of every term.
    shares : dict of str to Tensor []
        Share of each computed term in the total, without gradient.
    by_spectrum : dict of str to Tensor [batch]
        Unweighted value of each spectrum, for each computed term, without gradient.
    settings : dict of str to dict of str to float
        For each term the settings that a curriculum may change, with the values used.
    """

    total: Float32[Tensor, ""]
    parts: dict[str, Float32[Tensor, ""]]
    terms: dict[str, Float32[Tensor, ""]]
    weights: dict[str, float]
    shares: dict[str, Float32[Tensor, ""]]
    by_spectrum: dict[str, Float[Tensor, " batch"]]
    settings: dict[str, dict[str, float]]


class CompositeLoss(nn.Module):
    """Named loss terms, each with a weight that may change while training runs.

    Parameters
    ----------
    vocabulary : Vocabulary
        Handed to every term, so that all look up the same tokens and masses.
    terms : mapping of str to callable
        For each name a factory that is called with ``vocabulary=...``: a class or a
        ``functools.partial``.

    Raises
    ------
    InputError
        If there is no term.

    Notes
    -----
    Every weight is 1 until `set_weights` is called. Weights are non-persistent buffers: a change
    does not recompile a compiled loss, and a checkpoint restores no outdated one.

    Factors multiply the weights: the curriculum sets the weights, the cap on gradient shares
    (`denovo.training.callbacks.GradientShares`) sets the factors.
    """

    weight_values: Tensor
    factor_values: Tensor

    def __init__(
        self, vocabulary: Vocabulary, terms: Mapping[str, Callable[..., LossTerm]]
    ) -> None:
        super().__init__()
        if not terms:
            raise InputError("the loss has no terms; name at least one, such as token")
        self.terms = nn.ModuleDict(
            {name: make(vocabulary=vocabulary) for name, make in terms.items()}
        )
        self.register_buffer("weight_values", torch.ones(len(terms)), persistent=False)
        self.weights = dict.fromkeys(terms, 1.0)
        self.register_buffer("factor_values", torch.ones(len(terms)), persistent=False)
        self.factors = dict.fromkeys(terms, 1.0)

    def attach(self, sequencer: nn.Module) -> None:
        """Hand the network that is trained to every term."""
        for _, term in self._terms():
            term.attach(sequencer)

    def set_weights(self, weights: Mapping[str, float | int]) -> None:
        """Set the weight of every term.

        Parameters
        ----------
        weights : mapping of str to float
            One non-negative number for each term, at least one of them positive.

        Raises
        ------
        InputError
            If a name is unknown or missing, a weight is negative or not finite, or all are 0.
        """
        unknown = sorted(set(weights) - set(self.weights))
        missing = sorted(set(self.weights) - set(weights))
        if unknown or missing:
            raise InputError(
                f"loss weights must name exactly the terms {', '.join(self.weights)}; "
                f"unknown: {', '.join(unknown) or 'none'}, missing: {', '.join(missing) or 'none'}"
            )
        for name, weight in weights.items():
            if not 0 <= weight < math.inf:
                raise InputError(f"loss weight {name} must be 0 or positive, got {weight}")
        if not any(weights.values()):
            raise InputError("all loss weights are 0, so there is nothing to train on")
        self.weights = {name: float(weights[name]) for name in self.weights}
        self.weight_values.copy_(torch.tensor(list(self.weights.values())))

    def set_factors(self, factors: Mapping[str, float]) -> None:
        """Set the factors in [0, 1] on capped terms, in addition to their weights; others get 1."""
        assert set(factors) <= set(self.factors), f"factors for unknown terms: {sorted(factors)}"
        assert all(0 <= factor <= 1 for factor in factors.values()), factors
        self.factors = {name: float(factors.get(name, 1.0)) for name in self.factors}
        self.factor_values.copy_(torch.tensor(list(self.factors.values())))

    def set_settings(self, settings: Mapping[str, Mapping[str, float | int]]) -> None:
        """Change settings of terms, by term and setting; those not named stay as they are.

        Raises
        ------
        InputError
            If there is no such term or setting, or a value is out of range.
        """
        check_names(settings, self.weights, "loss", "term")
        for name, term in self._terms():
            term.set_settings(settings.get(name, {}))

    def _terms(self) -> Iterator[tuple[str, LossTerm]]:
        for name, term in self.terms.items():
            assert isinstance(term, LossTerm)
            yield name, term

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> LossOutput:
        """Compute the loss of a batch.

        Parameters
        ----------
        logits : Tensor [step, batch, length, vocab]
            Logits at each position, for each refinement step.
        batch : LabelledSpectra
            The spectra and their peptides.

        Returns
        -------
        LossOutput
            Total and parts. A term of weight 0 is computed without gradient, for the log alone.
        """
        values: dict[str, Tensor] = {}
        means: dict[str, Tensor] = {}
        parts: dict[str, Tensor] = {}
        scales = self.weight_values * self.factor_values
        for scale, (name, term) in zip(scales, self._terms(), strict=True):
            # Not a product with 0, which would turn an infinite gradient into NaN.
            is_active = self.weights[name] > 0
            if term.needs_weight and not is_active:
                continue
            with torch.set_grad_enabled(is_active and torch.is_grad_enabled()):
                found = term(logits, batch)
                mean = _batch_mean(name, found, len(batch))
            values[name] = found.detach()
            means[name] = mean.detach()
            if is_active:
                parts[name] = scale * mean
        total = torch.stack(list(parts.values())).sum()
        size = total.detach()
        zero = torch.zeros_like(size)
        shares = {
            name: torch.where(size > 0, parts[name].detach() / size, 0.0) if name in parts else zero
            for name in means
        }
        settings = {name: dict(term.settings) for name, term in self._terms()}
        return LossOutput(total, parts, means, dict(self.weights), shares, values, settings)


def _batch_mean(name: str, values: Tensor, n_spectra: int) -> Float32[Tensor, ""]:
    assert values.shape == (n_spectra,), (
        f"loss term {name} must give one value per spectrum, shape ({n_spectra},), "
        f"got {tuple(values.shape)}"
    )
    return values.mean().float()
