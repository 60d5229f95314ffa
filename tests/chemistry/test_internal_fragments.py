"""Internal fragments: which there are, where they lie, and which are the highest."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from denovo.chemistry import EOS
from denovo.chemistry.internal_fragments import (
    MEASURED,
    SIZES,
    InternalFragments,
    InternalStatistics,
)

# Every effect is another power of two, so that no sum of them can be had in two ways.
STATISTICS = InternalStatistics(
    mean=2.0**0,
    between_spectra=0.0,
    scatter=0.0,
    by_size=tuple(2.0**k for k in range(1, 9)),
    by_residues_before=(2.0**9, 2.0**10, 2.0**11),
    by_residues_behind=(2.0**12, 2.0**13),
    without_base=2.0**14,
    before={"G": 2.0**15, "L": 2.0**16},
    first={"A": 2.0**17, "L": 2.0**18},
    last={"G": 2.0**19, "M": 2.0**20},
    behind={"A": 2.0**21, "M": 2.0**22},
)
PEPTIDE = st.text("GASPVTLNDQKEMHFRYW", min_size=2, max_size=16)


def internal_of(peptides, vocabulary, *statistics):
    rows = [[*vocabulary.encode(peptide), EOS] for peptide in peptides]
    longest = max(map(len, rows))
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    is_residue = (tokens > EOS) & ~vocabulary.is_n_terminal[tokens]
    return InternalFragments.of(tokens, is_residue, vocabulary, *statistics)


def found(internal, row):
    return sorted(internal.mz[row][internal.is_there[row]].tolist())


@settings(max_examples=50)
@given(st.lists(PEPTIDE, min_size=1, max_size=4))
def test_they_are_all_stretches_that_hold_no_terminus(canonical, peptides):
    internal = internal_of(peptides, canonical)
    for row, peptide in enumerate(peptides):
        expected = sorted(
            mass.fast_mass(peptide[start : start + size], ion_type="b", charge=1)
            for size in SIZES
            for start in range(1, len(peptide) - size)
        )
        assert found(internal, row) == pytest.approx(expected, abs=1e-4)


def test_a_modified_terminus_is_no_residue(common):
    plain, modified = (internal_of([text], common) for text in ("GASPK", "[UNIMOD:1]-GASPK"))
    assert found(plain, 0) == pytest.approx(found(modified, 0))
    assert plain.log_height[plain.is_there].tolist() == pytest.approx(
        modified.log_height[modified.is_there].tolist()
    )


def test_a_modified_residue_weighs_what_it_weighs_and_breaks_as_the_bare_one(common):
    bare, oxidised = (internal_of([text], common) for text in ("GAMSK", "GAM[UNIMOD:35]SK"))
    differences = [b - a for a, b in zip(found(bare, 0), found(oxidised, 0), strict=True)]
    assert differences == pytest.approx([15.9949146] * 3, abs=1e-5)
    assert torch.equal(bare.log_height, oxidised.log_height)


def test_a_row_may_end_with_its_peptide(canonical):
    tokens = torch.tensor([canonical.encode("GAMSKLGR")])
    internal = InternalFragments.of(tokens, tokens > EOS, canonical)
    longer = internal_of(["GAMSKLGR"], canonical)
    assert found(internal, 0) == found(longer, 0)
    there = [each.log_height[each.is_there].tolist() for each in (internal, longer)]
    assert there[0] == there[1]


def test_leucine_and_isoleucine_are_one(canonical):
    leucine, isoleucine = (internal_of([text], canonical) for text in ("GALSAK", "GAISAK"))
    assert torch.equal(leucine.log_height, isoleucine.log_height)


def test_short_ones_that_begin_with_proline_are_the_highest(canonical):
    peptide = "GATSPEAVTGK"
    internal = internal_of([peptide], canonical)
    height = internal.log_height[0].masked_fill(~internal.is_there[0], -torch.inf)
    size, start = divmod(int(height.argmax()), height.shape[1])
    assert peptide[start] == "P"
    assert SIZES[size] == 2


def test_longer_internal_fragments_are_lower():
    by_size = torch.tensor(MEASURED.by_size)
    assert (by_size.diff() < 0).all()
    assert by_size.mean().abs() < 0.1


def test_a_residue_that_keeps_the_charge_outside_lowers_an_internal_fragment():
    # Arginine is the most basic residue: what breaks beside it stays with it.
    for effects in (MEASURED.before, MEASURED.first, MEASURED.last, MEASURED.behind):
        assert min(effects, key=effects.__getitem__) == "R"
    assert MEASURED.without_base < 0


def test_the_measured_effects_are_those_that_the_document_of_the_data_names():
    before = sorted(MEASURED.before, key=MEASURED.before.__getitem__)
    assert set(before[-3:]) == {"V", "L", "K"}
    assert max(MEASURED.first, key=MEASURED.first.__getitem__) == "P"
    assert MEASURED.by_residues_before.index(max(MEASURED.by_residues_before)) == 1


def height_by_hand(peptide, size, start):
    """Sum up the effects of one stretch; effects of residues that are not named are 0."""
    s, end = STATISTICS, start + size
    n_before, n_behind = start, len(peptide) - end
    return (
        s.mean
        + s.by_size[size - 2]
        + s.by_residues_before[min(n_before, len(s.by_residues_before)) - 1]
        + s.by_residues_behind[min(n_behind, len(s.by_residues_behind)) - 1]
        + (0 if set("KRH") & set(peptide[start:end]) else s.without_base)
        + s.before.get(peptide[start - 1], 0)
        + s.first.get(peptide[start], 0)
        + s.last.get(peptide[end - 1], 0)
        + s.behind.get(peptide[end], 0)
    )


@settings(max_examples=50)
@given(st.lists(st.text("GALMKRH", min_size=4, max_size=14), min_size=1, max_size=3))
def test_a_height_is_the_sum_of_the_effects_of_its_stretch(canonical, peptides):
    internal = internal_of(peptides, canonical, STATISTICS)
    for row, peptide in enumerate(peptides):
        for size, start in internal.is_there[row].nonzero().tolist():
            expected = height_by_hand(peptide, SIZES[size], start)
            assert internal.log_height[row, size, start] == expected
            assert internal.end[size, start] == start + SIZES[size]
