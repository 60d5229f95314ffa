"""Weights that belong to single tokens, and their transfer to another vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.chemistry.vocabulary import SPECIAL_TOKENS
from denovo.errors import InputError
from denovo.typing import Tensor


@dataclass(frozen=True)
class TokenAxis:
    """A dimension of a parameter that holds entries of tokens.

    The first ``start`` columns belong to no token; then each entry takes ``width`` columns.
    ``tokens`` names the token of each entry. Where the network reads a number per token
    (``is_input``), a new token starts with weights of 0, so that the scores of all others stay the
    same; elsewhere it starts as a copy of its source.
    """

    dim: int
    tokens: Tensor
    start: int = 0
    width: int = 1
    is_input: bool = False


@runtime_checkable
class Extensible(Protocol):
    """A sequencer that names the weights which belong to tokens."""

    vocabulary: Vocabulary

    def token_axes(self) -> Mapping[str, TokenAxis]:
        """Return the token axis of each parameter whose shape follows the vocabulary."""
        ...


def transfer_weights(
    network: nn.Module, trained: nn.Module, initialise_from: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Copy the weights of a trained network into one of another vocabulary, token by token.

    Parameters
    ----------
    network : Module
        Network that receives the weights; same class and settings, and `Extensible`.
    trained : Module
        Network that provides the weights.
    initialise_from : mapping of str to str or None
        Source of the weights of new residues; by default the unmodified residue.

    Returns
    -------
    dict of str to str
        Source of each new residue.

    Raises
    ------
    InputError
        If a source is unknown, or the networks differ in more than their vocabularies.
    """
    new, old = network.vocabulary, trained.vocabulary
    assert isinstance(new, Vocabulary) and isinstance(old, Vocabulary)  # noqa: PT018
    source_of = sources_of(new, old, initialise_from or {})
    axes, old_axes = network.token_axes(), trained.token_axes()  # pyright: ignore[reportCallIssue]
    weights, taken = trained.state_dict(), {}
    other_shape = InputError(
        "the weights to start from are of a network of another shape; leave model= as it is"
    )
    if weights.keys() != network.state_dict().keys():
        raise other_shape
    for name, value in network.state_dict().items():
        if name not in axes:
            taken[name] = weights[name]
        else:
            source = {**dict.fromkeys(new.tokens, ""), **{t: t for t in old.tokens}}
            if not axes[name].is_input:
                source |= source_of
            entry = _entries(old_axes[name], old)
            index = [entry.get(source[token], -1) for token in _names(axes[name], new)]
            taken[name] = _taken(value, weights[name], axes[name], old_axes[name], index)
    try:
        network.load_state_dict(taken)
    except RuntimeError as error:
        raise other_shape from error
    return source_of


def sources_of(
    new: Vocabulary, old: Vocabulary, initialise_from: Mapping[str, str]
) -> dict[str, str]:
    """Choose the residue of the old vocabulary whose weights each new residue starts with.

    Raises `InputError` if ``initialise_from`` names a residue that is not new, or a source that the
    old vocabulary does not have.
    """
    added = [token for token in new.tokens if token not in old.index]
    for name in initialise_from:
        if name not in added:
            raise InputError(
                f"finetune.initialise_from names {name}, which is no new residue; new are "
                f"{', '.join(added) or 'none'}"
            )
    found = {}
    for name in added:
        residue = new.alphabet.by_name[name]
        letter = residue.amino_acid
        # All modifications of the N-terminus occur at the same position.
        terminal = next((r.name for r in old.alphabet.residues if r.is_n_terminal), "")
        usual = old.alphabet.implied.get(letter, letter) if letter else terminal
        source = initialise_from.get(name, usual)
        if source not in old.index or source in SPECIAL_TOKENS:
            raise InputError(
                f"the new residue {name} has no source {source!r} among the residues of the "
                "network; name one of them in finetune.initialise_from"
            )
        found[name] = source
    return found


def _names(axis: TokenAxis, vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.tokens[token] for token in axis.tokens.tolist()]


def _entries(axis: TokenAxis, vocabulary: Vocabulary) -> dict[str, int]:
    entry = {name: number for number, name in enumerate(_names(axis, vocabulary))}
    # Residues of the same mass can share a single entry.
    for token, first in enumerate(vocabulary.canonical.tolist()):
        if vocabulary.tokens[first] in entry:
            entry.setdefault(vocabulary.tokens[token], entry[vocabulary.tokens[first]])
    return entry


def _taken(
    value: Tensor, weights: Tensor, axis: TokenAxis, old_axis: TokenAxis, index: list[int]
) -> Tensor:
    """Rearrange the columns of tokens; index -1 marks a token that starts at 0."""
    columns, old = value.movedim(axis.dim, 0), weights.movedim(axis.dim, 0)
    start, width = axis.start, axis.width
    n_old = len(old_axis.tokens) * width
    parts = [old[:start]]
    for number in index:
        block = old[start + number * width : start + (number + 1) * width]
        parts.append(block if number >= 0 else torch.zeros_like(columns[:width]))
    parts.append(old[start + n_old :])
    return torch.cat(parts).movedim(0, axis.dim).contiguous()
