"""Every peak that is added lies where chemistry has it, by pyteomics and by hand."""

from dataclasses import fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from denovo.chemistry import Vocabulary
from denovo.chemistry.labels import TMT
from denovo.chemistry.modifications import observed_alphabet
from denovo.curriculum import Noise
from denovo.noise import ADDITIONS
from denovo.noise.peaks import Draw
from tests.helpers.noise_batches import PEPTIDES, generator, labelled, names_of, subject_of

PROTON = 1.00727646688
WATER, AMMONIA, CO, C13 = 18.0105647, 17.0265491, 27.9949146, 1.0033548
PEPTIDE = st.text("GASPVTLNDQKEMHFRYW", min_size=3, max_size=16)
"""Letters of distinct masses, none of them modified."""


def shown(peaks, row):
    """The m/z of the peaks that are there."""
    return peaks.mz[row][peaks.intensity[row] >= 0].tolist()


def added(name, peptides, vocabulary, strength=1.0, seed=0, charge=2):
    annotated = subject_of(labelled(peptides, vocabulary, charge), vocabulary)
    return ADDITIONS[name](annotated, strength, Draw(generator(seed), len(peptides)))


def ladder(peptide, kind, charge):
    """All b or y ions of a peptide by pyteomics."""
    cuts = range(1, len(peptide))
    parts = [peptide[:k] if kind == "b" else peptide[k:] for k in cuts]
    return [mass.fast_mass(part, ion_type=kind, charge=charge) for part in parts]


def alphabet_with(*modified):
    """The alphabet of peptides with these residues, and those without a modification."""
    return Vocabulary(observed_alphabet(modified, fixed=()))


def are_near(found, expected):
    return all(min(abs(mz - e) for e in expected) < 2e-3 for mz in found)


def test_every_addition_is_a_field_of_the_noise():
    assert set(ADDITIONS) <= {field.name for field in fields(Noise)}


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_addition_of_strength_0_adds_nothing(name, common):
    assert not (added(name, PEPTIDES, common, strength=0.0).intensity >= 0).any()


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_addition_adds_something_of_finite_height_to_peptides_of_any_length(name, common):
    peaks = added(name, PEPTIDES, common, charge=4)
    is_there = peaks.intensity >= 0
    assert is_there.any()
    assert torch.isfinite(peaks.intensity).all()
    assert (peaks.mz[is_there] > 0).all()
    assert peaks.mz.shape == peaks.intensity.shape


@settings(max_examples=20)
@given(PEPTIDE, st.integers(0, 99))
def test_isotopes_follow_b_and_y_ions_by_one_or_two_neutrons(canonical, peptide, seed):
    peaks = added("isotopes", [peptide], canonical, seed=seed)
    expected = [
        mz + k * C13 / z
        for kind in "by"
        for z in (1, 2)
        for mz in ladder(peptide, kind, z)
        for k in (1, 2)
    ]
    assert len(shown(peaks, 0)) == len(expected)
    assert are_near(shown(peaks, 0), expected)


def test_the_first_isotope_grows_with_the_mass_as_averagine_has_it(canonical):
    peptides = ["PEPTIDEPEPTIDEK"] * 400
    annotated = subject_of(labelled(peptides, canonical), canonical)
    peaks = ADDITIONS["isotopes"](annotated, 1.0, Draw(generator(), 400))
    parents = annotated.parents.peaks
    n = parents.mz.shape[1]
    ratio = (peaks.intensity[:, :n] / parents.intensity).mean(dim=0)
    neutral = parents.mz[0] * annotated.parents.charge
    # 0.00055 per Da times 0.4 to 1.0; a lognormal of width 0.3 has mean 1.046.
    assert ratio / neutral == pytest.approx(0.00055 * 0.7 * 1.046, rel=0.12)


@settings(max_examples=20)
@given(PEPTIDE, st.integers(0, 99))
def test_losses_are_one_or_two_of_water_and_ammonia_below_b_and_y_ions(canonical, peptide, seed):
    peaks = added("losses", [peptide], canonical, seed=seed)
    expected = [
        mz - loss / z
        for kind in "by"
        for z in (1, 2)
        for mz in ladder(peptide, kind, z)
        for loss in (WATER, AMMONIA, 2 * WATER, WATER + AMMONIA, 2 * AMMONIA)
    ]
    assert are_near(shown(peaks, 0), expected)


def share_with_a_loss(peptide, ion, loss, vocabulary, n=300):
    """How often one b or y ion of charge 1 loses something."""
    peaks = added("losses", [peptide] * n, vocabulary, strength=0.5)
    return sum(any(abs(mz - ion + loss) < 2e-3 for mz in shown(peaks, row)) for row in range(n)) / n


@pytest.mark.parametrize(
    ("able", "unable", "loss"), [("GSVAAVK", "GLVAAVK", WATER), ("GNVAAVR", "GLVAAVR", AMMONIA)]
)
def test_b_ions_lose_more_often_what_their_residues_can_lose(canonical, able, unable, loss):
    b4 = [mass.fast_mass(peptide[:4], ion_type="b", charge=1) for peptide in (able, unable)]
    often = share_with_a_loss(able, b4[0], loss, canonical)
    seldom = share_with_a_loss(unable, b4[1], loss, canonical)
    assert often > 1.5 * seldom > 0


def test_fragments_with_oxidised_methionine_lose_methanesulfenic_acid_and_others_do_not(common):
    y3 = mass.fast_mass("VVK", ion_type="y", charge=1)
    y4 = y3 + 147.0354
    assert share_with_a_loss("GLAM[UNIMOD:35]VVK", y4, 63.9983, common) > 0.3
    assert share_with_a_loss("GLAM[UNIMOD:35]VVK", y3, 63.9983, common) == 0


def test_one_oxidised_methionine_has_methanesulfenic_acid_to_lose_once(common):
    y4 = mass.fast_mass("VVK", ion_type="y", charge=1) + 147.0354
    assert share_with_a_loss("GLAM[UNIMOD:35]VVK", y4, 2 * 63.9983, common) == 0
    both = "GLAM[UNIMOD:35]M[UNIMOD:35]VVK"
    assert share_with_a_loss(both, y4 + 147.0354, 2 * 63.9983, common) > 0


@settings(max_examples=20)
@given(PEPTIDE)
def test_a_ions_are_b_ions_without_carbon_monoxide_and_some_without_ammonia_too(canonical, peptide):
    a = [mz - CO for mz in ladder(peptide, "b", 1)]
    found = shown(added("a_ions", [peptide], canonical), 0)
    assert found[: len(a)] == pytest.approx(a, abs=2e-3)
    assert are_near(found[len(a) :], [mz - AMMONIA for mz in a])


@settings(max_examples=20)
@given(PEPTIDE)
def test_second_charges_are_those_of_the_same_fragments(canonical, peptide):
    found = shown(added("doubly_charged", [peptide], canonical), 0)
    expected = [*ladder(peptide, "b", 2), *ladder(peptide, "y", 2)]
    assert found == pytest.approx(expected, abs=2e-3)


def test_heavy_y_ions_have_a_third_charge_where_the_precursor_has_four(canonical):
    peptide = "HVDDAGWLTAVRVETLAKWDDHK"
    expected = [mz for mz in ladder(peptide, "y", 3) if 3 * (mz - PROTON) > 1600]
    of_four = added("triply_charged", [peptide] * 40, canonical, charge=4)
    for row in range(40):
        found = shown(of_four, row)
        assert found[: len(expected)] == pytest.approx(expected, abs=2e-3)
        assert are_near(found, [mz for mz in ladder(peptide, "y", 3) if 3 * (mz - PROTON) > 1000])
    assert added("triply_charged", [peptide], canonical, charge=3).mz.shape == (1, 0)


def test_immonium_ions_tell_of_residues_that_are_there(common):
    # 120.081 is F, 110.071 H, 86.096 L, 84.081 and 129.102 follow K; GASPVTK has none but the last.
    peaks = added("immonium", ["GASPVTK", "FHLFHLR"] * 100, common)
    of_k = {round(mz, 2) for row in range(0, 200, 2) for mz in shown(peaks, row)}
    of_r = {round(mz, 2) for row in range(1, 200, 2) for mz in shown(peaks, row)}
    assert {84.08, 129.10} <= of_k
    assert {120.08, 110.07, 86.10} <= of_r
    assert of_k.isdisjoint({120.08, 110.07, 86.10})
    assert of_r.isdisjoint({84.08, 129.10})


@pytest.mark.parametrize("charge", [2, 3])
def test_the_precursor_remains_at_its_own_charge(canonical, charge):
    peaks = added("unfragmented_precursor", ["SAMPLER"] * 200, canonical, charge=charge)
    neutral = mass.fast_mass("SAMPLER")
    changes = (0.0, C13, 2 * C13, -WATER, -AMMONIA, -2 * WATER)
    expected = {round((neutral + change) / charge + PROTON, 2) for change in changes}
    assert {round(mz, 2) for row in range(200) for mz in shown(peaks, row)} == expected


@pytest.mark.parametrize("charge", [1, 2, 3])
def test_what_a_precursor_loses_in_an_ion_trap_is_water_and_ammonia(canonical, charge):
    peaks = added("precursor_losses", ["SAMPLER"] * 100, canonical, charge=charge)
    neutral = mass.fast_mass("SAMPLER")
    lost = (WATER, AMMONIA, 2 * WATER, WATER + AMMONIA)
    expected = {round((neutral - each) / charge + PROTON, 2) for each in lost}
    assert {round(mz, 2) for row in range(100) for mz in shown(peaks, row)} == expected
    assert (peaks.intensity >= 0).float().mean().item() == pytest.approx(0.85, abs=0.06)


@settings(max_examples=20)
@given(st.sampled_from(PEPTIDES), st.integers(0, 99))
def test_internal_fragments_hold_neither_terminus(common, peptide, seed):
    peaks = added("internal_fragments", [peptide], common, seed=seed)
    names = [name for name in names_of(peptide, common) if not name.endswith("-")]
    weights = [common.alphabet.by_name[name].mass for name in names]
    stretches = [
        sum(weights[start:end]) + PROTON
        for start in range(1, len(names))
        for end in range(start + 2, min(start + 9, len(names) - 1) + 1)
    ]
    small = (0.0, WATER, AMMONIA)
    expected = [mz - co - lost for mz in stretches for co in (0.0, CO) for lost in small]
    assert are_near(shown(peaks, 0), expected or [-1.0])


def test_internal_fragments_are_as_high_as_their_strength(common):
    once, twice = (
        added("internal_fragments", ["GASPVTKLNDR"], common, strength) for strength in (1.0, 2.0)
    )
    torch.testing.assert_close(2 * once.intensity, twice.intensity)


def test_peptides_break_before_proline_most_of_all(common):
    of_proline, of_others = [], []
    peaks = added("internal_fragments", ["GAVSPTAVGLK"] * 300, common)
    for start, heights in ((4, of_proline), (6, of_others)):
        mz = mass.fast_mass("GAVSPTAVGLK"[start : start + 3], ion_type="b", charge=1)
        is_it = ((peaks.mz - mz).abs() < 2e-3) & (peaks.intensity > 0)
        heights += peaks.intensity[is_it].tolist()
    assert sum(of_proline) / 300 > 2 * sum(of_others) / 300


def test_a_second_peptide_is_the_one_next_in_the_batch(common):
    batch = labelled(["GASPVTK", "WYQNLHK"], common)
    annotated = subject_of(batch, common)
    peaks = ADDITIONS["coisolation"](annotated, 1.0, Draw(generator(), 2))
    for row in (0, 1):
        own = set(batch.spectra.mz[1 - row].tolist())
        assert shown(peaks, row)
        assert set(shown(peaks, row)) <= own
        assert peaks.intensity[row].max() <= 0.5


def test_a_spectrum_alone_in_its_batch_has_no_second_peptide(common):
    assert not (added("coisolation", ["GASPVTK"], common).intensity >= 0).any()


@pytest.mark.parametrize(("residue", "is_lost"), [("S", True), ("Y", False)])
def test_phosphoserine_makes_a_precursor_lose_phosphoric_acid(residue, is_lost):
    vocabulary = alphabet_with("S[UNIMOD:21]", "Y[UNIMOD:21]")
    peptide = f"PEP{residue}[UNIMOD:21]IDEK"
    whole = mass.fast_mass(f"PEP{residue}IDEK", charge=2)
    expected = whole + (79.966331 - 97.976896) / 2
    peaks = added("unfragmented_precursor", [peptide] * 40, vocabulary)
    found = [abs(mz - expected) < 2e-3 for row in range(40) for mz in shown(peaks, row)]
    assert any(found) == is_lost


def test_labelled_peptides_show_reporter_ions_and_others_do_not():
    vocabulary = alphabet_with("K[UNIMOD:737]", "[UNIMOD:737]-")
    peptides = ["[UNIMOD:737]-PEPTIDEK[UNIMOD:737]", "PEPTIDEK[UNIMOD:737]"]
    peaks = added("immonium", peptides, vocabulary)
    ions = (*TMT.reporters, TMT.whole)
    labelled_row, other = (
        sum(are_near([mz], ions) for mz in shown(peaks, row)) for row in range(2)
    )
    assert (labelled_row > 5, other) == (True, 0)
