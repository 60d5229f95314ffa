"""Sequencers without a network, whose every probability a test can look up."""

import torch

from denovo.chemistry import EOS, FIRST_RESIDUE
from denovo.spectra.batch import Spectra


class DecodingOnly:
    """The part of a sequencer that decoders never use: it fails if they do."""

    n_refinements = 1

    def forward(self, batch):
        raise AssertionError("a decoder must not call forward")


class TableSequencer(DecodingOnly):
    """A tiny sequencer whose next-token probabilities depend on the last token and the spectrum.

    Its state counts how often each row was read, so that a decoder which reads a prefix twice, or
    forgets to reorder states, is found out.
    """

    def __init__(self, vocabulary, direction="forward", seed=0, tokens=None):
        self.vocabulary, self.direction = vocabulary, direction
        generator = torch.Generator().manual_seed(seed)
        size = len(vocabulary)
        table = torch.randn(4, size, size, generator=generator) * 2
        self.allowed = [EOS, *(tokens or range(FIRST_RESIDUE, FIRST_RESIDUE + 3))]
        blocked = torch.ones(size, dtype=torch.bool)
        blocked[self.allowed] = False
        self.table = table.masked_fill(blocked, -1e9)

    def initial_state(self, spectra):
        return TableState(spectra.precursor_charge, torch.zeros(len(spectra), 0, dtype=torch.int64))

    def next_residue_logits(self, state, last_token):
        read = torch.cat([state.read, last_token[:, None]], dim=1)
        return self.table[state.row, last_token], TableState(state.row, read)


class TableState:
    def __init__(self, row, read):
        self.row, self.read = row, read

    def select(self, index):
        return TableState(self.row[index], self.read[index])


class Oracle(DecodingOnly):
    """Knows the peptide of every spectrum, and would repeat its first token if it were let."""

    def __init__(self, vocabulary, direction, peptide):
        self.vocabulary, self.direction = vocabulary, direction
        tokens = vocabulary.encode(peptide)
        self.path = [*(tokens if direction == "forward" else tokens[::-1]), EOS]

    def initial_state(self, spectra):
        return TableState(torch.zeros(len(spectra), dtype=torch.int64), torch.zeros(len(spectra)))

    def next_residue_logits(self, state, last_token):
        logits = torch.full((len(last_token), len(self.vocabulary)), -20.0)
        for row, step in enumerate(state.row.tolist()):
            logits[row, self.path[min(step, len(self.path) - 1)]] = 0.0
        return logits, TableState(state.row + 1, state.read)


def empty_spectra(n, mass=5000.0):
    """Spectra that differ in charge, the row of the table, and in mass if several are given."""
    masses = torch.as_tensor(mass, dtype=torch.float64).expand(n).clone()
    return Spectra(
        torch.ones(n, 1),
        torch.ones(n, 1),
        torch.ones(n, 1, dtype=torch.bool),
        masses,
        torch.arange(n) % 4,
    )
