"""Peptides as other programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyteomics import mass

from denovo.chemistry import Vocabulary, as_proforma, parse_peptide

LETTERS = "GASPVTLINDQKEMHFRYWC"
HYDROGEN = 1.00782503


@pytest.mark.parametrize(
    ("text", "proforma"),
    [
        ("_PEM(Oxidation (M))K_", "PEM[Oxidation]K"),
        ("_(Acetyl (Protein N-term))PEM(ox)K_", "[Acetyl]-PEM[Oxidation]K"),
        ("_(ac)PEM(ox)K_.3", "[Acetyl]-PEM[Oxidation]K/3"),
        ("_PEM[Oxidation (M)]C[Carbamidomethyl (C)]K_", "PEM[Oxidation]C[Carbamidomethyl]K"),
        ("[K].PEM(Oxidation)K.[A]", "PEM[Oxidation]K"),
        ("[K/R].PEK.[-]", "PEK"),
        ("PEM(+15.99)K", "PEM[+15.99]K"),
        ("PEM(UniMod:35)K", "PEM[UniMod:35]K"),
        ("(UniMod:1)PEK", "[UniMod:1]-PEK"),
        (".(Acetyl)PEM(Oxidation)K", "[Acetyl]-PEM[Oxidation]K"),
        ("PEK.(Amidated)", "PEK-[Amidated]"),
        ("n[43]PEM[147]K", "[43]-PEM[147]K"),
        ("K.n[42.0106]PEM[15.9949]K.A", "[42.0106]-PEM[15.9949]K"),
        ("-.PEM+15.995K.R", "PEM[+15.995]K"),
        ("PEKc[17]", "PEK-[17]"),
        ("+43.006-17.027PEK", "[+43.006][-17.027]-PEK"),
        # ProForma stays what it is.
        ("PEPTIDE/2", "PEPTIDE/2"),
        ("[Acetyl]-PEM[Oxidation]K", "[Acetyl]-PEM[Oxidation]K"),
        ("P(ESM)[Oxidation]K", "P(ESM)[Oxidation]K"),
        ("PE(?DK)R", "PE(?DK)R"),
        ("PEN[Glycan:Hex(5)HexNAc(2)]K", "PEN[Glycan:Hex(5)HexNAc(2)]K"),
    ],
)
def test_notations_become_proforma(text: str, proforma: str) -> None:
    assert as_proforma(text) == proforma
    assert as_proforma(proforma) == proforma


Parts = tuple[str, list[tuple[str, str]]]


@st.composite
def peptides(draw: st.DrawFn) -> Parts:
    """Draw an N-terminal modification, or none, and letters with a modification, or none."""
    letters = draw(st.lists(st.sampled_from(LETTERS), min_size=2, max_size=10))
    possible = {"C": ["Carbamidomethyl"], "M": ["", "Oxidation"]}
    possible |= {letter: ["", "Deamidated"] for letter in "NQ"}
    residues = [(a, draw(st.sampled_from(possible.get(a, [""])))) for a in letters]
    return draw(st.sampled_from(["", "Acetyl"])), residues


SHIFTS = {"Acetyl": 42.010565, "Oxidation": 15.994915, "Carbamidomethyl": 57.021464}
SHIFTS |= {"Deamidated": 0.984016}
ACCESSIONS = {"Acetyl": 1, "Oxidation": 35, "Carbamidomethyl": 4, "Deamidated": 7}


def render(parts: Parts, terminal: str, residue: str, frame: str = "{}") -> str:
    """Write a peptide: forms of modifications know name, accession, shift, residue and total."""

    def form(template: str, name: str, letter: str, own: float) -> str:
        if not name:
            return ""
        shift = SHIFTS[name]
        return template.format(
            name=name, accession=ACCESSIONS[name], shift=shift, letter=letter, total=own + shift
        )

    head, residues = parts
    text = form(terminal, head, "", HYDROGEN)
    text += "".join(a + form(residue, name, a, mass.std_aa_mass[a]) for a, name in residues)
    return frame.format(text)


NOTATIONS = {
    "proforma": ("[{name}]-", "[{name}]", "{}"),
    "maxquant": ("({name} (Protein N-term))", "({name} ({letter}))", "_{}_"),
    "spectronaut": ("[{name} (Protein N-term)]", "[{name} ({letter})]", "_{}_.2"),
    "proteome_discoverer": ("({name})", "({name})", "[K].{}.[R]"),
    "peaks": ("({shift:+.2f})", "({shift:+.2f})", "{}"),
    "peaks_with_neighbours": ("({shift:+.2f})", "({shift:+.2f})", "K.{}.R"),
    "openms": (".({name})", "({name})", "{}"),
    "diann": ("(UniMod:{accession})", "(UniMod:{accession})", "{}"),
    "skyline": ("[{shift:+.4f}]", "[{shift:+.1f}]", "{}"),
    "skyline_rounded": ("[{shift:+.1f}]", "[{shift:+.0f}]", "{}"),
    "comet": ("n[{shift:.4f}]", "[{shift:.4f}]", "K.{}.-"),
    "tpp": ("n[{total:.0f}]", "[{total:.0f}]", "{}"),
    "tpp_precise": ("n[{total:.4f}]", "[{total:.4f}]", "{}"),
    "casanovo": ("{shift:+.3f}", "{shift:+.3f}", "{}"),
}


@pytest.mark.parametrize("notation", NOTATIONS)
@given(parts=peptides())
def test_a_peptide_is_the_same_in_every_notation(
    common: Vocabulary, notation: str, parts: Parts
) -> None:
    expected = parse_peptide(render(parts, *NOTATIONS["proforma"]), common.alphabet)
    text = render(parts, *NOTATIONS[notation])
    assert parse_peptide(text, common.alphabet) == expected
