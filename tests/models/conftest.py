"""Batches of peptides with their ideal ladders, and small sequencers to read them."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from denovo.chemistry import WATER_MASS, IonType, Vocabulary
from denovo.models import EvidenceSequencer, RecursiveSequencer, TransformerSequencer
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens

MakeBatch = Callable[..., LabelledSpectra]


def ladder_batch(vocabulary: Vocabulary, peptides: list[str], n_extra: int = 0) -> LabelledSpectra:
    """Return the complete b and y ladders of peptides, with ``n_extra`` columns of padding."""
    rows = []
    for peptide in peptides:
        tokens = vocabulary.canonical[vocabulary.encode(peptide)]
        masses = vocabulary.masses[tokens]
        total = masses.sum() + WATER_MASS
        prefix = masses.cumsum(0)[:-1]
        mz = torch.cat([IonType.parse(ion).mz(prefix, total) for ion in "by"]).sort().values
        rows.append((tokens.tolist(), mz.float(), total))
    mz = nn.utils.rnn.pad_sequence([row[1] for row in rows], batch_first=True)
    mz = nn.functional.pad(mz, (0, n_extra))
    mask = mz > 0
    spectra = Spectra(
        mz,
        torch.where(mask, 0.5 + 0.5 * torch.sin(mz).abs(), 0.0),
        mask,
        torch.stack([row[2] for row in rows]),
        torch.full((len(rows),), 2),
    )
    return LabelledSpectra(spectra, pad_tokens([row[0] for row in rows]))


@pytest.fixture(scope="session")
def make_batch(common: Vocabulary) -> MakeBatch:
    """Build batches in the common alphabet."""

    def make(*peptides: str, n_extra: int = 0) -> LabelledSpectra:
        return ladder_batch(common, list(peptides), n_extra)

    return make


@pytest.fixture(params=["evidence", "transformer", "recursive"])
def make_sequencer(request: pytest.FixtureRequest, common: Vocabulary) -> Callable[..., nn.Module]:
    """Each kind of sequencer in turn, small and with the same weights every time."""

    def make(direction: str = "forward") -> nn.Module:
        torch.manual_seed(0)
        if request.param == "recursive":
            if direction != "forward":
                pytest.skip("a recursive sequencer writes all positions at once")
            return RecursiveSequencer(
                common, n_refinements=3, d_model=16, d_scorer=8, patience=None
            )
        if request.param == "evidence":
            return EvidenceSequencer(common, direction, d_state=24, d_scorer=16, d_mass=8)
        return TransformerSequencer(
            common, direction, d_model=32, n_heads=4, n_layers=2, d_feedforward=32
        )

    return make
