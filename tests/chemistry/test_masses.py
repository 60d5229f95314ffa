from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyteomics import mass as oracle

from denovo.chemistry import Vocabulary, mass_to_mz, mz_to_mass

TokensOf = Callable[..., st.SearchStrategy[list[int]]]


def test_peptide_has_its_textbook_mz(canonical: Vocabulary) -> None:
    # [M+H]+ of PEPTIDE is 800.3672 (any calculator; ProteinProspector among them).
    neutral = canonical.peptide_mass(canonical.encode("PEPTIDE"))
    assert mass_to_mz(neutral, 1) == pytest.approx(800.3672, abs=5e-5)
    assert mass_to_mz(neutral, 2) == pytest.approx(400.6873, abs=5e-5)


@given(data=st.data(), charge=st.integers(1, 6))
def test_mz_agrees_with_pyteomics(canonical: Vocabulary, data: st.DataObject, charge: int) -> None:
    sequence = data.draw(st.text("ADEFGHIKLMNPQRSTVWY", min_size=1, max_size=40))
    neutral = canonical.peptide_mass(canonical.encode(sequence))
    assert neutral == pytest.approx(oracle.fast_mass(sequence), rel=1e-9)
    assert mass_to_mz(neutral, charge) == pytest.approx(
        oracle.calculate_mass(sequence=sequence, charge=charge), rel=1e-9
    )


@given(mass=st.floats(50, 20_000), charge=st.integers(1, 10))
def test_mz_and_mass_are_inverse(mass: float, charge: int) -> None:
    assert mz_to_mass(mass_to_mz(mass, charge), charge) == pytest.approx(mass, rel=1e-12)


def test_arrays_convert_element_by_element() -> None:
    mz = mass_to_mz(np.array([1000.0, 1000.0]), np.array([1, 2]))
    assert mz == pytest.approx([1001.007276, 501.007276], abs=5e-7)


@given(data=st.data())
def test_mass_does_not_depend_on_the_order_of_residues(
    common: Vocabulary, data: st.DataObject, tokens_of: TokensOf
) -> None:
    tokens = data.draw(tokens_of(common))
    shuffled = data.draw(st.permutations(tokens))
    assert common.peptide_mass(shuffled) == pytest.approx(common.peptide_mass(tokens), abs=1e-9)
