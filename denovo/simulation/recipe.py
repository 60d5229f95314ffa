"""Settings of a store of simulated spectra, its hash, and the split of its peptides."""

import hashlib
import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from denovo.chemistry import Vocabulary, bare_sequence
from denovo.chemistry.identity import identity, stable_hash
from denovo.errors import InputError, check_at_least, check_names
from denovo.simulation.digest import Digest
from denovo.simulation.exclusion import Exclusion
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import Proteome
from denovo.simulation.shards import PlannedSpectrum, Shard
from denovo.simulation.simulator import Simulator

logger = logging.getLogger(__name__)

SPLITS = ("train", "val", "test")
FORMAT_VERSION = 1
"""Version of the content; incremented when the same recipe gives other files."""


@dataclass(frozen=True)
class Recipe:
    """All settings of a store.

    Parameters
    ----------
    proteome : Proteome
        Source of the proteins.
    digest : Digest
        Digestion of the proteins.
    precursors : Precursors
        Charges and modifications.
    simulator : Simulator
        Predictor of the intensities.
    n_peptides : int
        Number of peptides, one spectrum each; fewer if the digest has fewer.
    seed : int
        Seed of charges and modifications.
    fractions : mapping of str to float
        Shares of ``train``, ``val`` and ``test``.
    exclude : sequence of str or Path
        Files naming peptides to leave out, see `Exclusion`.
    shard_size : int
        Spectra per file; an interruption loses at most the files in work.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    proteome: Proteome
    digest: Digest
    precursors: Precursors
    simulator: Simulator
    n_peptides: int = 60_000
    seed: int = 0
    fractions: Mapping[str, float] = field(
        default_factory=lambda: {"train": 0.9, "val": 0.05, "test": 0.05}
    )
    exclude: Sequence[str | Path] = ()
    shard_size: int = 2_000

    def __post_init__(self) -> None:
        check_fractions(self.fractions)
        check_at_least("n_peptides", self.n_peptides, 1)
        check_at_least("shard_size", self.shard_size, 1)

    def provenance(self, vocabulary: Vocabulary) -> dict[str, Any]:
        """Describe all that decides the content as JSON values; reads the input files.

        Entries named ``file`` are informative and do not enter the hash.
        """
        described = {
            "format": FORMAT_VERSION,
            "proteome": self.proteome.provenance(),
            "digest": self.digest.provenance(),
            "exclude": Exclusion(self.exclude).provenance(),
            "precursors": self.precursors.provenance(),
            "simulator": self.simulator.provenance(),
            "residues": {
                "fingerprint": vocabulary.fingerprint,
                "tokens": vocabulary.tokens,
                "implied": vocabulary.alphabet.implied,
            },
            "n_peptides": self.n_peptides,
            "seed": self.seed,
            "fractions": dict(self.fractions),
            "shard_size": self.shard_size,
        }
        if any(identity(e) != identity(bare_sequence(e)) for e in self.precursors.modifications):
            # Stores of earlier releases have deamidated forms on the side of the plain peptide.
            described["split"] = "deamidated residues as acids"
        return json.loads(json.dumps(described))

    def shards(self, vocabulary: Vocabulary) -> list[Shard]:
        """Choose the peptides and their precursors, and distribute them to files.

        The result depends only on the recipe and the vocabulary. An InputError is raised if the
        digest is empty or all of it is excluded.
        """
        sequences = self._sequences(vocabulary)
        precursors = self.precursors.draw(sequences, vocabulary.alphabet, self.seed)
        peptides = {p.peptide: s for p, s in zip(precursors, sequences, strict=True)}
        # A modified form may be another peptide than the sequence it is drawn from.
        changed = [p for p, s in peptides.items() if identity(p) != identity(s)]
        excluded = Exclusion(self.exclude).excluded(changed) if changed else set()
        rows = [
            PlannedSpectrum(*precursor, split_of(precursor.peptide, self.fractions))
            for precursor in precursors
            if precursor.peptide not in excluded
        ]
        starts = range(0, len(rows), self.shard_size)
        return [
            Shard(number, tuple(rows[start : start + self.shard_size]))
            for number, start in enumerate(starts)
        ]

    def _sequences(self, vocabulary: Vocabulary) -> list[str]:
        sequences = self.digest.peptides(self.proteome, vocabulary.alphabet)
        excluded = Exclusion(self.exclude).excluded(sequences)
        if excluded:
            logger.info(
                "left out %d of %d peptides, which exclude= names", len(excluded), len(sequences)
            )
        kept = [sequence for sequence in sequences if sequence not in excluded]
        if not kept:
            raise InputError(
                f"all {len(sequences)} peptides of the digest are excluded by "
                f"{', '.join(map(str, self.exclude))}; give more proteins"
            )
        if len(kept) < self.n_peptides:
            logger.warning(
                "the proteins give %d peptides, %d were asked for; going on with %d",
                *(len(kept), self.n_peptides, len(kept)),
            )
        return kept[: self.n_peptides]


def content_hash(provenance: Mapping[str, Any]) -> str:
    """Hash a provenance, without file names, to 16 hexadecimal digits."""
    text = json.dumps(_without_file_names(provenance), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without_file_names(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_file_names(v) for key, v in value.items() if key != "file"}
    if isinstance(value, list):
        return [_without_file_names(v) for v in value]
    return value


def split_of(peptide: str, fractions: Mapping[str, float]) -> str:
    """Assign a peptide to a split by a hash of its sequence.

    The result depends only on the arguments: other peptides of a store have no influence, and
    peptides of the same `identity` have the same split.

    Examples
    --------
    >>> split_of("PEPTIDEK", {"train": 0.0, "val": 1.0, "test": 0.0})
    'val'
    """
    place = stable_hash(identity(peptide), "split") / 2**64
    upper = 0.0
    chosen = ""
    for name in SPLITS:
        share = fractions.get(name, 0.0)
        upper += share
        if share > 0:
            chosen = name
            if place < upper:
                break
    return chosen


def check_fractions(fractions: Mapping[str, float]) -> None:
    """Raise an InputError unless the shares of the splits are valid and add up to 1."""
    check_names(fractions, SPLITS, "fractions", "split")
    total = sum(fractions.values())
    if min(fractions.values(), default=0) < 0 or not math.isclose(total, 1.0, abs_tol=1e-9):
        raise InputError(
            f"the fractions of the splits must be positive and add up to 1, got {dict(fractions)}"
        )
