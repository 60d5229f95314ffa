"""Sources of proteins."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.simulation.proteins import RESIDUE_PERCENT, FastaProteome, Proteome, SyntheticProteome

FASTA = ">sp|P1|ONE first\nMKLV\nPEPTIDEK\n\n>two\nmaaak*\n"


def test_fasta_sequences_are_joined_and_in_upper_case(tmp_path: Path) -> None:
    path = tmp_path / "a.fasta"
    path.write_text(FASTA)
    assert list(FastaProteome(path).sequences()) == ["MKLVPEPTIDEK", "MAAAK"]


def test_a_compressed_copy_under_another_name_differs_only_in_the_file_entry(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.fasta").write_text(FASTA)
    (tmp_path / "b.fasta.gz").write_bytes(gzip.compress(FASTA.encode()))
    plain, packed = FastaProteome(tmp_path / "a.fasta"), FastaProteome(tmp_path / "b.fasta.gz")
    assert list(plain.sequences()) == list(packed.sequences())
    assert plain.provenance() == packed.provenance() | {"file": "a.fasta"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("MKLVPEPTIDEK\n", "is not a FASTA file"),
        (">only a header\n", "has headers but no sequences"),
        (">ok\nMKLV\n>bad entry\nMK<b>V\n", "protein 'bad' has '<'"),
    ],
)
def test_a_file_that_is_no_fasta_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "odd.fasta"
    path.write_text(content)
    with pytest.raises(InputError, match=rf"odd\.fasta.*{complaint}"):
        list(FastaProteome(path).sequences())


def test_a_missing_fasta_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.fasta: no such file"):
        FastaProteome(tmp_path / "absent.fasta").provenance()


def test_synthetic_proteins_have_the_composition_of_swiss_prot() -> None:
    counts = Counter("".join(protein[1:] for protein in SyntheticProteome(500).sequences()))
    total = sum(counts.values())
    observed = {letter: 100 * count / total for letter, count in counts.items()}
    # 180,000 residues: the standard error of the commonest is 0.07 per cent.
    assert observed == pytest.approx(RESIDUE_PERCENT, abs=0.35)


def test_a_larger_synthetic_proteome_continues_the_smaller_one() -> None:
    small, large = SyntheticProteome(20, seed=3), SyntheticProteome(30, seed=3)
    assert list(large.sequences())[:20] == list(small.sequences())


def test_another_seed_gives_other_proteins() -> None:
    assert list(SyntheticProteome(2, seed=1).sequences()) != list(
        SyntheticProteome(2, seed=2).sequences()
    )


def test_both_sources_follow_the_protocol() -> None:
    assert isinstance(FastaProteome("a.fasta"), Proteome)
    assert isinstance(SyntheticProteome(), Proteome)


def test_a_proteome_without_proteins_is_refused() -> None:
    with pytest.raises(InputError, match="n_proteins"):
        SyntheticProteome(0)
