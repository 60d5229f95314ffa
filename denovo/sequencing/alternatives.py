"""Alternative peptides: the next candidates, and isobaric rewritings of ambiguous regions."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement, permutations

from denovo.chemistry import Vocabulary
from denovo.sequencing.answer import Answer
from denovo.spectra.prediction import Alternative, Region

SAME_MASS = 1e-3
"""Largest mass difference in Da of isobaric compositions, such as N and GG."""
_MAX_LENGTH = 3
"""Most residues of a region that is rewritten, and of its replacement."""


def alternatives_of(answer: Answer, vocabulary: Vocabulary, n_most: int) -> tuple[Alternative, ...]:
    """List at most ``n_most`` other peptides that the spectrum may come from.

    First come the next candidates, then the best one with a region rewritten whose order no peak
    determines: other residues, or another order, of the same mass.
    """
    if n_most == 0:
        return ()
    best = answer.best.peptide
    found: dict[str, float | None] = {
        vocabulary.decode(other.peptide): other.log_probability for other in answer.candidates[1:]
    }
    for region in answer.ambiguous:
        for peptide in _rewritten(best, region, vocabulary):
            if len(found) >= n_most:
                break
            found.setdefault(peptide, None)
    found.pop(vocabulary.decode(best), None)
    return tuple(Alternative(*each) for each in found.items())[:n_most]


def _rewritten(tokens: Sequence[int], region: Region, vocabulary: Vocabulary) -> Iterator[str]:
    # An N-terminal modification is a token, but regions count residues.
    shift = int(bool(vocabulary.is_n_terminal[tokens[0]]))
    start, end = region.start - 1 + shift, region.end + shift
    inner = tuple(tokens[start:end])
    if len(inner) > _MAX_LENGTH:
        return
    mass = float(vocabulary.masses[list(inner)].sum())
    for composition in _of_mass(vocabulary, round(mass, 4)):
        for order in dict.fromkeys(permutations(composition)):
            if order != inner:
                yield vocabulary.decode([*tokens[:start], *order, *tokens[end:]])


@lru_cache(maxsize=4096)
def _of_mass(vocabulary: Vocabulary, mass: float) -> list[tuple[int, ...]]:
    """List the compositions of up to three residues of a mass in Da."""
    near = range(_bin(mass - SAME_MASS), _bin(mass + SAME_MASS) + 1)
    found = [entry for key in near for entry in _compositions(vocabulary).get(key, ())]
    return [composition for weight, composition in found if abs(weight - mass) <= SAME_MASS]


@lru_cache(maxsize=8)
def _compositions(vocabulary: Vocabulary) -> dict[int, list[tuple[float, tuple[int, ...]]]]:
    masses = vocabulary.masses.tolist()
    is_n_terminal = vocabulary.is_n_terminal.tolist()
    residues = [token for token in vocabulary.candidates.tolist() if not is_n_terminal[token]]
    table: dict[int, list[tuple[float, tuple[int, ...]]]] = {}
    for size in range(1, _MAX_LENGTH + 1):
        for composition in combinations_with_replacement(residues, size):
            weight = sum(masses[token] for token in composition)
            table.setdefault(_bin(weight), []).append((weight, composition))
    return table


def _bin(mass: float) -> int:
    return int(mass / SAME_MASS)
