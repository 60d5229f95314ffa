"""Internal fragments: which there are, where they lie, and which are the highest."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from denovo.chemistry import EOS
from denovo.chemistry.internal_fragments import SIZES, InternalFragments

PEPTIDE = st.text("GASPVTLNDQKEMHFRYW", min_size=2, max_size=16)


def internal_of(peptides, vocabulary):
    rows = [[*vocabulary.encode(peptide), EOS] for peptide in peptides]
    longest = max(map(len, rows))
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    is_residue = (tokens > EOS) & ~vocabulary.is_n_terminal[tokens]
    return InternalFragments.of(tokens, is_residue, vocabulary)


def found(internal, row):
    return sorted(internal.mz[row][internal.is_there[row]].tolist())


@settings(max_examples=50, deadline=None)
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
