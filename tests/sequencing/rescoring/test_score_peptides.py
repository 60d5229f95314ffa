"""A peptide has the probability that the search would have given it."""

import numpy as np
import pytest
import torch

from denovo.decoding import BeamDecoder, MassConstraint
from denovo.models import EvidenceSequencer, RecursiveSequencer, TransformerSequencer
from denovo.sequencing.rescoring import score_peptides
from tests.helpers.table_sequencer import TableSequencer, empty_spectra

DIRECTIONS = pytest.mark.parametrize("direction", ["forward", "backward"])


def networks(vocabulary, direction):
    torch.manual_seed(0)
    yield EvidenceSequencer(vocabulary, direction, d_state=24, d_scorer=16, d_mass=8)
    yield TransformerSequencer(
        vocabulary, direction, d_model=32, n_heads=4, n_layers=2, d_feedforward=32
    )
    if direction == "forward":
        yield RecursiveSequencer(vocabulary, n_refinements=2, d_model=16, d_scorer=8, patience=None)
    yield TableSequencer(vocabulary, direction, tokens=vocabulary.candidates.tolist())


@DIRECTIONS
def test_a_peptide_below_its_floor_is_not_scored(common, direction):
    masses = [common.peptide_mass(common.encode(p)) for p in ("SGATLK", "WGMK")]
    spectra = empty_spectra(2, masses)
    texts = ["SGATLK", "SGALTK", "GSATLK", "WGMK", "GWMK"]
    peptides, rows = [common.encode(text) for text in texts], np.array([0, 0, 0, 1, 1])
    for sequencer in networks(common, direction):
        if isinstance(sequencer, torch.nn.Module):
            sequencer.eval()
        scored = score_peptides(sequencer, spectra, rows, peptides)
        total = np.array([each.log_probability for each in scored])
        floor = np.median(total) * np.ones(len(total))
        for whole, bounded, score in zip(
            scored, score_peptides(sequencer, spectra, rows, peptides, floor), total, strict=True
        ):
            if score > floor[0] + 1e-3:
                assert bounded.log_probability == pytest.approx(whole.log_probability, abs=1e-3)
            elif score < floor[0] - 1e-3:
                assert bounded is None


@DIRECTIONS
def test_scores_equal_those_of_the_beam(common, direction):
    masses = [common.peptide_mass(common.encode(p)) for p in ("SGATLK", "WGMK")]
    spectra = empty_spectra(2, masses)
    decoder = BeamDecoder(3, n_candidates=3, constraint=MassConstraint())
    for sequencer in networks(common, direction):
        if isinstance(sequencer, torch.nn.Module):
            sequencer.eval()
        decoded = decoder(sequencer, spectra)
        pairs = [(row, a) for row, answers in enumerate(decoded.candidates) for a in answers]
        rows = np.array([row for row, _ in pairs])
        peptides = [answer.peptide for _, answer in pairs]
        scored = score_peptides(sequencer, spectra, rows, peptides)
        for (_, expected), found in zip(pairs, scored, strict=True):
            assert found.peptide == expected.peptide
            assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-3)
            assert found.token_log_probability == pytest.approx(
                expected.token_log_probability, abs=1e-3
            )
