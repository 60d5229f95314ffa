import itertools

import pytest
import torch
from hydra.utils import instantiate
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from denovo.chemistry import EOS, FIRST_RESIDUE, ISOTOPE_SPACING, SOS, parse_tolerance
from denovo.decoding import BeamDecoder, MassConstraint
from denovo.decoding.beam_search import beam_search
from denovo.decoding.pruning import MassLimit, Overshoot
from tests.helpers.table_sequencer import Oracle, TableSequencer, empty_spectra

TOLERANCE = parse_tolerance("20 ppm")
DIRECTIONS = pytest.mark.parametrize("direction", ["forward", "backward"])


def anything(vocabulary, direction="forward", seed=0):
    """A sequencer that may write every token."""
    tokens = vocabulary.candidates.tolist()
    return TableSequencer(vocabulary, direction, seed, tokens)


def fits(vocabulary, peptide, observed, isotopes=(0, 1)):
    """Whether a mass agrees with a peptide; 1 nDa is left to the order of sums."""
    mass = vocabulary.peptide_mass(peptide)
    slack = 1e-9
    return any(
        TOLERANCE.contains(abs(observed - n * ISOTOPE_SPACING - mass) - slack + mass, mass)
        for n in isotopes
    )


@DIRECTIONS
@settings(max_examples=8)
@given(st.lists(st.floats(80, 3000), min_size=6, max_size=6), st.integers(1, 6), st.integers(0, 9))
def test_every_feasible_answer_lies_within_the_tolerance(common, direction, masses, width, seed):
    sequencer = anything(common, direction, seed)
    spectra = empty_spectra(6, masses)
    for isotopes in ((0,), (0, 1)):
        decoder = BeamDecoder(
            width, 60, n_candidates=width, constraint=MassConstraint("20 ppm", isotopes)
        )
        decoded = decoder(sequencer, spectra)
        assert (decoded.is_complete | ~decoded.is_feasible).all()
        for observed, answers, feasible in zip(
            masses, decoded.candidates, decoded.is_feasible, strict=True
        ):
            assert 1 <= len(answers) <= width
            if feasible:
                assert all(fits(common, a.peptide, observed, isotopes) for a in answers)


@DIRECTIONS
def test_where_a_peptide_fits_one_is_found(common, direction):
    # Above 2,700 Da there are peptides of any mass; below, the masses of some are taken.
    generator = torch.Generator().manual_seed(1)
    peptides = [
        common.candidates[torch.randint(20, (n,), generator=generator)].tolist()
        for n in range(1, 17)
    ]
    masses = [common.peptide_mass(p) for p in peptides] + [2800.0, 3123.456, 3500.0, 4000.0]
    decoder = BeamDecoder(5, 60, constraint=MassConstraint())
    decoded = decoder(anything(common, direction), empty_spectra(len(masses), masses))
    assert decoded.is_feasible.all()


def test_a_wide_constrained_beam_finds_the_most_probable_peptide_that_fits(common):
    tokens = common.encode("GAS")
    sequencer = TableSequencer(common, seed=2)
    assert sequencer.allowed == [EOS, *tokens]
    mass = common.peptide_mass(common.encode("GGAS"))
    decoder = BeamDecoder(200, 8, n_candidates=5, constraint=MassConstraint("5 ppm", [0]))
    decoded = decoder(sequencer, empty_spectra(4, mass))
    for row, answers in enumerate(decoded.candidates):
        log_p = sequencer.table[row].log_softmax(-1)
        expected = {}
        for n in range(1, 6):
            for peptide in itertools.product(tokens, repeat=n):
                if abs(common.peptide_mass(peptide) - mass) < 1e-3:
                    path = [SOS, *peptide, EOS]
                    expected[peptide] = sum(float(log_p[a, b]) for a, b in itertools.pairwise(path))
        assert len(expected) == 12
        best = sorted(expected, key=expected.get, reverse=True)[:5]
        assert [tuple(answer.peptide) for answer in answers] == best
        assert decoded.log_probability[row].item() == pytest.approx(expected[best[0]], abs=1e-4)


@DIRECTIONS
def test_where_nothing_fits_the_free_answer_stands_and_is_marked(common, direction):
    sequencer = anything(common, direction)
    # No residue weighs 40 or 60 Da.
    spectra = empty_spectra(4, [58.0, 78.0, 58.0, 78.0])
    plain = BeamDecoder(3, n_candidates=3)(sequencer, spectra)
    decoded = BeamDecoder(3, n_candidates=3, constraint=MassConstraint("10 ppm"))(
        sequencer, spectra
    )
    assert not decoded.is_feasible.any()
    assert decoded.candidates == plain.candidates
    assert (decoded.constraint_cost == -torch.inf).all()


def test_the_cost_is_what_the_constraint_takes_from_the_score(common):
    sequencer = anything(common, seed=4)
    spectra = empty_spectra(4, [700.35, 900.45, 1100.55, 1300.65])
    plain = BeamDecoder(5)(sequencer, spectra)
    decoded = BeamDecoder(5, constraint=MassConstraint())(sequencer, spectra)
    assert decoded.is_feasible.all()
    assert plain.peptides != decoded.peptides
    cost = decoded.log_probability - plain.log_probability
    assert torch.equal(decoded.constraint_cost, cost)
    assert decoded.unconstrained == [answers[0] for answers in plain.candidates]


@DIRECTIONS
@pytest.mark.parametrize("modification", ["", "[UNIMOD:1]-", "[UNIMOD:385]-"])
@pytest.mark.parametrize("n_candidates", [1, 3])
def test_an_answer_that_fits_is_kept(common, direction, modification, n_candidates):
    peptide = f"{modification}QAGK"
    mass = common.peptide_mass(common.encode(peptide))
    decoder = BeamDecoder(3, n_candidates=n_candidates, constraint=MassConstraint())
    decoded = decoder(Oracle(common, direction, peptide), empty_spectra(2, mass))
    assert [common.decode(tokens) for tokens in decoded.peptides] == [peptide] * 2
    assert decoded.is_feasible.all()
    assert (decoded.constraint_cost == 0).all()


@DIRECTIONS
def test_a_wrong_precursor_does_not_hide_what_the_network_read(common, direction):
    oracle = Oracle(common, direction, "PEPTIDEK")
    mass = common.peptide_mass(common.encode("PEPTIDEK"))
    decoded = BeamDecoder(3, constraint=MassConstraint())(oracle, empty_spectra(1, mass + 300.1))
    assert common.decode(decoded.unconstrained[0].peptide) == "PEPTIDEK"
    assert decoded.constraint_cost.item() < -20


@DIRECTIONS
def test_without_comparison_the_same_peptides_are_found(common, direction):
    sequencer = anything(common, direction, seed=5)
    # No residue weighs 40 Da: two spectra have no feasible peptide.
    spectra = empty_spectra(5, [700.35, 58.0, 900.45, 58.0, 1100.55])
    comparing = BeamDecoder(6, n_candidates=6, constraint=MassConstraint())
    direct = BeamDecoder(6, n_candidates=6, constraint=MassConstraint(), compares=False)
    expected, found = comparing(sequencer, spectra), direct(sequencer, spectra)
    assert found.is_feasible.tolist() == [True, False, True, False, True]
    assert torch.equal(found.is_feasible, expected.is_feasible)
    # The comparing search may list more peptides that its first search met by chance.
    assert found.peptides == expected.peptides
    assert torch.allclose(found.log_probability, expected.log_probability)
    assert found.constraint_cost is None
    assert found.unconstrained is None


@DIRECTIONS
@given(margin=st.floats(0.0, 12.0), seed=st.integers(0, 20))
@settings(max_examples=10)
def test_a_margin_drops_improbable_candidates_alone(common, direction, margin, seed):
    sequencer, spectra = anything(common, direction, seed), empty_spectra(2, [700.35, 900.45])
    agreement = {"constraint": MassConstraint(), "compares": False}
    close = BeamDecoder(6, n_candidates=6, **agreement, margin=margin)(sequencer, spectra)
    for kept in close.candidates:
        assert all(each.log_probability >= kept[0].log_probability - margin - 1e-4 for each in kept)
    everything = BeamDecoder(6, n_candidates=6, **agreement)(sequencer, spectra)
    unlimited = BeamDecoder(6, n_candidates=6, **agreement, margin=1e9)(sequencer, spectra)
    assert unlimited.candidates == everything.candidates
    assert sum(map(len, close.candidates)) <= sum(map(len, everything.candidates))


@DIRECTIONS
def test_an_infinite_tolerance_changes_nothing(common, direction):
    sequencer = anything(common, direction, seed=3)
    spectra = empty_spectra(8, [500.0 + 100 * k for k in range(8)])
    endless = MassConstraint("1e9 Da")
    plain = BeamDecoder(5, 12, n_candidates=5)(sequencer, spectra)
    decoded = BeamDecoder(5, 12, n_candidates=5, constraint=endless)(sequencer, spectra)
    assert decoded.candidates == plain.candidates
    # The constrained search is the plain one, too.
    mass = spectra.precursor_mass.repeat_interleave(5)
    both = [
        beam_search(sequencer, sequencer.initial_state(spectra), limit, 8, mass.device, 5, 5, 12)
        for limit in (MassLimit(endless, sequencer, mass, 12), Overshoot(sequencer, mass, 1e9))
    ]
    # Tokens are not compared: hypotheses that were cut off may be equally probable.
    assert torch.equal(both[0].is_complete, both[1].is_complete)
    assert torch.allclose(both[0].score, both[1].score)


@DIRECTIONS
def test_several_answers_differ_and_fall_in_probability(common, direction):
    decoder = BeamDecoder(6, n_candidates=6, constraint=MassConstraint())
    decoded = decoder(anything(common, direction), empty_spectra(4, 1000.5))
    for answers in decoded.candidates:
        assert len({tuple(answer.peptide) for answer in answers}) == len(answers) > 1
        scores = [answer.log_probability for answer in answers]
        assert scores == sorted(scores, reverse=True)


@DIRECTIONS
def test_constrained_peptides_keep_their_modifications_at_the_n_terminus(common, direction):
    sequencer = anything(common, direction)
    sequencer.table[..., common.is_n_terminal] = 4.0
    decoder = BeamDecoder(8, n_candidates=8, constraint=MassConstraint())
    decoded = decoder(sequencer, empty_spectra(4, [800.4, 1000.5, 1200.6, 1400.7]))
    answers = [answer.peptide for row in decoded.candidates for answer in row]
    assert decoded.is_feasible.all()
    assert any(common.is_n_terminal[peptide[0]] for peptide in answers)
    assert not any(common.is_n_terminal[peptide[1:]].any() for peptide in answers)


def test_constrained_peptides_keep_to_the_length_limit(common):
    sequencer = anything(common)
    decoder = BeamDecoder(5, 11, constraint=MassConstraint())
    decoded = decoder(sequencer, empty_spectra(3, [900.45, 1000.5, 1100.55]))
    assert decoded.is_feasible.all()
    assert max(map(len, decoded.peptides)) <= 11


def test_the_shipped_setting_is_constrained_and_can_be_switched_off(root):
    config = OmegaConf.load(root / "conf" / "decoder" / "constrained.yaml")
    decoder = instantiate(config)
    assert str(decoder.constraint.tolerance) == "20 ppm"
    assert decoder.constraint.isotope_errors == (0, 1)
    config.constraint = None
    assert instantiate(config).constraint is None


def test_only_residues_that_the_sequencer_offers_are_written(common):
    # Nothing of G, A and S weighs 500.3 Da, but other residues do.
    sequencer = TableSequencer(common)
    sequencer.table[..., EOS] = 0.0
    decoded = BeamDecoder(3, constraint=MassConstraint("5 ppm"))(sequencer, empty_spectra(2, 500.3))
    offered = set(range(FIRST_RESIDUE, FIRST_RESIDUE + 3))
    assert all(set(peptide) <= offered for peptide in decoded.peptides)
    assert not decoded.is_feasible.any()
