"""Peptides of a digested proteome, sorted by mass, in memory-mapped files."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from denovo.chemistry import WATER_MASS, Vocabulary
from denovo.chemistry.residues import RESIDUES
from denovo.errors import InputError
from denovo.io.atomic_outputs import as_input_error
from denovo.io.files import sha256_of
from denovo.proteins.proteome import Proteins, cleavage_sites, read_proteins
from denovo.typing import Bool, Float64, Int, Shaped, ndarray

MIN_LENGTH, MAX_LENGTH, MISSED_CLEAVAGES = 6, 30, 2
_FORMAT = 3
_DESCRIPTION, _ACCESSIONS = "index.json", "accessions.txt"
_METHIONINE = ord("M")


@dataclass(frozen=True)
class DigestIndex:
    """Places of all peptides of a digest, sorted by mass.

    A peptide that occurs several times has an entry for each place.

    Parameters
    ----------
    mass : array [entry], float64
        Neutral mass in Da without variable modifications, ascending; isoleucine counts as leucine.
    start : array [entry], int32
        Place of the first residue in ``tokens``.
    length : array [entry], uint8
        Number of residues.
    tokens : array [place], uint8
        Canonical tokens of all proteins, 0 between proteins and for letters outside the alphabet,
        and 30 zeros at the end.
    protein_starts : array [protein], int64
        Place of the first residue of each protein.
    accessions : tuple of str
        Accession of each protein.
    """

    mass: Float64[ndarray, " entry"]
    start: Int[ndarray, " entry"]
    length: Shaped[ndarray, " entry"]
    tokens: Shaped[ndarray, " place"]
    protein_starts: Int[ndarray, " protein"]
    accessions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.mass)

    @classmethod
    def build(
        cls,
        proteins: Proteins,
        vocabulary: Vocabulary,
        enzyme: str = "trypsin",
        is_semi: bool = False,
    ) -> "DigestIndex":
        """Digest proteins.

        Peptides have 6 to 30 residues and at most two missed cleavages. The first methionine of a
        protein may be missing.

        Parameters
        ----------
        proteins : Proteins
            Proteins.
        vocabulary : Vocabulary
            Tokens; peptides with letters that have none are left out.
        enzyme : str
            Name of a cleavage rule of pyteomics.
        is_semi : bool
            Whether one end of a peptide may lie between two sites.

        Raises
        ------
        InputError
            If the enzyme is unknown or the digest is empty.
        """
        tokens = _tokens_of_letters(vocabulary)[proteins.letters]
        first, last = _cuts(proteins, cleavage_sites(proteins, enzyme), is_semi)
        n_unknown = np.concatenate([[0], np.cumsum(tokens == 0)])
        keep = n_unknown[last] == n_unknown[first]
        first, last = first[keep], last[keep]
        if not len(first):
            raise InputError(
                f"the digest of {len(proteins)} proteins with {enzyme} has no peptide of "
                f"{MIN_LENGTH} to {MAX_LENGTH} residues; check the FASTA file and --enzyme"
            )
        summed = np.concatenate([[0.0], np.cumsum(vocabulary.masses.numpy()[tokens])])
        mass = summed[last] - summed[first] + WATER_MASS
        if len(tokens) > np.iinfo(np.int32).max:
            raise InputError(
                f"the proteins have {len(tokens):,} residues; at most 2,147,483,647 can be digested"
            )
        order = np.lexsort((first, mass))
        return cls(
            mass[order],
            first[order].astype(np.int32),
            (last - first)[order].astype(np.uint8),
            np.pad(tokens, (0, MAX_LENGTH)),
            proteins.starts.astype(np.int64),
            proteins.accessions,
        )

    def within(self, low: float, high: float) -> slice:
        """Return the entries with a mass from ``low`` to ``high`` Da."""
        start, stop = np.searchsorted(self.mass, [low, np.nextafter(high, np.inf)])
        return slice(int(start), int(stop))

    def peptides(
        self, entries: Int[ndarray, " entry"], n_before: int = 0
    ) -> Shaped[ndarray, "entry length"]:
        """Return the tokens of entries, 0 behind the end of each and in columns before it."""
        length = self.length[entries]
        width = max(int(length.max(initial=0)), 1)
        # A window is one item, as NumPy copies rows of an array more slowly.
        n_windows = len(self.tokens) - width + 1
        windows = np.ndarray((n_windows,), f"V{width}", self.tokens, strides=(1,))
        inside = np.arange(width, dtype=np.uint8) < length[:, None]
        found = np.zeros((len(length), n_before + width), dtype=np.uint8)
        tokens = windows[self.start[entries]].view(np.uint8).reshape(inside.shape)
        np.multiply(tokens, inside.view(np.uint8), out=found[:, n_before:])
        return found

    def accession_of(self, entry: int) -> str:
        """Return the accession of the protein of an entry."""
        number = np.searchsorted(self.protein_starts, self.start[entry], side="right") - 1
        return self.accessions[int(number)]

    def save(self, folder: Path) -> None:
        """Write the index to a new folder, which appears whole or not at all."""
        with as_input_error(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
            try:
                for name in _ARRAYS:
                    np.save(temporary / f"{name}.npy", getattr(self, name))
                text = "".join(f"{accession}\n" for accession in self.accessions)
                (temporary / _ACCESSIONS).write_text(text, encoding="utf-8")
                digests = {path.name: sha256_of(path) for path in sorted(temporary.iterdir())}
                (temporary / _DESCRIPTION).write_text(json.dumps(digests))
                if folder.exists() and DigestIndex.load(folder) is None:
                    shutil.rmtree(folder, ignore_errors=True)
                try:
                    os.replace(temporary, folder)
                except OSError:
                    # Another process has written the same index meanwhile.
                    if not folder.exists():
                        raise
            finally:
                shutil.rmtree(temporary, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path) -> "DigestIndex | None":
        """Map the index of a folder into memory; None if it is missing or damaged."""
        try:
            digests = json.loads((folder / _DESCRIPTION).read_text())
            names = {*(f"{name}.npy" for name in _ARRAYS), _ACCESSIONS}
            if digests.keys() != names or any(
                sha256_of(folder / name) != digest for name, digest in digests.items()
            ):
                return None
            # Plain arrays on the mapped files, as indexing `np.memmap` is slow.
            arrays = {n: np.asarray(np.load(folder / f"{n}.npy", mmap_mode="r")) for n in _ARRAYS}
            text = (folder / _ACCESSIONS).read_text(encoding="utf-8")
        except (OSError, EOFError, ValueError, TypeError, AttributeError):
            return None
        return cls(**arrays, accessions=tuple(text.split("\n")[:-1]))


_ARRAYS = tuple(field.name for field in fields(DigestIndex) if field.name != "accessions")


def proteome_digest(
    paths: Sequence[Path], vocabulary: Vocabulary, enzyme: str, is_semi: bool
) -> str:
    """Return a hash of everything that an index depends on."""
    described = {
        "format": _FORMAT,
        "files": [sha256_of(path) for path in paths],
        "names": [path.name for path in paths],
        "vocabulary": vocabulary.fingerprint,
        "enzyme": enzyme,
        "semi": is_semi,
        "digest": [MIN_LENGTH, MAX_LENGTH, MISSED_CLEAVAGES],
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def cached_index(
    paths: Sequence[Path], vocabulary: Vocabulary, enzyme: str = "trypsin", is_semi: bool = False
) -> DigestIndex:
    """Find the index of FASTA files, or build and keep it.

    Parameters
    ----------
    paths : sequence of Path
        FASTA files.
    vocabulary, enzyme, is_semi
        See `DigestIndex.build`.

    Returns
    -------
    DigestIndex
        Mapped into memory from ``$DENOVO_CACHE``, by default the folder ``denovo`` in
        ``$XDG_CACHE_HOME`` or ``~/.cache``.

    Raises
    ------
    InputError
        If a file cannot be read, the folder cannot be written, or the digest is empty.
    """
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise InputError(f"{missing[0]} does not exist; give --proteome a FASTA file")
    folder = _cache() / proteome_digest(paths, vocabulary, enzyme, is_semi)[:32]
    found = DigestIndex.load(folder)
    if found is None:
        DigestIndex.build(read_proteins(paths), vocabulary, enzyme, is_semi).save(folder)
        found = DigestIndex.load(folder)
    if found is None:
        raise InputError(f"{folder} cannot be read; delete it, or set DENOVO_CACHE to a folder")
    return found


def _cache() -> Path:
    given = os.environ.get("DENOVO_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(given) if given else Path(base) / "denovo") / "proteomes"


def _tokens_of_letters(vocabulary: Vocabulary) -> Shaped[ndarray, " letter"]:
    """Return the canonical token of each ASCII code, 0 for what the alphabet has not."""
    table = np.zeros(256, dtype=np.uint8)
    implied = vocabulary.alphabet.implied
    for letter in RESIDUES:
        token = vocabulary.index.get(implied.get(letter, letter))
        if token is not None:
            table[ord(letter)] = int(vocabulary.canonical[token])
    table[ord("J")] = table[ord("L")]
    return table


def _cuts(
    proteins: Proteins, is_cut: Bool[ndarray, " place"], is_semi: bool
) -> tuple[Int[ndarray, " peptide"], Int[ndarray, " peptide"]]:
    """Return the first place and the end, exclusive, of each peptide of a digest."""
    is_site = is_cut.copy()
    is_site[proteins.starts] = True
    is_site[proteins.starts + proteins.lengths] = True
    sites = np.flatnonzero(is_site)
    owner = proteins.protein_of[sites]
    pairs = []
    for n_sites in range(1, MISSED_CLEAVAGES + 2):
        same = owner[n_sites:] == owner[:-n_sites]
        pairs.append(np.stack([sites[:-n_sites][same], sites[n_sites:][same]]))
    first, last = np.concatenate(pairs, axis=1)
    starts_protein = np.zeros(len(is_cut), dtype=np.bool_)
    starts_protein[proteins.starts] = proteins.letters[proteins.starts] == _METHIONINE
    at_start = starts_protein[first]
    first = np.concatenate([first, first[at_start] + 1])
    last = np.concatenate([last, last[at_start]])
    if is_semi:
        first, last = _with_semi(first, last)
    length = last - first
    keep = (length >= MIN_LENGTH) & (length <= MAX_LENGTH)
    # A peptide behind a removed methionine is also one behind a site after the methionine.
    return np.divmod(np.unique(first[keep] * len(is_cut) + last[keep]), len(is_cut))


def _with_semi(
    first: Int[ndarray, " peptide"], last: Int[ndarray, " peptide"]
) -> tuple[Int[ndarray, " part"], Int[ndarray, " part"]]:
    """Add the beginnings and the ends of peptides."""
    firsts, lasts = [first], [last]
    for length in range(MIN_LENGTH, MAX_LENGTH + 1):
        longer = last - first > length
        firsts += [first[longer], last[longer] - length]
        lasts += [first[longer] + length, last[longer]]
    return np.concatenate(firsts), np.concatenate(lasts)
