import itertools

import pytest

from denovo.chemistry import EOS, FIRST_RESIDUE, PAD, SOS, WATER_MASS
from denovo.decoding import BeamDecoder, GreedyDecoder
from denovo.errors import InputError
from tests.helpers.table_sequencer import Oracle, TableSequencer, empty_spectra


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
        GreedyDecoder(8)(sequencer, empty_spectra(4)),
        BeamDecoder(1, 8)(sequencer, empty_spectra(4)),
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
        decoded = BeamDecoder(beam_width=200, max_length=4)(sequencer, empty_spectra(2))
        for row in range(2):
            peptides = all_peptides(sequencer, row, 4)
            best = max(peptides, key=peptides.get)
            assert tuple(decoded.peptides[row]) == best
            assert decoded.log_probability[row].item() == pytest.approx(peptides[best], abs=1e-4)


def test_a_wider_beam_is_never_less_probable_here(common):
    sequencer = TableSequencer(common, seed=3)
    scores = [BeamDecoder(w, 6)(sequencer, empty_spectra(4)).log_probability for w in (1, 4, 300)]
    assert (scores[2] >= scores[1] - 1e-5).all()
    assert (scores[2] >= scores[0] - 1e-5).all()


def test_a_backward_sequencer_is_written_from_the_n_terminus(common):
    forward = BeamDecoder(5, 6)(TableSequencer(common), empty_spectra(4))
    backward = BeamDecoder(5, 6)(TableSequencer(common, "backward"), empty_spectra(4))
    assert [p[::-1] for p in forward.peptides] == backward.peptides
    assert [p[::-1] for p in forward.token_log_probability] == backward.token_log_probability


def test_scores_of_tokens_and_end_add_up(common):
    sequencer = TableSequencer(common)
    decoded = BeamDecoder(5, 8)(sequencer, empty_spectra(4))
    for row, peptide in enumerate(decoded.peptides):
        path = [SOS, *peptide, EOS]
        log_p = sequencer.table[row].log_softmax(-1)
        total = sum(float(log_p[a, b]) for a, b in itertools.pairwise(path))
        assert decoded.log_probability[row].item() == pytest.approx(total, abs=1e-4)
        assert len(decoded.token_log_probability[row]) == len(peptide)


def test_expected_mass_is_the_mean_over_residues_alone(common):
    sequencer = TableSequencer(common)
    decoded = GreedyDecoder(8)(sequencer, empty_spectra(4))
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
    decoded = GreedyDecoder(3)(sequencer, empty_spectra(2))
    assert not decoded.is_complete.any()
    assert all(PAD not in peptide and EOS not in peptide for peptide in decoded.peptides)


def test_several_peptides_come_in_order_and_with_their_scores(common):
    sequencer = TableSequencer(common)
    decoded = BeamDecoder(beam_width=200, max_length=4, n_candidates=6)(sequencer, empty_spectra(2))
    for row, answers in enumerate(decoded.candidates):
        peptides = all_peptides(sequencer, row, 4)
        expected = sorted(peptides.values(), reverse=True)[:6]
        assert [answer.log_probability for answer in answers] == pytest.approx(expected, abs=1e-4)
        for answer in answers:
            assert answer.log_probability == pytest.approx(
                peptides[tuple(answer.peptide)], abs=1e-4
            )
        assert decoded.peptides[row] == answers[0].peptide


def test_more_peptides_than_beams_are_refused():
    with pytest.raises(
        InputError, match=r"n_candidates must lie between 1 and beam_width \(5\), got 6"
    ):
        BeamDecoder(5, n_candidates=6)


@pytest.mark.parametrize("width", [0, -1])
def test_a_beam_without_width_is_refused(width):
    with pytest.raises(InputError, match="beam_width"):
        BeamDecoder(width)


def test_no_peptide_outweighs_its_precursor(common):
    sequencer = TableSequencer(common)
    sequencer.table[..., EOS] -= 6  # it would rather not end
    limit = 300.0
    for width in (1, 5):
        free = BeamDecoder(width, 30, max_overshoot=None)(sequencer, empty_spectra(4, limit))
        held = BeamDecoder(width, 30)(sequencer, empty_spectra(4, limit))
        assert max(common.peptide_mass(p) for p in free.peptides) > limit + 0.5
        assert max(common.peptide_mass(p) for p in held.peptides) <= limit + 0.5
        assert held.is_complete.all()


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("modification", ["", "[UNIMOD:1]-", "[UNIMOD:5]-", "[UNIMOD:385]-"])
@pytest.mark.parametrize("width", [1, 3])
def test_what_an_oracle_knows_is_decoded(common, direction, modification, width):
    peptide = f"{modification}QAGK"
    mass = common.peptide_mass(common.encode(peptide))
    decoded = BeamDecoder(width)(Oracle(common, direction, peptide), empty_spectra(2, mass))
    assert [common.decode(tokens) for tokens in decoded.peptides] == [peptide] * 2


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_an_n_terminal_modification_stands_at_the_n_terminus_only(common, direction):
    sequencer = TableSequencer(common, direction)
    for row in common.is_n_terminal.nonzero().flatten():
        sequencer.table[:, :, row] = 3.0
    decoded = BeamDecoder(4, 10)(sequencer, empty_spectra(4))
    for peptide in decoded.peptides:
        assert not common.is_n_terminal[peptide[1:]].any()


def test_a_peptide_that_has_ended_waits_for_those_ahead_of_it(common):
    sequencer = TableSequencer(common, tokens=common.candidates.tolist())
    sequencer.table[..., sequencer.allowed] = 0.0
    first, second, other = common.encode("ASG")
    # AS is probable and whatever follows it is not; G falls behind by ending, and is the best.
    sequencer.table[:, SOS, [first, other]] = sequencer.table.new_tensor([20.0, 18.5])
    sequencer.table[:, first, second] = 20.0
    sequencer.table[:, other, [EOS, first]] = sequencer.table.new_tensor([20.0, 20.8])
    decoded = BeamDecoder(8, 6, margin=2.0)(sequencer, empty_spectra(1))
    assert decoded.peptides == [[other]]
    assert decoded.log_probability.item() == pytest.approx(-2.87, abs=0.01)
