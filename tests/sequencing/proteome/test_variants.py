"""Peptides of a proteome that differ from an answer by one residue, or by an equal mass."""

import pytest

from denovo.proteins.digest_index import DigestIndex
from denovo.proteins.proteome import make_proteins
from denovo.sequencing.proteome.variants import VariantFinder

PROTEINS = ("AFTGGSDLR", "WPMASDECVK", "QQFTGASDLR", "AFTGGWDLR", "EEAFTWVNDLK")


@pytest.fixture(scope="module")
def find(common):
    entries = [(f"P{n}", text, "a") for n, text in enumerate(PROTEINS)]
    finder = VariantFinder(DigestIndex.build(make_proteins(entries), common), common)

    def found(answer, known=""):
        variant = finder(common.encode(answer), common.encode(known) if known else ())
        return variant and tuple(variant)

    return found


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("AFTVGSDLR", ("AFTGGSDLR", "G4V")),
        ("AFTNSDLR", ("AFTGGSDLR", "GG4N")),
        ("AFTGGSLDR", ("AFTGGSDLR", "DL7LD")),
        # Q is as heavy as AG, in this order or the other.
        ("QQFTQSDLR", ("QQFTGASDLR", "GA5Q")),
        # One residue more or less is none.
        ("AFTGGSDLGR", None),
        ("AFTGGSDL", None),
        # Two residues of another mass are none.
        ("AFTVVSDLR", None),
        # Three residues of equal mass are none.
        ("AFTGGRLDS", None),
        ("AFTGGSDLR", None),
        ("EEAFTWVDDLK", ("EEAFTWVNDLK", "N8D")),
    ],
)
def test_a_variant_differs_by_one_residue_or_by_an_equal_mass(find, answer, expected):
    assert find(answer) == expected


def test_modifications_are_not_compared(find):
    expected = ("WPMASDEC[UNIMOD:4]VK", "A4S")
    assert find("WPM[UNIMOD:35]SSDEC[UNIMOD:4]VK") == expected
    assert find("[UNIMOD:1]-WPMSSDEC[UNIMOD:4]VK") == expected


def test_of_several_peptides_the_known_one_is_named(find):
    assert find("AFTGGEDLR", "AFTGGWDLR") == ("AFTGGWDLR", "W6E")
    assert find("AFTGGEDLR", "AFTGGSDLR") == ("AFTGGSDLR", "S6E")
