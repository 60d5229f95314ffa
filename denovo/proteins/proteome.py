"""Proteins of FASTA files as one text of residues, their cleavage sites, and a shuffled copy."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from denovo.simulation.digest import Cleaver, check_enzyme
from denovo.simulation.proteins import FastaProteome, SyntheticProteome
from denovo.typing import Bool, Int, Shaped, ndarray

_UNIPROT = re.compile(r"(?:sp|tr)\|([^|\s]+)\|")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_METHIONINE, _STOP = ord("M"), ord("*")
_RANDOM = SyntheticProteome(100)
"""Proteins that show where an enzyme cuts."""


@dataclass(frozen=True)
class Proteins:
    """Proteins, their residues in one array.

    Parameters
    ----------
    accessions, descriptions, databases : tuple of str
        Of each protein: a unique accession, the rest of the header, and the name of its file.
    letters : array [residue], uint8
        ASCII codes of all sequences, with a 0 before the first, after the last and between two.
    starts, lengths : array [protein]
        Place of the first residue of each protein in ``letters``, and number of residues.
    """

    accessions: tuple[str, ...]
    descriptions: tuple[str, ...]
    databases: tuple[str, ...]
    letters: Shaped[ndarray, " residue"]
    starts: Int[ndarray, " protein"]
    lengths: Int[ndarray, " protein"]

    def __len__(self) -> int:
        return len(self.accessions)

    def sequence(self, protein: int) -> str:
        """Return the sequence of a protein."""
        start = self.starts[protein]
        return self.letters[start : start + self.lengths[protein]].tobytes().decode()

    @cached_property
    def protein_of(self) -> Int[ndarray, " residue"]:
        """Number of the protein of each place in ``letters``; a 0 counts to the protein before."""
        numbers = np.zeros(len(self.letters), dtype=np.int32)
        numbers[self.starts[1:]] = 1
        return np.cumsum(numbers, dtype=np.int32)


def make_proteins(entries: Iterable[tuple[str, str, str]]) -> Proteins:
    """Make proteins of headers, sequences and names of databases.

    Entries that repeat accession and sequence of an earlier one are left out; another sequence
    under a known accession gets the accession with a number, ``P02768_2``.
    """
    known: dict[str, str] = {}
    described: list[tuple[str, str]] = []
    for header, sequence, database in entries:
        name, description = (*_CONTROL.sub(" ", header).split(maxsplit=1), "", "")[:2]
        match = _UNIPROT.match(name)
        accession = unused = match[1] if match else name or "unnamed"
        number = 1
        while known.get(unused, sequence) != sequence:
            number += 1
            unused = f"{accession}_{number}"
        if unused not in known:
            known[unused] = sequence
            described.append((description, database))
    lengths = np.array([len(sequence) for sequence in known.values()], dtype=np.int64)
    text = "\0" + "\0".join(known.values()) + "\0"
    return Proteins(
        tuple(known),
        tuple(description for description, _ in described),
        tuple(database for _, database in described),
        np.frombuffer(text.encode("ascii"), dtype=np.uint8),
        np.cumsum(lengths + 1) - lengths,
        lengths,
    )


def read_proteins(paths: Sequence[Path]) -> Proteins:
    """Read the proteins of FASTA files.

    Parameters
    ----------
    paths : sequence of Path
        FASTA files, plain or gzip.

    Raises
    ------
    InputError
        If a file is missing, empty or no FASTA, or holds letters that are no residues.
    """
    return make_proteins(
        (header, sequence, path.name)
        for path in paths
        for header, sequence in FastaProteome(path).entries()
    )


def cleavage_sites(proteins: Proteins, enzyme: str) -> Bool[ndarray, " residue"]:
    """Find the places before which an enzyme cuts.

    Parameters
    ----------
    proteins : Proteins
        Proteins.
    enzyme : str
        Name of a cleavage rule of pyteomics.

    Returns
    -------
    array [residue], bool
        True at the first residue after a cut, and before and after a stop codon (``*``). The ends
        of a protein are not included.

    Raises
    ------
    InputError
        If the enzyme is unknown.
    """
    check_enzyme(enzyme, "enzyme")
    is_cut = np.zeros(len(proteins.letters), dtype=np.bool_)
    for protein, start in enumerate(proteins.starts.tolist()):
        sequence = proteins.sequence(protein)
        sites = Cleaver(sequence, enzyme, 0, 1, len(sequence)).sites - {0, len(sequence)}
        is_cut[[start + site for site in sites]] = True
    stops = np.flatnonzero(proteins.letters == _STOP)
    is_cut[stops] = is_cut[stops + 1] = True
    return is_cut


def peptide_ends(
    proteins: Proteins, is_cut: Bool[ndarray, " residue"]
) -> Bool[ndarray, " residue"]:
    """Add the ends of proteins, with and without the first methionine, to the cleavage sites."""
    is_end = is_cut.copy()
    is_end[proteins.starts] = True
    is_end[proteins.starts + proteins.lengths] = True
    is_end[proteins.starts[proteins.letters[proteins.starts] == _METHIONINE] + 1] = True
    return is_end


@cache
def site_residues(enzyme: str) -> str:
    """Return the kinds of residues at which an enzyme cuts: K and R for trypsin, D for Asp-N.

    They are those before the cuts of random proteins, or those behind, whichever are fewer kinds.
    """
    random = make_proteins((f"P{n}", text, "") for n, text in enumerate(_RANDOM.sequences()))
    places = np.flatnonzero(cleavage_sites(random, enzyme))
    before, behind = (np.unique(random.letters[each]) for each in (places - 1, places))
    return (before if len(before) <= len(behind) else behind).tobytes().decode()


def shuffled(proteins: Proteins, enzyme: str, seed: int) -> Proteins:
    """Permute the residues within each protein; those at which the enzyme cuts stay in place.

    Parameters
    ----------
    proteins : Proteins
        Proteins.
    enzyme : str
        Name of a cleavage rule of pyteomics.
    seed : int
        Equal seeds give equal proteins.

    Returns
    -------
    Proteins
        Proteins of the same accessions, lengths and compositions.

    Raises
    ------
    InputError
        If the enzyme is unknown.

    Notes
    -----
    The lengths of the enzyme's peptides stay, apart from exceptions such as a proline behind the
    site. Residues move across the whole protein, not within a peptide: a peptide would otherwise
    keep its composition, and answers of undetermined order would match their own shuffled peptide.
    """
    letters = proteins.letters
    stays = np.frombuffer(site_residues(enzyme).encode(), dtype=np.uint8)
    moved = np.flatnonzero((letters != 0) & ~np.isin(letters, stays))
    keys = proteins.protein_of[moved] + np.random.default_rng(seed).random(len(moved))
    result = letters.copy()
    result[moved] = letters[moved[np.argsort(keys)]]
    return replace(proteins, letters=result)
