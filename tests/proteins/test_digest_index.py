"""Index of a digest by mass: its peptides are those of a naive digest, and files are checked."""

import numpy as np
import pytest
from pyteomics import parser

from denovo.errors import InputError
from denovo.proteins.digest_index import MAX_LENGTH, MIN_LENGTH, DigestIndex, cached_index
from denovo.proteins.proteome import cleavage_sites, make_proteins
from denovo.simulation.proteins import SyntheticProteome

SEQUENCES = [*SyntheticProteome(6, seed=3).sequences(), "MPEPTIDEKXAAAAAAAKGGGGGGGR"]


@pytest.fixture
def proteins():
    return make_proteins((f"P{n}", text, "a.fasta") for n, text in enumerate(SEQUENCES))


def texts(index, vocabulary):
    entries = np.arange(len(index))
    rows = index.peptides(entries).tolist()
    return {vocabulary.decode([token for token in row if token]) for row in rows}


def naive(semi=False):
    """Digest by pyteomics, with and without the first methionine."""
    found = set()
    for text in SEQUENCES:
        for protein in (text, text.removeprefix("M")):
            found |= set(parser.cleave(protein, "trypsin", 2, min_length=MIN_LENGTH))
    if semi:
        sizes = range(MIN_LENGTH, MAX_LENGTH + 1)
        found |= {part for p in found for n in sizes for part in (p[:n], p[-n:])}
    letters = set("ACDEFGHIKLMNPQRSTVWY")
    return {
        peptide.replace("I", "L").replace("C", "C[UNIMOD:4]")
        for peptide in found
        if len(peptide) <= MAX_LENGTH and letters.issuperset(peptide)
    }


@pytest.mark.parametrize("semi", [False, True])
def test_the_peptides_are_those_of_a_naive_digest(proteins, common, semi):
    index = DigestIndex.build(proteins, common, "trypsin", semi)
    assert texts(index, common) == naive(semi)


def test_masses_ascend_and_are_those_of_the_peptides(proteins, common):
    index = DigestIndex.build(proteins, common)
    assert (np.diff(index.mass) >= 0).all()
    rows = index.peptides(np.arange(len(index))).tolist()
    expected = [common.peptide_mass([token for token in row if token]) for row in rows]
    np.testing.assert_allclose(index.mass, expected, atol=1e-6)


def test_entries_are_found_by_mass_with_their_protein(proteins, common):
    index = DigestIndex.build(proteins, common)
    mass = common.peptide_mass(common.encode("GGGGGGGR"))
    found = index.within(mass - 0.001, mass + 0.001)
    assert {index.accession_of(entry) for entry in range(found.start, found.stop)} == {"P6"}


def test_files_are_reused_and_built_anew_when_damaged(tmp_path, monkeypatch, common):
    monkeypatch.setenv("DENOVO_CACHE", str(tmp_path / "cache"))
    fasta = tmp_path / "a.fasta"
    fasta.write_text("".join(f">P{n}\n{text}\n" for n, text in enumerate(SEQUENCES)))
    first = cached_index([fasta], common)
    (folder,) = (tmp_path / "cache" / "proteomes").iterdir()
    before = (folder / "mass.npy").stat().st_mtime_ns
    cached_index([fasta], common)
    assert (folder / "mass.npy").stat().st_mtime_ns == before
    intact = (folder / "mass.npy").read_bytes()
    (folder / "mass.npy").write_bytes(intact[:-8] + b"\0" * 8)
    assert DigestIndex.load(folder) is None
    again = cached_index([fasta], common)
    assert (folder / "mass.npy").read_bytes() == intact
    assert again.accessions == first.accessions


def test_other_content_enzymes_and_specificities_have_other_files(tmp_path, monkeypatch, common):
    monkeypatch.setenv("DENOVO_CACHE", str(tmp_path / "cache"))
    fasta = tmp_path / "a.fasta"
    fasta.write_text(f">P\n{SEQUENCES[0]}\n")
    cached_index([fasta], common)
    cached_index([fasta], common, "lysc")
    cached_index([fasta], common, "trypsin", True)
    fasta.write_text(f">P\n{SEQUENCES[1]}\n")
    cached_index([fasta], common)
    assert len(list((tmp_path / "cache" / "proteomes").iterdir())) == 4


def test_a_missing_file_and_an_empty_digest_are_one_sentence(tmp_path, monkeypatch, common):
    monkeypatch.setenv("DENOVO_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match="does not exist"):
        cached_index([tmp_path / "none.fasta"], common)
    (tmp_path / "a.fasta").write_text(">P\nMAK\n")
    with pytest.raises(InputError, match="has no peptide of"):
        cached_index([tmp_path / "a.fasta"], common)


def test_a_stop_codon_is_an_end_of_peptides():
    proteins = make_proteins([("P1", "MKAAAGGGWLLDEVTT*MGGGAAAWEEDLK", "")])
    assert np.flatnonzero(cleavage_sites(proteins, "trypsin")).tolist() == [3, 17, 18]


def test_control_characters_of_a_header_end_the_accession():
    headers = ["P1\tdesc", "  P2 y", "P3\x01other"]
    entries = [(header, "PEPTIDEK" + "A" * number, "") for number, header in enumerate(headers)]
    proteins = make_proteins(entries)
    assert proteins.accessions == ("P1", "P2", "P3")
    assert proteins.descriptions == ("desc", "y", "other")
