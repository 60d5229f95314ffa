import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import EOS, ISOTOPE_SPACING, PAD, SOS, UNK, WATER_MASS, parse_tolerance
from denovo.decoding import MassConstraint
from denovo.decoding.pruning import MassLimit
from denovo.errors import InputError
from tests.helpers.table_sequencer import TableSequencer

FIRST = torch.tensor([0])
"""The only row of a limit."""

tolerances = st.sampled_from(["1 ppm", "20 ppm", "200 ppm", "0.01 Da", "0.5 Da"])


def double(*values):
    return torch.tensor(values, dtype=torch.float64)


@given(
    tolerances, st.floats(300, 5000), st.floats(-1.5, 1.5), st.sets(st.integers(-1, 3), min_size=1)
)
def test_the_constraint_is_what_the_tolerance_says(text, mass, offset, isotopes):
    tolerance = parse_tolerance(text)
    if abs(abs(offset) - 1) < 1e-4:  # there rounding decides
        offset = 0.0
    observed = mass + offset * tolerance.half_width(mass) + max(isotopes) * ISOTOPE_SPACING
    expected = any(tolerance.contains(observed - n * ISOTOPE_SPACING, mass) for n in isotopes)
    is_met = MassConstraint(text, sorted(isotopes)).is_met(
        double(mass - WATER_MASS)[None], double(observed)
    )
    assert is_met.item() == expected


@pytest.mark.parametrize("direction", ["forward", "backward"])
@given(data=st.data())
def test_no_step_on_the_way_to_a_fitting_peptide_is_forbidden(common, direction, data):
    sequencer = TableSequencer(common, direction)
    is_n_terminal = common.is_n_terminal
    residues = torch.nonzero(common.is_residue & ~is_n_terminal).flatten().tolist()
    first = data.draw(st.sampled_from([None, *is_n_terminal.nonzero().flatten().tolist()]))
    peptide = data.draw(st.lists(st.sampled_from(residues), min_size=1, max_size=25))
    peptide = peptide if first is None else [first, *peptide]
    text = data.draw(tolerances)
    offset = data.draw(st.floats(-0.999, 0.999))
    mass = common.peptide_mass(peptide)
    observed = mass + offset * parse_tolerance(text).half_width(mass)
    observed += data.draw(st.sampled_from([0, 1])) * ISOTOPE_SPACING
    limit = MassLimit(MassConstraint(text), sequencer, double(observed), len(peptide))
    path = [*(peptide if direction == "forward" else peptide[::-1]), EOS]
    read = 0.0
    for n_read, token in enumerate(path):
        assert not limit.forbidden(FIRST, double(read), n_read)[0, token]
        read += float(common.masses[token])


def test_the_end_is_forbidden_until_the_mass_fits(common):
    peptide = common.encode("PEPTIDEK")
    mass = common.peptide_mass(peptide)
    limit = MassLimit(MassConstraint("20 ppm"), TableSequencer(common), double(mass), 40)
    for n_read in range(len(peptide) + 1):
        read = common.masses[peptide[:n_read]].sum()[None]
        assert limit.forbidden(FIRST, read, n_read)[0, EOS] == (n_read < len(peptide))


def test_tokens_that_are_no_residues_are_forbidden(common):
    limit = MassLimit(MassConstraint(), TableSequencer(common), double(1000.0), 40)
    assert limit.forbidden(FIRST, double(0.0), 0)[0, [PAD, SOS, UNK]].all()


def test_a_prefix_with_too_few_places_left_is_forbidden(common):
    mass = common.peptide_mass(common.encode("WWWW"))
    token = common.encode("W")[0]
    start, sequencer = double(0.0), TableSequencer(common)
    for max_length, expected in ((3, True), (4, False)):
        limit = MassLimit(MassConstraint(), sequencer, double(mass), max_length)
        assert limit.forbidden(FIRST, start, 0)[0, token] == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tolerance": "20"}, "tolerance must read like"),
        ({"tolerance": "-1 ppm"}, "must be positive"),
        ({"isotope_errors": []}, "isotope_errors"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        MassConstraint(**settings)


@given(
    masses=st.lists(st.floats(50.0, 4000.0), min_size=1, max_size=5),
    shares=st.lists(st.floats(0.0, 1.05), min_size=5, max_size=5),
    tolerance=st.sampled_from(["1 ppm", "20 ppm", "0.5 Da"]),
    is_backward=st.booleans(),
)
def test_cpus_and_devices_mark_the_same_tokens(common, masses, shares, tolerance, is_backward):
    sequencer = TableSequencer(common, "backward" if is_backward else "forward")
    limit = MassLimit(MassConstraint(tolerance), sequencer, double(*masses), 12)
    read = double(*masses) * double(*shares[: len(masses)])
    low, high = limit.low, limit.high
    for longest in (0.0, 600.0, 5000.0):
        found = limit._on_cpu(read, low, high, longest)
        torch.testing.assert_close(found, limit._on_device(read, low, high, longest))
