"""Boosted regression trees, read from C sources and scored many sites at a time."""

from dataclasses import dataclass

import numpy as np

from denovo.kernels import kernel
from denovo.typing import Float32, Float64, Shaped, UInt16, UInt32, ndarray

_DEPTH = 10
"""Most splits between the root of a tree and a leaf."""

_N_LEAVES = 1 << _DEPTH

_THRESHOLD_BITS = 16
"""A split is one integer: the number of its feature above these bits, its threshold in them."""

_ONE, _TWO = np.uint32(1), np.uint32(2)
_FEATURE, _THRESHOLD = np.uint32(_THRESHOLD_BITS), np.uint32((1 << _THRESHOLD_BITS) - 1)
_FIRST_LEAF = np.uint32(_N_LEAVES - 1)

_BLOCK = 64
"""Sites that go through a tree together: their features and the tree fit into the first cache, and
the processor works on several sites at once."""


@dataclass(frozen=True)
class BoostedTrees:
    """Sum of regression trees over features that are small integers.

    A tree is a complete binary tree in breadth-first order. At split ``i`` a site whose feature is
    below the threshold goes to ``2 i + 1``, any other to ``2 i + 2``.

    Parameters
    ----------
    splits : array [tree, split], uint32
        Feature and threshold of each split; above a leaf that ends early, any.
    leaves : array [tree, leaf], float64
        Value of each leaf.
    """

    splits: UInt32[ndarray, "tree split"]
    leaves: Float64[ndarray, "tree leaf"]

    @classmethod
    def parse(cls, source: bytes, n_features: int) -> "BoostedTrees":
        """Read trees from C source: nested ``if (v[27]<6){`` around ``s = s -7.3;``.

        Raises
        ------
        ValueError
            If the source holds no trees, an incomplete one, one of more than ten levels, or one
            that uses other than ``n_features`` features.
        """
        # Numbers are read to the first byte that is no digit, which the source may not have.
        text = np.frombuffer(source + bytes(8), dtype=np.uint8)
        n_trees = _parse(text, n_features, np.empty((0, 0), np.uint32), np.empty((0, 0)))
        if n_trees <= 0:
            raise ValueError(
                f"no complete trees of at most {_DEPTH} levels on {n_features} features"
            )
        splits = np.zeros((n_trees, _N_LEAVES), dtype=np.uint32)
        leaves = np.zeros((n_trees, _N_LEAVES))
        _parse(text, n_features, splits, leaves)
        return cls(splits, leaves)

    def __call__(self, features: UInt16[ndarray, "site feature"]) -> Float32[ndarray, " site"]:
        """Add up the leaves that each site reaches, in float32 as the C source does."""
        return _score(self.splits, self.leaves, np.ascontiguousarray(features))


@kernel
def _parse(
    text: Shaped[ndarray, " byte"],
    n_features: int,
    splits: UInt32[ndarray, "tree split"],
    leaves: Float64[ndarray, "tree leaf"],
) -> int:
    """Write the trees of a source into arrays, or only count them if the arrays are empty.

    Returns -1 for a tree that is too deep, not complete, or on other features.
    """
    n_trees, place, depth, i = 0, 1, 0, 0  # ``place`` counts from 1, breadth first
    while i < len(text) - 4:
        if text[i] == ord("v") and text[i + 1] == ord("["):
            feature, i = _integer(text, i + 2)
            threshold, i = _integer(text, i + 2)  # after ``]<``
            if depth == _DEPTH or feature >= n_features or threshold >= 1 << _THRESHOLD_BITS:
                return -1
            if len(splits) > 0:
                splits[n_trees, place - 1] = (feature << _THRESHOLD_BITS) | threshold
            place, depth = 2 * place, depth + 1
        elif text[i] == ord("s") and text[i + 2] == ord("=") and text[i + 4] == ord("s"):
            value, i = _decimal(text, i + 6)
            if len(leaves) > 0:
                first = (place << (_DEPTH - depth)) - _N_LEAVES
                leaves[n_trees, first : first + (1 << (_DEPTH - depth))] = value
            while place % 2 == 1 and place > 1:  # from a right child up to the first left one
                place, depth = place // 2, depth - 1
            n_trees += place == 1
            place += place > 1
        else:
            i += 1
    return n_trees if place == 1 else -1


@kernel
def _integer(text: Shaped[ndarray, " byte"], i: int) -> tuple[int, int]:
    """Read an unsigned integer; returns it and where it ends."""
    number = 0
    while ord("0") <= text[i] <= ord("9"):
        number = 10 * number + text[i] - ord("0")
        i += 1
    return number, i


@kernel
def _decimal(text: Shaped[ndarray, " byte"], i: int) -> tuple[float, int]:
    """Read a number such as ``-7.32571316`` or ``+ 6.858712e-05``, exact to the last bit."""
    sign = -1.0 if text[i] == ord("-") else 1.0
    whole, i = _integer(text, i + 1 + (text[i + 1] == ord(" ")))
    fraction, n_places = 0, 0
    if text[i] == ord("."):
        fraction, end = _integer(text, i + 1)
        n_places, i = end - i - 1, end
    exponent = 0
    if text[i] == ord("e"):
        exponent, i = _integer(text, i + 2)  # always negative
    # Both are exact in float64, so that their quotient is the nearest to the decimal.
    return sign * ((whole * 10**n_places + fraction) / 10.0 ** (n_places + exponent)), i


@kernel
def _score(
    splits: UInt32[ndarray, "tree split"],
    leaves: Float64[ndarray, "tree leaf"],
    features: UInt16[ndarray, "site feature"],
) -> Float32[ndarray, " site"]:
    # Numbers without a sign throughout: numba checks an index that might be negative, which takes
    # as long again as the rest.
    n_sites, n_features = features.shape
    flat, width = features.ravel(), np.uint64(n_features)
    score = np.zeros(n_sites, dtype=np.float32)
    place = np.zeros(_BLOCK, dtype=np.uint32)
    for start in range(0, n_sites, _BLOCK):
        n_block = min(_BLOCK, n_sites - start)
        for tree in range(len(splits)):
            split, leaf = splits[tree], leaves[tree]
            place[:] = 0
            for _ in range(_DEPTH):
                row = np.uint64(start * n_features)
                for i in range(n_block):
                    chosen = split[place[i]]
                    value = flat[row + (chosen >> _FEATURE)]
                    is_right = np.uint32(value >= (chosen & _THRESHOLD))
                    place[i] = _TWO * place[i] + _ONE + is_right
                    row += width
            for i in range(n_block):
                # The literals of C are float64, the sum is float32.
                total = score[start + i] + leaf[place[i] - _FIRST_LEAF]
                score[start + i] = np.float32(total)
    return score
