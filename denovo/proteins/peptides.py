"""Peptides as arrays of residue codes, with the regions whose order is undetermined."""

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from denovo.chemistry.identity import identity
from denovo.chemistry.modifications import observed_alphabet, unimod
from denovo.chemistry.pyteomics_mass import mass
from denovo.chemistry.residues import RESIDUES, ResidueAlphabet
from denovo.io.arrow_compute import pc
from denovo.typing import Bool, Float64, Int, Shaped, ndarray

UNKNOWN = 31
"""Code of a letter of a peptide that is none of `RESIDUES`; no protein has it."""
_GAP_MASS = 1e5
_CODES = np.zeros(256, dtype=np.uint8)
_CODES[list(RESIDUES.encode())] = np.arange(1, len(RESIDUES) + 1)
_CODES[list(b"IJ")] = _CODES[ord("L")]
_MODIFIED = re.compile(r"[A-Z]\[[^\]]*\]|\[[^\]]*\]-")
_READINGS = r":\[.*?\](;|$)"


def codes_of(letters: Shaped[ndarray, " *shape"]) -> Shaped[ndarray, " *shape"]:
    """Convert ASCII codes to residue codes, one for I, L and J, 0 for what is no residue."""
    # Several times as fast as indexing.
    codes = bytearray(letters.tobytes().translate(_CODES.tobytes()))
    return np.frombuffer(codes, dtype=np.uint8).reshape(letters.shape)


@dataclass(frozen=True)
class Notation:
    """How the peptides of a file are written.

    Parameters
    ----------
    letters : dict of str to str
        The letter for each modified residue, ``{"N[UNIMOD:7]": "D", "M[UNIMOD:35]": "M"}``.
    fixed : frozenset of str
        Modified residues that do not occur otherwise, ``"C[UNIMOD:4]"``.
    n_terminal : tuple of str
        Modifications of the N-terminus, ``"[UNIMOD:1]-"``.
    masses : array [32], float64
        Mass in Da of each residue code in a protein, with its fixed modification; very heavy for
        letters that are no residue.
    """

    letters: dict[str, str]
    fixed: frozenset[str]
    n_terminal: tuple[str, ...]
    masses: Float64[ndarray, " code"]

    def bare(self, peptides: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """Strip modifications; a residue with the mass of another one becomes that one."""
        for token, letter in self.letters.items():
            peptides = pc.replace_substring(peptides, token, letter)
        return pc.replace_substring_regex(peptides, r"\[[^\]]*\]-?|[^A-Z]", "")

    def alphabet(self) -> ResidueAlphabet:
        """Return the residues of the file."""
        return observed_alphabet((*self.letters, *self.n_terminal), self.fixed)


def read_notation(peptides: pa.ChunkedArray) -> Notation:
    """Find the modified residues of peptides in ProForma, and the modifications that all carry."""
    counts: Counter[str] = Counter()
    for chunk in peptides.chunks:
        modified = chunk.filter(pc.match_substring(chunk, "["))
        text = "\n".join(filter(None, modified.to_pylist()))
        counts.update(match[0] for match in _MODIFIED.finditer(text))
    letters = {token: _letter(token) for token in counts if token[0] != "["}
    masses = np.full(32, _GAP_MASS)
    masses[codes_of(ascii_codes(RESIDUES))] = [mass.std_aa_mass[letter] for letter in RESIDUES]
    n_terminal = tuple(token for token in counts if token[0] == "[")
    bare = Notation(letters, frozenset(), n_terminal, masses).bare(peptides)
    fixed = set()
    for token, letter in letters.items():
        modification = unimod().find(token[2:-1])
        total = pc.sum(pc.count_substring(bare, letter)).as_py()
        if modification and letter == token[0] and counts[token] == total:
            masses[codes_of(ascii_codes(letter))] += modification.mass
            fixed.add(token)
    return Notation(letters, frozenset(fixed), n_terminal, masses)


def ascii_codes(text: str) -> Shaped[ndarray, " letter"]:
    """Return the ASCII code of each letter."""
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8)


def _letter(token: str) -> str:
    read = identity(token)
    return token[0] if read == identity(token[0]) else read


@dataclass(frozen=True)
class Peptides:
    """Peptides of equal width.

    Parameters
    ----------
    letters, codes : array [peptide, length], uint8
        ASCII and residue codes from the N-terminus, 0 behind the end.
    lengths : array [peptide]
        Numbers of residues.
    regions : array [region, 3]
        Peptide, first residue from 0, and end, exclusive, of each region of undetermined order.
    """

    letters: Shaped[ndarray, "peptide length"]
    codes: Shaped[ndarray, "peptide length"]
    lengths: Int[ndarray, " peptide"]
    regions: Int[ndarray, "region 3"]

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, rows: Int[ndarray, " row"]) -> "Peptides":
        """Select peptides; the regions are dropped."""
        nothing = np.empty((0, 3), dtype=np.int64)
        return Peptides(self.letters[rows], self.codes[rows], self.lengths[rows], nothing)

    def with_regions(self, chosen: Bool[ndarray, " region"]) -> "Peptides":
        """Keep some of the regions."""
        return replace(self, regions=self.regions[chosen])


def read_peptides(
    peptides: pa.Array, notation: Notation, ambiguity: pa.Array | None = None
) -> Peptides:
    """Convert peptides in ProForma, and their ambiguous regions, to arrays."""
    text = pc.fill_null(pc.cast(notation.bare(peptides), pa.string()), "")
    letters, lengths = _matrix(text)
    codes = codes_of(letters)
    codes[(codes == 0) & (letters != 0)] = UNKNOWN
    regions = np.empty((0, 3), dtype=np.int64)
    if ambiguity is not None:
        regions = _regions(pc.fill_null(ambiguity, ""))
        regions = regions[regions[:, 2] <= lengths[regions[:, 0]]]
    return Peptides(letters, codes, lengths, regions)


def _matrix(text: pa.Array) -> tuple[ndarray, ndarray]:
    """Lay texts out in rows of one width, 0 behind the end."""
    lengths = pc.binary_length(text).to_numpy(zero_copy_only=False).astype(np.int64)
    width = max(int(lengths.max(initial=0)), 1)
    letters = np.zeros((len(text), width), dtype=np.uint8)
    # One string, as the buffers of a slice of an array hold more than the slice.
    joined = pc.binary_join(pa.array([text.to_pylist()], pa.list_(pa.string())), "")[0].as_py()
    letters[np.arange(width) < lengths[:, None]] = np.frombuffer(joined.encode(), dtype=np.uint8)
    return letters, lengths


def _regions(ambiguity: pa.Array) -> ndarray:
    """Read the borders of all regions; the orders in brackets are left out."""
    plain = pc.replace_substring_regex(ambiguity, _READINGS, r"\1")
    parts = pc.split_pattern(plain, ";")
    rows = pc.list_parent_indices(parts)
    borders = pc.list_flatten(parts)
    is_region = pc.match_substring_regex(borders, r"^\d+-\d+$")
    rows = rows.filter(is_region).to_numpy().astype(np.int64)
    found = pc.extract_regex(borders.filter(is_region), r"^(?P<first>\d+)-(?P<last>\d+)$")
    first, last = (
        pc.cast(pc.struct_field(found, [field]), pa.int64()).to_numpy(zero_copy_only=False)
        for field in (0, 1)
    )
    keep = (first >= 1) & (last > first)
    return np.stack([rows, first - 1, last], axis=1)[keep].astype(np.int64)
