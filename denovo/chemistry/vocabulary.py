"""Vocabulary of tokens, shared by data, losses, metrics, decoding and checkpoints."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import takewhile
from typing import Any

import torch

from denovo.chemistry.masses import WATER_MASS
from denovo.chemistry.proforma import parse_peptide
from denovo.chemistry.residues import ResidueAlphabet
from denovo.errors import InputError
from denovo.typing import Bool, Float64, Int, Tensor

PAD, SOS, EOS, UNK = 0, 1, 2, 3
SPECIAL_TOKENS = ("<pad>", "<sos>", "<eos>", "<unk>")
FIRST_RESIDUE = len(SPECIAL_TOKENS)

_SAME_MASS = 1e-6
"""Largest mass difference in Da of residues that share a canonical token."""


class Vocabulary:
    """Tokens and masses of an alphabet: 0 PAD, 1 SOS, 2 EOS, 3 UNK, residues from 4.

    Parameters
    ----------
    alphabet : ResidueAlphabet
        The residues, in the order of their tokens.

    Attributes
    ----------
    masses : Tensor [vocab], float64
        Monoisotopic mass of each token in Da; 0 for the special tokens.
    is_residue : Tensor [vocab], bool
        True from token 4 on, N-terminal modifications included.
    is_n_terminal : Tensor [vocab], bool
        True for modifications of the N-terminus.
    canonical : Tensor [vocab], int64
        For each token the first one of the same mass: I and L, or D and deamidated N, have equal
        masses, so training targets and predictions use one token for both.
    candidates : Tensor [n_candidates], int64
        The distinct tokens that a sequencer can predict: canonical residues in order.
    """

    def __init__(self, alphabet: ResidueAlphabet) -> None:
        self.alphabet = alphabet
        self.tokens: tuple[str, ...] = SPECIAL_TOKENS + tuple(r.name for r in alphabet.residues)
        self.index = {token: number for number, token in enumerate(self.tokens)}
        special = [0.0] * FIRST_RESIDUE
        self.masses: Float64[Tensor, " vocab"] = torch.tensor(
            special + [residue.mass for residue in alphabet.residues], dtype=torch.float64
        )
        self.is_residue: Bool[Tensor, " vocab"] = torch.arange(len(self.tokens)) >= FIRST_RESIDUE
        self.is_n_terminal: Bool[Tensor, " vocab"] = torch.tensor(
            [False] * FIRST_RESIDUE + [residue.is_n_terminal for residue in alphabet.residues]
        )
        # A peptide is a few tokens: looking each up is faster than a tensor of them.
        self._mass_of: list[float] = self.masses.tolist()
        self._n_terminal = frozenset(torch.nonzero(self.is_n_terminal).flatten().tolist())
        self.canonical: Int[Tensor, " vocab"] = self._canonical()
        own = self.canonical == torch.arange(len(self.tokens))
        self.candidates: Int[Tensor, " candidate"] = torch.nonzero(own & self.is_residue).squeeze(1)

    def __len__(self) -> int:
        return len(self.tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def _canonical(self) -> Int[Tensor, " vocab"]:
        same_kind = self.is_n_terminal[:, None] == self.is_n_terminal[None, :]
        same_mass = (self.masses[:, None] - self.masses[None, :]).abs() < _SAME_MASS
        same = same_kind & same_mass & self.is_residue[:, None] & self.is_residue[None, :]
        modified = torch.tensor(["[" in token for token in self.tokens])
        # Of residues with equal masses, the unmodified one is canonical; between two letters
        # (L and I) the order of the alphabet decides.
        rank = torch.arange(len(self.tokens)) + len(self.tokens) * modified
        best = torch.where(same, rank[None, :], len(self.tokens) * 3).argmin(dim=1)
        return torch.where(self.is_residue, best, torch.arange(len(self.tokens)))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of tokens and masses; vocabularies with equal hashes are interchangeable."""
        table = [self.tokens, [f"{mass:.9f}" for mass in self.masses.tolist()]]
        return hashlib.sha256(json.dumps(table).encode()).hexdigest()[:16]

    def encode(self, peptide: str | Sequence[str]) -> list[int]:
        """Convert a peptide to tokens, without EOS.

        Parameters
        ----------
        peptide : str or sequence of str
            ProForma text, or names of the alphabet's entries.

        Raises
        ------
        InputError
            If the peptide has an entry outside the alphabet.
        """
        names = parse_peptide(peptide, self.alphabet) if isinstance(peptide, str) else peptide
        unknown = [name for name in names if name not in self.alphabet.by_name]
        if unknown:
            raise InputError(f"residue {unknown[0]} is not in the alphabet {self.alphabet.name!r}")
        return [self.index[name] for name in names]

    def decode(self, tokens: Iterable[int]) -> str:
        """Write tokens as ProForma, up to the first EOS, without PAD, SOS and UNK."""
        before_end = takewhile(EOS.__ne__, tokens)
        return "".join([self.tokens[token] for token in before_end if token >= FIRST_RESIDUE])

    def peptide_mass(self, tokens: Sequence[int]) -> float:
        """Return the neutral monoisotopic mass of a peptide in Da, water included."""
        return sum(map(self._mass_of.__getitem__, tokens)) + WATER_MASS

    def n_residues(self, tokens: Sequence[int]) -> int:
        """Count the residues of a peptide, without modifications of its N-terminus."""
        return len(tokens) - sum(map(self._n_terminal.__contains__, tokens))

    def state(self) -> dict[str, Any]:
        """Return the table as plain lists and numbers, for a checkpoint."""
        return {
            "tokens": list(self.tokens),
            "masses": self.masses.tolist(),
            "fingerprint": self.fingerprint,
        }

    def check_state(self, state: dict[str, Any]) -> None:
        """Compare with a table from a checkpoint.

        Raises
        ------
        InputError
            If the two differ; the message names the first differing token.
        """
        if state.get("fingerprint") != self.fingerprint:
            raise InputError(
                f"the checkpoint was trained with another alphabet than {self.alphabet.name!r} "
                f"({self._difference(state)}); use the residues= it was trained with"
            )

    def check_same(self, other: "Vocabulary", mine: str, theirs: str) -> None:
        """Compare with the vocabulary of another part of a training, which must be equal.

        Parameters
        ----------
        other : Vocabulary
            The other vocabulary.
        mine, theirs : str
            Owners of the two, for the message: ``"the system"``, ``"the loss term token"``.

        Raises
        ------
        InputError
            If tokens or masses differ; the message names the first difference.
        """
        if self != other:
            raise InputError(
                f"{mine} and {theirs} number residues by different vocabularies "
                f"({self.alphabet.name!r} here, {other.alphabet.name!r} there: "
                f"{self._difference(other.state())}); make both with one Vocabulary"
            )

    def _difference(self, state: dict[str, Any]) -> str:
        """Describe the first difference to the table of a state."""
        tokens, masses = state.get("tokens", ()), state.get("masses", ())
        for mine, theirs in zip(self.tokens, tokens, strict=False):
            if mine != theirs:
                return f"{mine!r} here, {theirs!r} there"
        if len(tokens) != len(self):
            return f"{len(self)} tokens here, {len(tokens)} there"
        for token, mine, theirs in zip(self.tokens, self.masses.tolist(), masses, strict=False):
            if f"{mine:.9f}" != f"{theirs:.9f}":
                return f"{token!r} weighs {mine:.6f} Da here, {theirs:.6f} Da there"
        return "their fingerprints do not agree"
