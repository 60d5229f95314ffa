"""Proteins from a FASTA file, or drawn at random."""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from pyteomics import fasta

from denovo.errors import InputError, check_at_least
from denovo.io.files import read_decompressed

RESIDUE_PERCENT = {
    "A": 8.25, "R": 5.53, "N": 4.06, "D": 5.45, "C": 1.37, "Q": 3.93, "E": 6.75, "G": 7.07,
    "H": 2.27, "I": 5.96, "L": 9.66, "K": 5.84, "M": 2.42, "F": 3.86, "P": 4.70, "S": 6.56,
    "T": 5.34, "W": 1.08, "Y": 2.92, "V": 6.87,
}  # fmt: skip
"""Composition of UniProtKB/Swiss-Prot in per cent (release notes 2013_04, April 2013)."""

_NO_RESIDUE = re.compile(r"[^A-Z*.-]")


@runtime_checkable
class Proteome(Protocol):
    """A source of protein sequences."""

    def sequences(self) -> Iterator[str]:
        """Yield the sequences in upper-case one-letter codes."""
        ...

    def provenance(self) -> dict[str, Any]:
        """Describe the content; entries named ``file`` are informative only."""
        ...


@dataclass(frozen=True)
class FastaProteome:
    """Proteins of a FASTA file.

    Parameters
    ----------
    path : str or Path
        FASTA file, plain or gzip.

    Raises
    ------
    InputError
        On reading, if the file is missing, empty or not in FASTA format.
    """

    path: str | Path

    def sequences(self) -> Iterator[str]:
        """Yield the sequences in the order of the file."""
        for _, sequence in self.entries():
            yield sequence

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield header, without the leading >, and sequence of each protein; none is empty."""
        text = read_decompressed(self.path).decode("utf-8-sig", errors="replace")
        if not text.lstrip().startswith(">"):
            expected = "is empty; expected FASTA" if not text.strip() else "is not a FASTA file"
            raise InputError(f"{self.path} {expected}: the first line must start with >")
        found = False
        for header, sequence in fasta.read(io.StringIO(text), use_index=False):
            sequence = sequence.upper()
            if odd := _NO_RESIDUE.search(sequence):
                raise InputError(
                    f"{self.path}: protein {header.split(' ')[0]!r} has {odd.group()!r}, which "
                    "is not a residue letter; correct or remove the entry"
                )
            if sequence:
                found = True
                yield header, sequence
        if not found:
            raise InputError(f"{self.path} has headers but no sequences; is it complete?")

    def provenance(self) -> dict[str, Any]:
        """Describe the file by the SHA-256 of its decompressed content."""
        digest = hashlib.sha256(read_decompressed(self.path)).hexdigest()
        return {"kind": "fasta", "sha256": digest, "file": Path(self.path).name}


@dataclass(frozen=True)
class SyntheticProteome:
    """Random proteins with the residue composition of Swiss-Prot.

    They need no file, and a network trained on them has not memorised any real sequence.

    Parameters
    ----------
    n_proteins : int
        Number of proteins. With trypsin, one missed cleavage and peptides of 7-20 residues each
        gives about 36 distinct peptides, the default about 72,000 in all.
    seed : int
        Equal seeds give equal proteins; a larger number of proteins extends the list.
    mean_length : int
        Mean of the gamma distribution (shape 2) of the lengths, in residues.

    Raises
    ------
    InputError
        If ``n_proteins`` or ``mean_length`` is below 1.
    """

    n_proteins: int = 2000
    seed: int = 0
    mean_length: int = 360

    def __post_init__(self) -> None:
        check_at_least("n_proteins of a synthetic proteome", self.n_proteins, 1)
        check_at_least("mean_length of a synthetic proteome", self.mean_length, 1)

    def sequences(self) -> Iterator[str]:
        """Yield the sequences; each starts with methionine."""
        letters = np.frombuffer("".join(RESIDUE_PERCENT).encode(), dtype=np.uint8)
        weights = np.array(list(RESIDUE_PERCENT.values()))
        random = np.random.default_rng(self.seed)
        for _ in range(self.n_proteins):
            length = int(random.gamma(shape=2.0, scale=self.mean_length / 2))
            residues = random.choice(letters, size=length, p=weights / weights.sum())
            yield "M" + residues.tobytes().decode()

    def provenance(self) -> dict[str, Any]:
        """Describe the proteome by its parameters."""
        return {"kind": "synthetic", **asdict(self)}
