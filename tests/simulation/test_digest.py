"""Cutting proteins into peptides."""

import logging
from pathlib import Path

import pytest

from denovo.chemistry import Vocabulary
from denovo.chemistry.identity import identity
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.proteins import FastaProteome, SyntheticProteome


def proteome(path: Path, *proteins: str) -> FastaProteome:
    path.write_text("".join(f">{n}\n{protein}\n" for n, protein in enumerate(proteins)))
    return FastaProteome(path)


def test_trypsin_cuts_after_k_and_r_but_not_before_p(tmp_path: Path, canonical: Vocabulary) -> None:
    source = proteome(tmp_path / "a.fasta", "AAAAAAKGGGGRPGGGK")
    whole = Digest(missed_cleavages=0, min_length=1).peptides(source, canonical.alphabet)
    assert sorted(whole) == ["AAAAAAK", "GGGGRPGGGK"]
    missed = Digest(missed_cleavages=1, min_length=1).peptides(source, canonical.alphabet)
    assert sorted(missed) == ["AAAAAAK", "AAAAAAKGGGGRPGGGK", "GGGGRPGGGK"]


def test_lengths_stay_within_the_limits(canonical: Vocabulary) -> None:
    found = Digest(min_length=8, max_length=11).peptides(SyntheticProteome(50), canonical.alphabet)
    assert {len(peptide) for peptide in found} == {8, 9, 10, 11}


def test_order_does_not_depend_on_the_order_of_proteins(
    tmp_path: Path, canonical: Vocabulary
) -> None:
    proteins = ["AAAAAIKAAAAALK", "AAAAALKGGGGGGK", *SyntheticProteome(30).sequences()]
    forward = proteome(tmp_path / "a.fasta", *proteins)
    backward = proteome(tmp_path / "b.fasta", *reversed(proteins))
    assert Digest().peptides(forward, canonical.alphabet) == Digest().peptides(
        backward, canonical.alphabet
    )


def test_peptides_keep_their_order_when_proteins_are_added(canonical: Vocabulary) -> None:
    few = Digest().peptides(SyntheticProteome(20), canonical.alphabet)
    many = Digest().peptides(SyntheticProteome(40), canonical.alphabet)
    keys = {identity(peptide) for peptide in few}
    assert [p for p in map(identity, many) if p in keys] == [identity(p) for p in few]


def test_peptides_are_distinct_by_leucine_and_isoleucine(
    tmp_path: Path, canonical: Vocabulary
) -> None:
    source = proteome(tmp_path / "a.fasta", "AAAALAKAAAAIAK")
    assert Digest(missed_cleavages=0).peptides(source, canonical.alphabet) == ["AAAAIAK"]


def test_peptides_with_other_letters_are_left_out_and_counted(
    tmp_path: Path, canonical: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    source = proteome(tmp_path / "a.fasta", "AAAAAAKGGGXGGGKGGUGGGGKCCCCCCK")
    with caplog.at_level(logging.INFO):
        found = Digest(missed_cleavages=0).peptides(source, canonical.alphabet)
    assert sorted(found) == ["AAAAAAK", "CCCCCCK"]
    assert "left out 2 peptides" in caplog.text


def test_an_unknown_enzyme_brings_up_the_ones_with_similar_names() -> None:
    with pytest.raises(InputError, match=r"unknown enzyme 'tripsin'; did you mean trypsin"):
        Digest(enzyme="tripsin")


@pytest.mark.parametrize(
    "settings", [{"missed_cleavages": -1}, {"min_length": 0}, {"min_length": 9, "max_length": 8}]
)
def test_impossible_settings_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(InputError, match="must"):
        Digest(**settings)


def test_an_empty_digest_says_what_was_read_and_asked_for(
    tmp_path: Path, canonical: Vocabulary
) -> None:
    source = proteome(tmp_path / "a.fasta", "AAK", "GGGGGGXK")
    with pytest.raises(InputError, match=r"2 proteins with trypsin .*7-20 residues.*1 had other"):
        Digest().peptides(source, canonical.alphabet)
