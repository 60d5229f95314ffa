import itertools

import pytest
import torch

from denovo.chemistry import EOS, FIRST_RESIDUE, PAD, SOS, WATER_MASS
from denovo.decoding import BeamDecoder, GreedyDecoder
from denovo.errors import InputError
from denovo.spectra import Spectra


class TableSequencer:
    """A tiny sequencer whose next-token probabilities depend on the last token and the spectrum.

    Its state counts how often each row was read, so that a decoder which reads a prefix twice, or
    forgets to reorder states, is found out.
    """

    def __init__(self, vocabulary, direction="forward", seed=0):
        self.vocabulary, self.direction = vocabulary, direction
        generator = torch.Generator().manual_seed(seed)
        size = len(vocabulary)
        table = torch.randn(4, size, size, generator=generator) * 2
        allowed = [EOS, FIRST_RESIDUE, FIRST_RESIDUE + 1, FIRST_RESIDUE + 2]
        blocked = torch.ones(size, dtype=torch.bool)
        blocked[allowed] = False
        self.table = table.masked_fill(blocked, -1e9)
        self.allowed = allowed

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


def spectra(n, mass=5000.0):
    return Spectra(
        torch.ones(n, 1),
        torch.ones(n, 1),
        torch.ones(n, 1, dtype=torch.bool),
        torch.full((n,), mass, dtype=torch.float64),
        torch.arange(n),
    )


def all_peptides(sequencer, row, max_length):
    """Log-probabilities of every peptide up to a length, by enumeration."""
    log_p = sequencer.table[row].log_softmax(-1)
    found = {}
    for n in range(max_length + 1):
        for peptide in itertools.product(sequencer.allowed[1:], repeat=n):
            path = [SOS, *peptide, EOS]
            found[peptide] = sum(float(log_p[a, b]) for a, b in itertools.pairwise(path))
    return found


def test_beam_of_width_one_is_greedy(common):
    sequencer = TableSequencer(common)
    greedy, narrow = (
        GreedyDecoder(8)(sequencer, spectra(4)),
        BeamDecoder(1, 8)(sequencer, spectra(4)),
    )
    assert greedy.peptides == narrow.peptides
    for row in range(4):
        last, expected = SOS, []
        while len(expected) < 9:
            last = int(sequencer.table[row, last].argmax())
            if last == EOS:
                break
            expected.append(last)
        if bool(greedy.is_complete[row]):
            assert greedy.peptides[row] == expected


def test_a_wide_beam_finds_the_most_probable_peptide(common):
    for seed in range(5):
        sequencer = TableSequencer(common, seed=seed)
        decoded = BeamDecoder(beam_width=200, max_length=4)(sequencer, spectra(2))
        for row in range(2):
            peptides = all_peptides(sequencer, row, 4)
            best = max(peptides, key=peptides.get)
            assert tuple(decoded.peptides[row]) == best
            assert decoded.log_probability[row].item() == pytest.approx(peptides[best], abs=1e-4)


def test_a_wider_beam_is_never_less_probable_here(common):
    sequencer = TableSequencer(common, seed=3)
    scores = [BeamDecoder(w, 6)(sequencer, spectra(4)).log_probability for w in (1, 4, 300)]
    assert (scores[2] >= scores[1] - 1e-5).all()
    assert (scores[2] >= scores[0] - 1e-5).all()


def test_a_backward_sequencer_is_written_from_the_n_terminus(common):
    forward = BeamDecoder(5, 6)(TableSequencer(common), spectra(4))
    backward = BeamDecoder(5, 6)(TableSequencer(common, "backward"), spectra(4))
    assert [p[::-1] for p in forward.peptides] == backward.peptides
    assert [p[::-1] for p in forward.token_log_probability] == backward.token_log_probability


def test_scores_of_tokens_and_end_add_up(common):
    sequencer = TableSequencer(common)
    decoded = BeamDecoder(5, 8)(sequencer, spectra(4))
    for row, peptide in enumerate(decoded.peptides):
        path = [SOS, *peptide, EOS]
        log_p = sequencer.table[row].log_softmax(-1)
        total = sum(float(log_p[a, b]) for a, b in itertools.pairwise(path))
        assert decoded.log_probability[row].item() == pytest.approx(total, abs=1e-4)
        assert len(decoded.token_log_probability[row]) == len(peptide)


def test_expected_mass_is_the_mean_over_residues_alone(common):
    sequencer = TableSequencer(common)
    decoded = GreedyDecoder(8)(sequencer, spectra(4))
    for row, peptide in enumerate(decoded.peptides):
        expected, last = WATER_MASS, SOS
        for token in peptide:
            residues = sequencer.table[row, last, FIRST_RESIDUE:].double().softmax(-1)
            expected += float(residues @ common.masses[FIRST_RESIDUE:])
            last = token
        assert decoded.expected_mass[row].item() == pytest.approx(expected, abs=1e-5)


def test_a_peptide_that_never_ends_is_cut_and_marked(common):
    sequencer = TableSequencer(common)
    sequencer.table[..., EOS] = -1e9
    decoded = GreedyDecoder(3)(sequencer, spectra(2))
    assert not decoded.is_complete.any()
    assert all(PAD not in peptide and EOS not in peptide for peptide in decoded.peptides)


@pytest.mark.parametrize("width", [0, -1])
def test_a_beam_without_width_is_refused(width):
    with pytest.raises(InputError, match="beam_width"):
        BeamDecoder(width)


def test_no_peptide_outweighs_its_precursor(common):
    sequencer = TableSequencer(common)
    sequencer.table[..., EOS] -= 6  # it would rather not end
    limit = 300.0
    for width in (1, 5):
        free = BeamDecoder(width, 30, max_overshoot=None)(sequencer, spectra(4, limit))
        held = BeamDecoder(width, 30)(sequencer, spectra(4, limit))
        assert max(common.peptide_mass(p) for p in free.peptides) > limit + 0.5
        assert max(common.peptide_mass(p) for p in held.peptides) <= limit + 0.5
        assert held.is_complete.all()


class Oracle:
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


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("modification", ["", "[UNIMOD:1]-", "[UNIMOD:5]-", "[UNIMOD:385]-"])
@pytest.mark.parametrize("width", [1, 3])
def test_what_an_oracle_knows_is_decoded(common, direction, modification, width):
    peptide = f"{modification}QAGK"
    mass = common.peptide_mass(common.encode(peptide))
    decoded = BeamDecoder(width)(Oracle(common, direction, peptide), spectra(2, mass))
    assert [common.decode(tokens) for tokens in decoded.peptides] == [peptide] * 2


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_an_n_terminal_modification_stands_at_the_n_terminus_only(common, direction):
    sequencer = TableSequencer(common, direction)
    for row in common.is_n_terminal.nonzero().flatten():
        sequencer.table[:, :, row] = 3.0
    decoded = BeamDecoder(4, 10)(sequencer, spectra(4))
    for peptide in decoded.peptides:
        assert not common.is_n_terminal[peptide[1:]].any()
