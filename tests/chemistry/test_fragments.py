from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pyteomics import mass as oracle

from denovo.chemistry import PROTON_MASS, IonType, Vocabulary, immonium_mz
from denovo.errors import InputError

NAMES = [
    f"{series}{charge}{change}"
    for series in "aby"
    for charge in ("", "2", "3")
    for change in ("", "-H2O", "-NH3", "+i")
]

TokensOf = Callable[..., st.SearchStrategy[list[int]]]


def ladder(vocabulary: Vocabulary, tokens: list[int], name: str) -> list[float]:
    """Compute the m/z of one ion type at every site, from the N-terminus."""
    prefix = vocabulary.masses[tokens].cumsum(0)[:-1]
    precursor = torch.tensor(vocabulary.peptide_mass(tokens), dtype=torch.float64)
    return IonType.parse(name).mz(prefix, precursor).tolist()


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        # b1 to b6 and y6 to y1 of PEPTIDE, singly charged, as any fragment calculator prints them.
        ("b", [98.0600, 227.1026, 324.1554, 425.2031, 538.2871, 653.3141]),
        ("y", [703.3145, 574.2719, 477.2191, 376.1714, 263.0874, 148.0604]),
        ("a", [70.0651, 199.1077, 296.1605, 397.2082, 510.2922, 625.3192]),
    ],
)
def test_peptide_has_its_textbook_fragments(
    canonical: Vocabulary, name: str, literal: list[float]
) -> None:
    assert ladder(canonical, canonical.encode("PEPTIDE"), name) == pytest.approx(literal, abs=1e-4)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("+i")])
def test_fragments_agree_with_pyteomics(canonical: Vocabulary, name: str) -> None:
    sequence = "SAMPLERK"
    ion = IonType.parse(name)
    expected = [
        oracle.fast_mass(
            sequence[:site] if ion.is_n_terminal else sequence[site:],
            ion_type=f"{ion.series}{ion.change}",
            charge=ion.charge,
        )
        for site in range(1, len(sequence))
    ]
    assert ladder(canonical, canonical.encode(sequence), name) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("name", "spacing"), [("b+i", 1.003355), ("y2+i", 1.003355 / 2)])
def test_an_isotope_lies_one_neutron_above_per_charge(
    canonical: Vocabulary, name: str, spacing: float
) -> None:
    tokens = canonical.encode("PEPTIDE")
    plain = ladder(canonical, tokens, name.removesuffix("+i"))
    assert ladder(canonical, tokens, name) == pytest.approx([mz + spacing for mz in plain])


@given(data=st.data())
def test_complementary_b_and_y_add_up_to_the_mass_and_two_protons(
    common: Vocabulary, data: st.DataObject, tokens_of: TokensOf
) -> None:
    tokens = data.draw(tokens_of(common, min_size=2))
    total = common.peptide_mass(tokens) + 2 * PROTON_MASS
    pairs = zip(ladder(common, tokens, "b"), ladder(common, tokens, "y"), strict=True)
    assert [b + y for b, y in pairs] == pytest.approx([total] * (len(tokens) - 1), abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_being_read(name: str) -> None:
    assert IonType.parse(name).name == name


@pytest.mark.parametrize("name", ["", "c", "b4", "y++", "b-CO", "B", "yb", "b2 "])
def test_an_unknown_ion_type_is_an_input_error(name: str) -> None:
    with pytest.raises(InputError, match="unknown ion type"):
        IonType.parse(name)


@pytest.mark.parametrize(
    ("residue", "literal"),
    # Falick et al., J. Am. Soc. Mass Spectrom. 4, 882 (1993), with exact masses.
    [("L", 86.0964), ("P", 70.0651), ("H", 110.0713), ("Y", 136.0757), ("W", 159.0917)],
)
def test_immonium_ions_lie_where_they_are_known_to(
    canonical: Vocabulary, residue: str, literal: float
) -> None:
    mz = immonium_mz(canonical.masses[canonical.index[residue]])
    assert mz.item() == pytest.approx(literal, abs=1e-4)
