"""Exclusion of named peptides from a store, so that they can serve as test data."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from denovo.chemistry import as_proforma, bare_sequence
from denovo.chemistry.identity import identity
from denovo.errors import InputError
from denovo.io.files import read_decompressed
from denovo.simulation.proteins import FastaProteome

_FASTA_SUFFIXES = (".fasta", ".fa", ".faa")
_PEPTIDE = re.compile(r"[A-Z]+")


@dataclass(frozen=True)
class Exclusion:
    """Files that name peptides to keep out of training, compared by `identity`.

    For a peptide with a modified residue, the unmodified sequence is left out too.

    Parameters
    ----------
    paths : sequence of str or Path
        FASTA files (``.fasta``, ``.fa``, ``.faa``): every peptide within one of the proteins;
        MGF files (``.mgf``): the peptides of the ``SEQ=`` lines; other files: one peptide a line,
        with empty lines and ``#`` comments ignored. Each may be a gzip file (``.gz``). Peptides may
        have any notation of `as_proforma`.
    """

    paths: Sequence[str | Path] = ()

    def excluded(self, sequences: Collection[str]) -> set[str]:
        """Find the peptides that the files name.

        Parameters
        ----------
        sequences : collection of str
            Peptides, bare or in ProForma.

        Returns
        -------
        set of str
            The named peptides of ``sequences``.

        Raises
        ------
        InputError
            If a file is missing or cannot be read.
        """
        by_key: dict[str, list[str]] = defaultdict(list)
        for sequence in sequences:
            by_key[identity(sequence)].append(sequence)
        hits: set[str] = set()
        for path in self.paths:
            if _suffix(path) in _FASTA_SUFFIXES:
                hits |= contained(by_key, FastaProteome(path).sequences())
            else:
                hits |= by_key.keys() & set(_listed(path))
        return {sequence for key in hits for sequence in by_key[key]}

    def provenance(self) -> list[dict[str, Any]]:
        """Describe each file by the SHA-256 of its content, independently of their order."""
        entries = [
            {
                "kind": _suffix(path),
                "sha256": hashlib.sha256(read_decompressed(path)).hexdigest(),
                "file": Path(path).name,
            }
            for path in self.paths
        ]
        return sorted(entries, key=lambda entry: (entry["sha256"], entry["kind"]))


def _suffix(path: str | Path) -> str:
    return Path(str(path).removesuffix(".gz")).suffix.lower()


def contained(keys: Collection[str], proteins: Iterator[str]) -> set[str]:
    """Find the peptides that occur in a protein, in one pass over the proteins.

    Parameters
    ----------
    keys : collection of str
        Peptides as reduced by `identity`.
    proteins : iterator of str
        Bare sequences.
    """
    if not keys:
        return set()
    stem = min(map(len, keys))
    by_start: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_start[key[:stem]].append(key)
    hits: set[str] = set()
    for protein in proteins:
        protein = protein.replace("I", "L")
        for start in range(len(protein) - stem + 1):
            for key in by_start.get(protein[start : start + stem], ()):
                if protein.startswith(key, start):
                    hits.add(key)
    return hits


def _listed(path: str | Path) -> Iterator[str]:
    """Read the peptides of a list or of an MGF file as comparison keys."""
    lines = read_decompressed(path).decode("utf-8-sig", errors="replace").splitlines()
    is_mgf = _suffix(path) == ".mgf"
    found = False
    for number, line in enumerate(lines, start=1):
        text = _mgf_peptide(line) if is_mgf else line.partition("#")[0].strip()
        if not text:
            continue
        peptide = as_proforma(text)
        key = identity(peptide)
        if not _PEPTIDE.fullmatch(key):
            raise InputError(f"{path} line {number}: expected a peptide, got {text!r}")
        found = True
        yield key
        yield identity(bare_sequence(peptide))
    if not found:
        expected = "SEQ= lines" if is_mgf else "a peptide on each line"
        raise InputError(f"{path} names no peptides; expected {expected}")


def _mgf_peptide(line: str) -> str:
    name, _, value = line.partition("=")
    return value.strip() if name.strip().upper() == "SEQ" else ""
