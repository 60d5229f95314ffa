"""Keeping peptides out."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.simulation.exclusion import Exclusion

CANDIDATES = ["PEPTIDEK", "SAMPLERK", "GGGGGGGK", "MCAAAAAR"]

FILES = {
    "proteins.fasta": ">p\nMMMPEPTLDEKSAMP\nLERKAA\n",
    "list.txt": "# held out\nPEPTLDEK\n\n[Acetyl]-SAMPLERK/2  # with a comment\nPEPTLDEKK\n",
    "spectra.mgf": "BEGIN IONS\nTITLE=GGGGGGGK\nSEQ=PEPTLDEK\n100 1\nEND IONS\n"
    "BEGIN IONS\nSEQ=+42.011SAMPLERK\n100 1\nEND IONS\n",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_each_kind_of_file_excludes_its_peptides(tmp_path: Path, name: str, packed: bool) -> None:
    content = FILES[name].encode()
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)
    assert Exclusion([path]).excluded(CANDIDATES) == {"PEPTIDEK", "SAMPLERK"}


def test_several_files_exclude_what_any_of_them_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("PEPTIDEK\n")
    (tmp_path / "b.txt").write_text("M[UNIMOD:35]C[Carbamidomethyl]AAAAAR\n")
    found = Exclusion([tmp_path / "a.txt", tmp_path / "b.txt"]).excluded(CANDIDATES)
    assert found == {"PEPTIDEK", "MCAAAAAR"}


@pytest.mark.parametrize(
    "text", ["_M(ox)CAAAAAR_", "K.M[147]C[160]AAAAAR.A", "M(+15.99)CAAAAAR", ".(Acetyl)MCAAAAAR"]
)
def test_peptides_are_excluded_in_any_notation(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "a.mgf").write_text(f"BEGIN IONS\nSEQ={text}\n100 1\nEND IONS\n")
    for name in ("a.txt", "a.mgf"):
        assert Exclusion([tmp_path / name]).excluded(CANDIDATES) == {"MCAAAAAR"}


def test_a_deamidated_peptide_excludes_the_acid_and_what_it_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("PEPN[Deamidated]TK\nSAMPDERK\n")
    candidates = [
        "PEPNTK",
        "PEPDTK",
        "PEPN[UNIMOD:7]TK",
        "PEPETK",
        "SAMPN[UNIMOD:7]ERK",
        "SAMPNERK",
    ]
    found = Exclusion([tmp_path / "a.txt"]).excluded(candidates)
    assert found == {"PEPNTK", "PEPDTK", "PEPN[UNIMOD:7]TK", "SAMPN[UNIMOD:7]ERK"}


def test_no_files_exclude_nothing() -> None:
    assert Exclusion().excluded(CANDIDATES) == set()


@given(
    proteins=st.lists(st.text("ACIL", max_size=30), min_size=1).filter(any),
    peptides=st.sets(st.text("ACIL", min_size=2, max_size=6)),
)
def test_fasta_exclusion_is_a_substring_search(
    tmp_path_factory: pytest.TempPathFactory, proteins: list[str], peptides: set[str]
) -> None:
    path = tmp_path_factory.mktemp("exclusion") / "p.fasta"
    path.write_text("".join(f">{n}\n{protein}\n" for n, protein in enumerate(proteins)))
    plain = [protein.replace("I", "L") for protein in proteins]
    expected = {p for p in peptides if any(p.replace("I", "L") in protein for protein in plain)}
    assert Exclusion([path]).excluded(sorted(peptides)) == expected


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("list.txt", "PEPTIDEK\nno peptide\n", "line 2: expected a peptide, got 'no peptide'"),
        ("list.txt", "# nothing\n", "names no peptides; expected a peptide on each line"),
        ("spectra.mgf", "BEGIN IONS\nEND IONS\n", "names no peptides; expected SEQ= lines"),
        ("proteins.fasta", "PEPTIDEK\n", "is not a FASTA file"),
    ],
)
def test_a_file_that_names_no_peptides_is_refused(
    tmp_path: Path, name: str, content: str, complaint: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=complaint):
        Exclusion([tmp_path / name]).excluded(CANDIDATES)


def test_provenance_depends_on_contents_not_on_their_order(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("PEPTIDEK\n")
    (tmp_path / "b.txt").write_text("SAMPLERK\n")
    forward = Exclusion([tmp_path / "a.txt", tmp_path / "b.txt"])
    backward = Exclusion([tmp_path / "b.txt", tmp_path / "a.txt"])
    assert forward.provenance() == backward.provenance()
