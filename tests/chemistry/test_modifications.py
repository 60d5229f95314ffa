"""Modifications in one line."""

import pytest

from denovo.chemistry import parse_modification_rule
from denovo.errors import InputError


def test_a_line_says_what_stands_where_and_how_often():
    wish = parse_modification_rule("Phospho@STY:0.15")
    assert (wish.modification.accession, wish.modification.formula) == ("UNIMOD:21", "HO3P")
    assert (wish.letters, wish.starts, wish.probability) == ("STY", None, 0.15)


@pytest.mark.parametrize(
    ("line", "letters", "starts", "probability"),
    [
        ("Acetyl@N-term:0.02", "", "", 0.02),
        ("Ammonia-loss@N-termQC:0.1", "", "QC", 0.1),
        ("TMT6plex@K+N-term:fixed", "K", "", None),
        ("Label:13C(6)15N(2)@K:0.5", "K", None, 0.5),
        ("Phospho@S+TS+Y:1", "STY", None, 1.0),
        ("Phospho@S:0", "S", None, 0.0),
    ],
)
def test_sites_are_residues_and_the_start_of_peptides(line, letters, starts, probability):
    wish = parse_modification_rule(line)
    assert (wish.letters, wish.starts, wish.probability) == (letters, starts, probability)


def test_what_unimod_lacks_is_given_with_its_formula():
    modification = parse_modification_rule("MyTag/C8H10N-1@K:0.1").modification
    assert (modification.accession, modification.name) == ("Formula:C8H10N-1", "MyTag")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Phosphor@STY:0.1", "Phosphor.*did you mean Phospho"),
        ("Phospho@STY", "Phospho@STY:0.15"),
        ("Phospho@STB:0.1", "'STB' is not a site"),
        ("Amidated@C-term:0.1", "C-terminus are not supported"),
        ("Phospho@STY:1.5", "neither a probability"),
        ("Phospho@STY:often", "neither a probability"),
        ("Phospho/HO3P@S:0.1", "UNIMOD has Phospho as UNIMOD:21"),
        ("MyTag/hello@K:0.1", "no modification 'MyTag/hello'"),
    ],
)
def test_a_line_at_fault_gets_one_sentence(line, words):
    with pytest.raises(InputError, match=words):
        parse_modification_rule(line)
