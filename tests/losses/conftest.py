"""Batches and logits made from peptides."""

from collections.abc import Callable, Sequence

import pytest
import torch

from denovo.chemistry import IonType, Vocabulary
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens

FORBIDDEN = -1e9


@pytest.fixture(scope="session")
def vocabulary(canonical: Vocabulary) -> Vocabulary:
    """One alphabet is enough where nothing depends on it."""
    return canonical


@pytest.fixture(scope="session")
def encode(vocabulary: Vocabulary) -> Callable[[str], list[int]]:
    """Turn a peptide into canonical tokens."""
    return lambda peptide: vocabulary.canonical[vocabulary.encode(peptide)].tolist()


@pytest.fixture(scope="session")
def make_batch(vocabulary: Vocabulary) -> Callable[..., LabelledSpectra]:
    """Give tokenised peptides their complete ladders as spectra."""

    def make(
        peptides: Sequence[list[int]],
        charge: int = 2,
        ions: Sequence[str] = ("b", "y", "b2", "y2"),
    ) -> LabelledSpectra:
        rows, masses = [], []
        for peptide in peptides:
            mass = torch.tensor(vocabulary.peptide_mass(peptide), dtype=torch.float64)
            prefix = vocabulary.masses[peptide].cumsum(0)[:-1]
            mz = torch.cat([IonType.parse(name).mz(prefix, mass) for name in ions])
            rows.append(mz.sort().values.float())
            masses.append(mass)
        mz = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        is_peak = mz > 0
        charges = torch.full((len(rows),), charge)
        spectra = Spectra(mz, is_peak.float(), is_peak, torch.stack(masses), charges)
        return LabelledSpectra(spectra, pad_tokens(list(peptides)))

    return make


@pytest.fixture(scope="session")
def make_one_hot() -> Callable[[torch.Tensor, int], torch.Tensor]:
    """Make logits that leave no doubt about the given tokens."""

    def make(tokens: torch.Tensor, n_tokens: int) -> torch.Tensor:
        is_token = torch.nn.functional.one_hot(tokens, n_tokens) > 0
        return torch.where(is_token, 0.0, FORBIDDEN)

    return make


@pytest.fixture(scope="session")
def certain(vocabulary: Vocabulary, make_one_hot) -> Callable[[torch.Tensor], torch.Tensor]:
    """Make one refinement step of such logits."""
    return lambda tokens: make_one_hot(tokens, len(vocabulary))[None]
