"""Forms of the peptides of a proteome: each with its variable modifications, by mass."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations_with_replacement
from math import prod
from typing import Any, NamedTuple

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.choices import DecoyKind
from denovo.proteins.digest_index import DigestIndex
from denovo.typing import Float64, Int, Shaped, ndarray

_MAX_MODIFICATIONS = 2
"""Most variable modifications of a peptide of the proteome."""
_RATE = 0.02
"""Share of modified sites, for modifications that the training of the network had no rate for."""
_HASH_SEED, _SHUFFLE_SEED = 2_654_435_761, 1_000_003


def modification_rates(config: Mapping[str, Any]) -> dict[str, float]:
    """Return the share of modified sites by modification in the training of a network."""
    recipe = config.get("data", {}).get("sources", {}).get("recipe", {})
    return dict(recipe.get("precursors", {}).get("modifications", {}))


class _Change(NamedTuple):
    """A variable modification: the token it adds or replaces, where, and how often it occurs.

    ``site`` is the token of the unmodified residue; of an N-terminal modification, the tokens that
    it may precede are ``before``, all if that is empty.
    """

    token: int
    site: int
    before: tuple[int, ...]
    shift: float
    rate: float


@dataclass(frozen=True)
class Forms:
    """Modified peptides of the proteome within the mass windows of spectra.

    Parameters
    ----------
    row : array [form], int64
        Spectrum of each form.
    tokens : array [form, 1 + length], uint8
        The modification of the N-terminus, 0 for none; the residues; 0 behind the end.
    entry : array [form], int64
        Entry of the digest index.
    rate : array [form], float64
        Share of the molecules of the peptide that are expected to carry these modifications.
    """

    row: Int[ndarray, " form"]
    tokens: Shaped[ndarray, "form length"]
    entry: Int[ndarray, " form"]
    rate: Float64[ndarray, " form"]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, chosen: Int[ndarray, " chosen"]) -> "Forms":
        """Select forms by number."""
        # Faster than indexing, for rows of few bytes.
        tokens = self.tokens.take(chosen, axis=0)
        return Forms(self.row[chosen], tokens, self.entry[chosen], self.rate[chosen])

    @property
    def keys(self) -> Shaped[ndarray, " form"]:
        """A number of 64 bits for spectrum and tokens; padding has no effect."""
        return keys_of(self.row, self.tokens)

    @property
    def length(self) -> Int[ndarray, " form"]:
        """Number of residues of each form."""
        return np.count_nonzero(self.tokens[:, 1:], axis=1)

    def decoys(self, kind: DecoyKind, is_back: bool = False) -> "Forms":
        """Make the decoy of each peptide, or with ``is_back`` the peptide of each decoy.

        The last residue and a modification of the N-terminus stay in place.
        """
        source = _sources(kind, is_back, self.tokens.shape[1])[self.length]
        return replace(self, tokens=np.take_along_axis(self.tokens, source, axis=1))


@cache
def _sources(kind: DecoyKind, is_back: bool, n_columns: int) -> Int[ndarray, "length column"]:
    """Return the column from which each column of a decoy comes, for every number of residues."""
    source = np.tile(np.arange(n_columns), (n_columns, 1))
    for length, row in enumerate(source):
        inner = row[1:length].copy()
        order = inner[::-1]
        if kind is DecoyKind.SHUFFLED:
            # Longer peptides do not depend on how many columns there are.
            order = np.random.default_rng(_SHUFFLE_SEED + length).permutation(inner)
        row[1:length] = np.argsort(order) + 1 if is_back else order
    return source


def keys_of(
    row: Int[ndarray, " form"], tokens: Shaped[ndarray, "form length"]
) -> Shaped[ndarray, " form"]:
    """Hash the spectrum and the tokens of forms to 64 bits; padding has no effect."""
    words = np.pad(tokens, ((0, 0), (0, -tokens.shape[1] % 8))).view(np.uint64)
    generator = np.random.default_rng(_HASH_SEED)
    factors = generator.integers(1, 2**63, size=34, dtype=np.uint64) | np.uint64(1)
    summed = words @ factors[2 : 2 + words.shape[1]]
    mixed = summed ^ (summed >> np.uint64(31))
    return mixed * factors[0] + row.astype(np.uint64) * factors[1]


def rows_of(peptides: list[list[int]], vocabulary: Vocabulary) -> Shaped[ndarray, "form length"]:
    """Lay peptides out as the tokens of `Forms`."""
    is_n_terminal = vocabulary.is_n_terminal.tolist()
    laid = [peptide if is_n_terminal[peptide[0]] else [0, *peptide] for peptide in peptides]
    tokens = np.zeros((len(laid), max(map(len, laid), default=1)), dtype=np.uint8)
    for row, peptide in zip(tokens, laid, strict=True):
        row[: len(peptide)] = peptide
    return tokens


class FormFinder:
    """Finds the forms of the peptides of a digest by mass.

    Parameters
    ----------
    index : DigestIndex
        The digest.
    vocabulary : Vocabulary
        Tokens and variable modifications.
    rates : mapping of str to float
        Share of modified sites by modification, as in `Precursors`: ``"M[UNIMOD:35]"``,
        ``"[UNIMOD:385]-QC"``.
    """

    def __init__(
        self, index: DigestIndex, vocabulary: Vocabulary, rates: Mapping[str, float]
    ) -> None:
        self.index, self.vocabulary = index, vocabulary
        changes = _changes_of(vocabulary, rates)
        sets = [
            chosen
            for number in range(_MAX_MODIFICATIONS + 1)
            for chosen in combinations_with_replacement(changes, number)
            if sum(change.site == 0 for change in chosen) <= 1
        ]
        self._sets = sorted(sets, key=lambda chosen: -prod(c.rate for c in chosen))

    def __call__(
        self, low: Float64[ndarray, "spectrum window"], high: Float64[ndarray, "spectrum window"]
    ) -> Forms:
        """Find the forms whose neutral masses lie in one of the windows of each spectrum, in Da.

        Of equal forms of a spectrum, the one of the highest rate remains. Their `keys` ascend.
        """
        row = np.repeat(np.arange(len(low)), low.shape[1])
        low, high = low.flatten(), high.flatten()
        found = [self._of_set(chosen, row, low, high) for chosen in self._sets]
        width = max(each.tokens.shape[1] for each in found)
        tokens = [np.pad(f.tokens, ((0, 0), (0, width - f.tokens.shape[1]))) for f in found]
        forms = Forms(
            np.concatenate([each.row for each in found]),
            np.concatenate(tokens),
            np.concatenate([each.entry for each in found]),
            np.concatenate([each.rate for each in found]),
        )
        keys = forms.keys
        # Faster than a stable sort; the sets are in the order of their rates.
        order = np.argsort(keys)
        is_first = np.diff(keys[order], prepend=keys[order[:1]] + np.uint64(1)) != 0
        return forms.take(np.minimum.reduceat(order, np.flatnonzero(is_first)))

    def _of_set(
        self,
        chosen: tuple[_Change, ...],
        row: Int[ndarray, " window"],
        low: Float64[ndarray, " window"],
        high: Float64[ndarray, " window"],
    ) -> Forms:
        """Find the forms with exactly these modifications."""
        shift = sum(change.shift for change in chosen)
        start = np.searchsorted(self.index.mass, low - shift, side="left")
        count = np.searchsorted(self.index.mass, high - shift, side="right") - start
        entry = np.repeat(start - np.cumsum(count) + count, count) + np.arange(count.sum())
        row, tokens = np.repeat(row, count), self.index.peptides(entry, n_before=1)
        column, before = np.zeros(0, dtype=np.int64), None
        for change in chosen:
            number, column = _sites(tokens, change, column if change is before else None)
            row, tokens, entry = row[number], tokens.take(number, axis=0), entry[number]
            tokens[np.arange(len(number)), column] = change.token
            before = change
        rate = prod(change.rate for change in chosen)
        return Forms(row, tokens, entry, np.full(len(entry), rate, dtype=np.float64))


def _sites(
    tokens: Shaped[ndarray, "form length"], change: _Change, behind: Int[ndarray, " form"] | None
) -> tuple[Int[ndarray, " site"], Int[ndarray, " site"]]:
    """List the sites of a modification, behind a column of each form if given: form and column."""
    if not change.site:
        first = tokens[:, 1]
        number = np.flatnonzero(np.isin(first, change.before) if change.before else first)
        return number, np.zeros_like(number)
    is_site = tokens == change.site
    if behind is not None:
        is_site &= np.arange(tokens.shape[1], dtype=np.uint8) > behind.astype(np.uint8)[:, None]
    return np.divmod(np.flatnonzero(is_site), tokens.shape[1])


def _changes_of(vocabulary: Vocabulary, rates: Mapping[str, float]) -> list[_Change]:
    """List the modifications of residues that also occur without, and those of the N-terminus."""
    by_token: dict[str, tuple[str, float]] = {}
    for name, rate in rates.items():
        token, dash, residues = name.partition("-")
        by_token[token + dash] = (residues, rate)
    alphabet, canonical = vocabulary.alphabet, vocabulary.canonical.tolist()
    changes = []
    for residue in alphabet.residues:
        if residue.modification is None:
            continue
        residues, rate = by_token.get(residue.name, ("", _RATE))
        rate = rate or _RATE  # a form of rate 0 would count as novel
        token = canonical[vocabulary.index[residue.name]]
        shift = residue.modification.mass
        if residue.is_n_terminal:
            letters = (alphabet.implied.get(letter, letter) for letter in residues)
            before = tuple(canonical[vocabulary.index[letter]] for letter in letters)
            changes.append(_Change(token, 0, before, shift, rate))
        elif residue.amino_acid in vocabulary.index:
            site = canonical[vocabulary.index[residue.amino_acid]]
            changes.append(_Change(token, site, (), shift, rate))
    return changes
