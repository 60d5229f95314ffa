"""Proteins of the matched peptides: groups by parsimony, coverage, confidence."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from denovo.io.arrow_compute import pc
from denovo.proteins.index import Hits
from denovo.proteins.mapping import Mapping
from denovo.typing import Float64, Int, ndarray


@dataclass(frozen=True)
class ProteinRow:
    """A protein with at least one matched answer.

    Parameters
    ----------
    accession, description, database : str
        As in the FASTA file.
    group : int
        Number of its group, from 1; all peptides of the group's proteins are explained by it.
    role : str
        ``leading``; ``same set``: indistinguishable from the leading protein, as it has the same
        peptides; ``subset``: all its peptides are in groups with more evidence, the first of
        which is ``group``.
    same_set : tuple of str
        The other proteins with the same set of peptides.
    n_answers, n_peptides, n_unique : int
        Matched answers; distinct peptides (I = L); those that no protein outside of the same set
        of peptides has.
    length : int
        Number of residues.
    coverage : float
        Share of residues in matched peptides, in [0, 1].
    mean_probability, best_probability : float
        Of the matched answers; NaN without calibration.
    number : int
        Number of the protein among `Proteins`.
    """

    accession: str
    description: str
    database: str
    group: int
    role: str
    same_set: tuple[str, ...]
    n_answers: int
    n_peptides: int
    n_unique: int
    length: int
    coverage: float
    mean_probability: float
    best_probability: float
    number: int


def infer_proteins(mapping: Mapping, max_q_value: float | None = None) -> list[ProteinRow]:
    """Make the table of proteins, by group; in a group, the leading protein is first.

    Parameters
    ----------
    mapping : Mapping
        Answers mapped to proteins.
    max_q_value : float, optional
        Largest q-value of the answers that count; all matched ones by default.

    Notes
    -----
    Proteins with the same set of peptides are one group. Groups are taken by the greedy algorithm
    for set cover: the one that explains the most peptides that no earlier one does, and of these
    the one with more peptides, and then the one with the first match.
    Proteins that explain nothing new are subsets.
    """
    hits = mapping.accepted(max_q_value)
    if not len(hits):
        return []
    owners = mapping.proteins.protein_of[hits.places]
    texts = pc.replace_substring(mapping.peptides_at(hits), "I", "L").dictionary_encode()
    peptides = texts.indices.to_numpy().astype(np.int64)
    pairs = _distinct_pairs(owners, peptides)
    sets: dict[int, list[int]] = defaultdict(list)
    for protein, peptide in pairs.tolist():
        sets[protein].append(peptide)
    same: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for protein, found in sets.items():
        same[tuple(found)].append(protein)
    groups = list(same)
    n_groups = np.bincount([peptide for group in groups for peptide in group])
    answers = _distinct_pairs(owners, hits.rows)
    confidence = _confidence(answers, mapping.probability)
    covered = _covered(mapping, hits)
    rows = []
    for (group, role), key in zip(_parsimony(groups), groups, strict=True):
        n_unique = int((n_groups[list(key)] == 1).sum())
        members = sorted(same[key], key=lambda protein: (-covered[protein], protein))
        for place, protein in enumerate(members):
            n_answers, mean, best = confidence[protein]
            proteins = mapping.proteins
            rows.append(
                ProteinRow(
                    proteins.accessions[protein],
                    proteins.descriptions[protein],
                    proteins.databases[protein],
                    group,
                    "same set" if place and role == "leading" else role,
                    tuple(proteins.accessions[other] for other in members if other != protein),
                    n_answers,
                    len(key),
                    n_unique,
                    int(proteins.lengths[protein]),
                    float(covered[protein] / proteins.lengths[protein]),
                    mean,
                    best,
                    protein,
                )
            )
    order = {"leading": 0, "same set": 1, "subset": 2}
    return sorted(rows, key=lambda row: (row.group, order[row.role], -row.n_peptides))


def _distinct_pairs(
    first: Int[ndarray, " hit"], second: Int[ndarray, " hit"]
) -> Int[ndarray, "pair 2"]:
    """List the pairs of numbers that occur, in order."""
    # Far faster than distinct rows of an array.
    size = int(second.max()) + 1
    return np.stack(np.divmod(np.unique(first.astype(np.int64) * size + second), size), axis=1)


def _parsimony(groups: Sequence[tuple[int, ...]]) -> list[tuple[int, str]]:
    """Return number and role of each set of peptides, by the greedy algorithm for set cover."""
    explained: dict[int, int] = {}
    result = [(0, "subset")] * len(groups)
    queue = [(-len(group), -len(group), number) for number, group in enumerate(groups)]
    heapq.heapify(queue)
    n_chosen = 0
    while queue:
        promised, size, number = heapq.heappop(queue)
        new = [peptide for peptide in groups[number] if peptide not in explained]
        if not new:
            result[number] = (min(explained[peptide] for peptide in groups[number]), "subset")
        elif len(new) < -promised:
            heapq.heappush(queue, (-len(new), size, number))
        else:
            n_chosen += 1
            explained |= dict.fromkeys(new, n_chosen)
            result[number] = (n_chosen, "leading")
    return result


def _confidence(
    answers: Int[ndarray, "pair 2"], probability: Float64[ndarray, " answer"]
) -> dict[int, tuple[int, float, float]]:
    """Return number, mean and largest probability of the answers of each protein."""
    proteins, starts, counts = np.unique(answers[:, 0], return_index=True, return_counts=True)
    values = probability[answers[:, 1]]
    mean, best = np.add.reduceat(values, starts) / counts, np.maximum.reduceat(values, starts)
    columns = (each.tolist() for each in (proteins, counts, mean, best))
    return {protein: (n, m, b) for protein, n, m, b in zip(*columns, strict=True)}


def _covered(mapping: Mapping, hits: Hits) -> Int[ndarray, " protein"]:
    """Count the residues of each protein that lie in hits."""
    change = np.zeros(len(mapping.proteins.letters), dtype=np.int32)
    np.add.at(change, hits.places, 1)
    np.add.at(change, hits.places + hits.lengths, -1)
    owners = mapping.proteins.protein_of[np.flatnonzero(np.cumsum(change) > 0)]
    return np.bincount(owners, minlength=len(mapping.proteins))
