"""Random charges and modifications of peptides."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from denovo.chemistry import ResidueAlphabet
from denovo.chemistry.identity import identity, stable_hash
from denovo.errors import InputError, check_at_least

_CERTAIN = 1 - 1e-6
_BASIC = "KRH"
_RESIDUES_PER_CHARGE = 3
_N_TERMINAL_RULE = re.compile(r"(\[[^\]]+\]-)([A-Z]*)")


def max_charge(sequence: str) -> int:
    """Return the largest charge of a peptide.

    One proton for the N-terminus and for each K, R and H, and at most one for three residues. None
    of 344 measured precursors (charge 2 to 5) has more.

    Examples
    --------
    >>> max_charge("PEPTIDEK"), max_charge("KHRRKK")
    (2, 2)
    """
    n_basic = sum(map(sequence.count, _BASIC))
    return max(1, min(1 + n_basic, len(sequence) // _RESIDUES_PER_CHARGE))


class Precursor(NamedTuple):
    """A peptide as an ion: ProForma text and charge."""

    peptide: str
    charge: int


class _Choice(NamedTuple):
    """Entry of the alphabet and its probability at a site."""

    name: str
    probability: float


@dataclass(frozen=True)
class Precursors:
    """Probabilities of charges and of variable modifications.

    Parameters
    ----------
    charges : mapping of int to float
        Weight of each precursor charge. ``"4"`` counts as 4, since Hydra makes strings of the keys
        of ``++peptides.charges.4=0.1``; of 4 and ``"4"`` the later one applies.
    modifications : mapping of str to float
        Probability at each site, by the alphabet's entry: ``"M[UNIMOD:35]"`` at every M,
        ``"[UNIMOD:1]-"`` at every N-terminus, ``"[UNIMOD:385]-QC"`` only where the peptide starts
        with one of these letters. Each site carries at most one.
    max_modifications : int
        Largest number of variable modifications on a peptide. If more are drawn, a random choice
        stays; a modification that every N-terminus has takes precedence.
    limit_charges : bool
        Whether to limit the charge to `max_charge`; the weights apply to the remaining charges.

    Raises
    ------
    InputError
        If a charge, weight or probability is out of range, or an entry cannot be read.
    """

    charges: Mapping[Any, float] = field(default_factory=lambda: {2: 0.6, 3: 0.4})
    modifications: Mapping[str, float] = field(default_factory=dict)
    max_modifications: int = 3
    limit_charges: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "charges", _by_number(self.charges))
        weights = self.charges.values()
        if min(self.charges, default=0) < 1 or min(weights) < 0 or not sum(weights) > 0:
            raise InputError(
                "charges must map positive charges to weights that are not all 0, such as "
                f"{{2: 0.6, 3: 0.4}}, got {dict(self.charges)}"
            )
        for entry, probability in self.modifications.items():
            if not 0 <= probability <= 1:
                raise InputError(
                    f"the probability of {entry} must lie between 0 and 1, got {probability}"
                )
        check_at_least("max_modifications", self.max_modifications, 0)

    def draw(
        self, sequences: Iterable[str], alphabet: ResidueAlphabet, seed: int
    ) -> list[Precursor]:
        """Draw one precursor for each bare sequence, in their order.

        Fixed modifications are the ``implied`` ones of the alphabet. Each precursor depends only on
        the seed and its sequence, not on other sequences. A modification outside the alphabet
        raises an InputError.
        """
        rules = _SiteRules(self.modifications, alphabet)
        precursors = []
        for sequence in sequences:
            generator = random.Random(stable_hash(f"{seed} {identity(sequence)}", "precursor"))
            charge = self._charge(sequence, generator.random())
            peptide = self._modify(sequence, rules, alphabet, generator)
            precursors.append(Precursor(peptide, charge))
        return precursors

    def provenance(self) -> dict[str, Any]:
        """Describe charges and modifications in a canonical order."""
        limit = {"limit_charges": True} if self.limit_charges else {}
        return {
            "charges": sorted(self.charges.items()),
            "modifications": sorted(self.modifications.items()),
            "max_modifications": self.max_modifications,
            **limit,
        }

    def _charge(self, sequence: str, place: float) -> int:
        weights = self.charges
        if self.limit_charges:
            limit = max(max_charge(sequence), min(z for z, w in weights.items() if w > 0))
            weights = {z: weight for z, weight in weights.items() if z <= limit}
        total = sum(weights.values())
        choices = [_Choice(str(z), weights[z] / total) for z in sorted(weights)]
        return int(_choose(choices, place) or choices[-1].name)

    def _modify(
        self,
        sequence: str,
        rules: "_SiteRules",
        alphabet: ResidueAlphabet,
        generator: random.Random,
    ) -> str:
        names = ["", *(alphabet.implied.get(letter, letter) for letter in sequence)]
        drawn: dict[int, str] = {}
        is_certain = False
        for site, choices in enumerate(rules.sites(sequence)):
            if site == 0:
                is_certain = sum(choice.probability for choice in choices) > _CERTAIN
            if choices and (name := _choose(choices, generator.random())):
                drawn[site] = name
        if len(drawn) > self.max_modifications:
            first = sorted(drawn)[: min(is_certain, self.max_modifications)]
            others = sorted(drawn)[len(first) :]
            kept = generator.sample(others, self.max_modifications - len(first))
            drawn = {site: drawn[site] for site in [*first, *kept]}
        for site, name in drawn.items():
            names[site] = name
        return "".join(names)


def _by_number(charges: Mapping[Any, float]) -> dict[int, float]:
    try:
        return {int(str(charge)): weight for charge, weight in charges.items()}
    except ValueError as error:
        raise InputError(
            "charges must map whole numbers to weights, such as {2: 0.6, 3: 0.4}, got "
            f"{dict(charges)}"
        ) from error


class _SiteRules:
    """Possible modifications of the N-terminus and of each residue of a peptide."""

    def __init__(self, modifications: Mapping[str, float], alphabet: ResidueAlphabet) -> None:
        self.n_terminal: dict[str, list[_Choice]] = {}
        self.residue: dict[str, list[_Choice]] = {}
        letters = [r.amino_acid for r in alphabet.residues if r.amino_acid]
        for entry, probability in sorted(modifications.items()):
            match = _N_TERMINAL_RULE.fullmatch(entry)
            name, starts = match.groups() if match else (entry, "")
            if name not in alphabet.by_name or "[" not in name:
                raise InputError(
                    f"modification {entry} is not in the alphabet {alphabet.name!r}; remove it "
                    "from the precursors or choose other residues (residues=common)"
                )
            table = self.n_terminal if match else self.residue
            for letter in sorted(set(starts or letters)) if match else name[0]:
                table.setdefault(letter, []).append(_Choice(name, probability))
        for letter, choices in [*self.n_terminal.items(), *self.residue.items()]:
            if sum(choice.probability for choice in choices) > 1 + 1e-9:
                names = ", ".join(choice.name for choice in choices)
                raise InputError(f"the probabilities of {names} at {letter} add up to more than 1")

    def sites(self, sequence: str) -> Iterable[Sequence[_Choice]]:
        """Yield the choices at the N-terminus, then at each residue."""
        yield self.n_terminal.get(sequence[0], ())
        for letter in sequence:
            yield self.residue.get(letter, ())


def _choose(choices: Sequence[_Choice], place: float) -> str | None:
    """Return the choice whose interval of [0, 1) holds ``place``, None beyond the last."""
    for choice in choices:
        if place < choice.probability:
            return choice.name
        place -= choice.probability
    return None
