"""Choice model: the probability of each candidate of a spectrum, and of none being right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from denovo.errors import InputError
from denovo.metrics import Reliability
from denovo.sequencing.rescoring.features import LIST_FEATURES
from denovo.typing import Bool, Float64, Int, Tensor, ndarray

_REGULARISATION = 1.0
"""L2 penalty on the weights of standardised features, relative to the summed loss."""
_MAX_ITERATIONS = 500
_MIN_LISTS = 10
"""Fewest lists with a right candidate that a fit needs."""


@dataclass(frozen=True)
class ListTable:
    """Answer lists in numbers."""

    row: Int[ndarray, " candidate"]
    features: Float64[ndarray, "candidate feature"]
    list_features: Float64[ndarray, "list list_feature"]

    @property
    def candidate_terms(self) -> Float64[ndarray, "candidate term"]:
        """Features and their squares."""
        return np.concatenate([self.features, self.features**2], axis=1)

    @property
    def outside_terms(self) -> Float64[ndarray, "list term"]:
        """Terms of the outside option: the best of each feature, and those of the list."""
        best = np.full((self.n_lists, self.features.shape[1]), -np.inf)
        np.maximum.at(best, self.row, self.features)
        best[np.isinf(best)] = 0.0
        ones = np.ones((len(best), 1))
        return np.concatenate([best, self.list_features, self.list_features**2, ones], axis=1)

    @property
    def n_lists(self) -> int:
        """Number of lists, including empty ones."""
        return len(self.list_features)

    def select(self, chosen: Bool[ndarray, " list"]) -> "ListTable":
        """Keep some of the lists."""
        number = chosen.cumsum() - 1
        kept = chosen[self.row]
        return ListTable(number[self.row[kept]], self.features[kept], self.list_features[chosen])

    @property
    def bounds(self) -> Float64[ndarray, "2 column"]:
        """Minimum and maximum of each feature, list features last."""
        ends = [
            np.concatenate([end(self.features, axis=0), end(self.list_features, axis=0)])
            for end in (np.min, np.max)
        ]
        return np.stack(ends)

    def within(self, bounds: Float64[ndarray, "2 column"]) -> "ListTable":
        """Clip the features to bounds."""
        n_features = self.features.shape[1]
        return ListTable(
            self.row,
            self.features.clip(*bounds[:, :n_features]),
            self.list_features.clip(*bounds[:, n_features:]),
        )

    @classmethod
    def join(cls, tables: Sequence["ListTable"]) -> "ListTable":
        """Concatenate tables, with their lists renumbered."""
        starts = np.cumsum([0, *(table.n_lists for table in tables)])[:-1]
        return cls(
            np.concatenate([t.row + start for t, start in zip(tables, starts, strict=True)]),
            np.concatenate([table.features for table in tables]),
            np.concatenate([table.list_features for table in tables]),
        )


@dataclass(frozen=True)
class Reranker:
    """Conditional logit over each list: one candidate is right, or none.

    ``weights`` are those of the features of a candidate and of their squares, ``outside`` those of
    the terms of the outside option. Features are clipped to ``bounds``, their range in the fit, as
    squares do not extrapolate. ``record`` holds data and quality of the fit, as plain values.

    Notes
    -----
    The conditional logit model of McFadden (Frontiers in Econometrics, Academic Press (1974),
    105-142) with an outside option: ``p_j = exp(u_j) / (exp(u_0) + sum over k of exp(u_k))``.
    """

    names: tuple[str, ...]
    weights: Float64[ndarray, " term"]
    outside: Float64[ndarray, " outside_term"]
    bounds: Float64[ndarray, "2 column"]
    record: Mapping[str, Any]

    @classmethod
    def fit(
        cls,
        names: Sequence[str],
        table: ListTable,
        is_right: Bool[ndarray, " candidate"],
        record: Mapping[str, Any],
    ) -> "Reranker":
        """Fit to lists; of each, several candidates may be right, or none."""
        n_found = len(np.unique(table.row[is_right]))
        if n_found < _MIN_LISTS:
            raise InputError(
                f"the right peptide is among the candidates of {n_found} of {table.n_lists} "
                f"spectra: a reranker needs at least {_MIN_LISTS} such lists to be fitted to; "
                "train for longer, or give more spectra"
            )
        candidate, candidate_scale = _scaled(table.candidate_terms)
        outside, outside_scale = _scaled(table.outside_terms)
        fitted = _minimise(candidate, outside, torch.from_numpy(table.row), is_right)
        weights, of_outside = fitted[: candidate.shape[1]], fitted[candidate.shape[1] :]
        return cls(
            tuple(names),
            weights / candidate_scale,
            of_outside / outside_scale,
            table.bounds,
            record,
        )

    def utilities(
        self, table: ListTable
    ) -> tuple[Float64[ndarray, " candidate"], Float64[ndarray, " list"]]:
        """Return the utility of each candidate, and that of none being right for each list."""
        table = table.within(self.bounds)
        return table.candidate_terms @ self.weights, table.outside_terms @ self.outside

    def probabilities(self, table: ListTable) -> Float64[ndarray, " candidate"]:
        """Return the probability that each candidate is right."""
        utility, none = self.utilities(table)
        top = none.copy()
        np.maximum.at(top, table.row, utility)
        share = np.exp(utility - top[table.row])
        total = np.exp(none - top) + np.bincount(table.row, share, minlength=len(none))
        return share / total[table.row]

    @property
    def reliability(self) -> Reliability | None:
        """Reliability on held-out lists, if recorded."""
        found = self.record.get("reliability")
        return Reliability.from_state(found) if found else None

    def state(self) -> dict[str, Any]:
        """Return the reranker as plain values."""
        return {
            "features": list(self.names),
            "list_features": list(LIST_FEATURES),
            "weights": self.weights.tolist(),
            "outside": self.outside.tolist(),
            "bounds": self.bounds.tolist(),
            "record": dict(self.record),
        }

    @classmethod
    def from_state(
        cls, state: Mapping[str, Any], names: Sequence[str], path: str | Path = "the network"
    ) -> "Reranker":
        """Restore a reranker from its `state`; refuses that of other features than ``names``."""
        n_columns = len(names) + len(LIST_FEATURES)
        shapes = {
            "weights": (2 * len(names),),
            "outside": (n_columns + len(LIST_FEATURES) + 1,),
            "bounds": (2, n_columns),
        }
        fits = all(np.shape(state.get(name) or ()) == shape for name, shape in shapes.items())
        features = tuple(state.get("features", ())), tuple(state.get("list_features", ()))
        if features != (tuple(names), LIST_FEATURES) or not fits:
            raise InputError(
                f"{path}: its reranker was fitted by another version of denovo; export the "
                "checkpoints again with denovo export"
            )
        arrays = {name: np.array(state[name], dtype=np.float64) for name in shapes}
        return cls(names=tuple(names), record=dict(state.get("record", {})), **arrays)


def _scaled(
    terms: Float64[ndarray, "row term"],
) -> tuple[Float64[Tensor, "row term"], Float64[ndarray, " term"]]:
    """Divide each term by its standard deviation; returns that too."""
    scale = terms.std(axis=0)
    scale[scale < 1e-6] = 1.0
    return torch.from_numpy(terms / scale), scale


def _minimise(
    candidate: Float64[Tensor, "candidate term"],
    outside: Float64[Tensor, "list outside_term"],
    row: Int[Tensor, " candidate"],
    is_right: Bool[ndarray, " candidate"],
) -> Float64[ndarray, " weight"]:
    """Return the weights that minimise the regularised negative log-likelihood."""
    n_terms = candidate.shape[1]
    weights = torch.zeros(n_terms + outside.shape[1], dtype=torch.float64, requires_grad=True)
    right = torch.from_numpy(is_right)
    has_right = torch.zeros(len(outside), dtype=torch.bool).index_put(
        (row[right],), torch.tensor(True)
    )
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=_MAX_ITERATIONS, tolerance_grad=1e-5, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        utility, none = candidate @ weights[:n_terms], outside @ weights[n_terms:]
        everything = torch.logaddexp(_log_sum(utility, row, len(none)), none)
        truth = torch.where(has_right, _log_sum(utility[right], row[right], len(none)), none)
        penalty = 0.5 * _REGULARISATION * weights.square().sum()
        value = (everything - truth).sum() + penalty
        value.backward()
        return value

    optimizer.step(loss)
    return weights.detach().numpy()


def _log_sum(
    values: Float64[Tensor, " candidate"], row: Int[Tensor, " candidate"], n_rows: int
) -> Float64[Tensor, " list"]:
    """Compute the log-sum-exp of each list; very low for an empty one."""
    lowest = torch.full((n_rows,), -1e4, dtype=values.dtype)
    top = lowest.scatter_reduce(0, row, values.detach(), "amax")
    total = torch.zeros_like(top).index_add(0, row, (values - top[row]).exp())
    return torch.where(total > 0, total.clamp(min=1e-300).log() + top, lowest)
