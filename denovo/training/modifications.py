"""Modifications added to the configuration: ``python train.py modify=Phospho@STY:0.15``."""

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, ListConfig

from denovo.chemistry import Modification, ModificationRule, parse_modification_rule
from denovo.errors import InputError
from denovo.training.configuration import plain

LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def modified(cfg: DictConfig) -> DictConfig:
    """Add the modifications of ``modify`` to the alphabet and to the simulated peptides.

    ``modify`` is a line or a list of lines for `parse_modification_rule`. The returned copy has the
    modifications in ``residues`` and ``variable_modifications``, so that its readers do not need
    ``modify``. A second call changes nothing.
    """
    asked = cfg.get("modify")
    lines = list(asked) if isinstance(asked, ListConfig) else [asked]
    if asked is None or not lines:
        return cfg
    residues, often = plain(cfg.residues), plain(cfg.variable_modifications)
    wishes = [parse_modification_rule(str(line)) for line in lines]
    fixed = [letter for wish in wishes if wish.probability is None for letter in wish.letters]
    for letter in fixed:
        if fixed.count(letter) > 1:
            raise InputError(f"modify= has two fixed modifications of {letter}; keep one of them")
    # Fixed modifications come last: at the N-terminus they take the share that is left.
    for wish in sorted(wishes, key=lambda wish: wish.probability is None):
        add(wish, residues, often)
    residues["name"] = name_of(str(residues["name"]), wishes)
    changed = cfg.copy()
    changed.residues, changed.variable_modifications = residues, often
    return changed


def add(wish: ModificationRule, residues: dict[str, Any], often: dict[str, float]) -> None:
    """Add one modification to the settings of a `ResidueAlphabet` and to ``often``, in place.

    ``often`` holds the probability of each entry, as in `Precursors`.
    """
    modification = wish.modification
    residues["modifications"][modification.accession] = {
        "name": modification.name,
        "formula": modification.formula,
    }
    for letter in wish.letters:
        if wish.probability is None:
            _fix(letter, modification, residues, often)
        else:
            _vary(letter, wish.probability, modification, residues, often)
    if wish.starts is not None:
        entry = f"[{modification.accession}]-"
        _append(residues["n_terminal"], entry)
        if wish.probability is None:
            _fix_terminus(entry, wish.starts, often)
        else:
            often[entry + wish.starts] = wish.probability


def name_of(name: str, wishes: Sequence[ModificationRule]) -> str:
    """Return the name of an alphabet with its additions, for example ``"common+Phospho"``."""
    parts = name.split("+")
    return "+".join(dict.fromkeys([*parts, *(wish.modification.name for wish in wishes)]))


def _append(entries: list[str], entry: str) -> None:
    if entry not in entries:
        entries.append(entry)


def _vary(
    letter: str,
    probability: float,
    modification: Modification,
    residues: dict[str, Any],
    often: dict[str, float],
) -> None:
    """Add a modified residue, and keep the plain one."""
    entry = f"{letter}[{modification.accession}]"
    if residues["implied"].get(letter) == entry:
        raise InputError(
            f"modification {modification.name}@{letter}: in the alphabet {residues['name']} every "
            f"{letter} carries it; leave it out or choose another one (residues=)"
        )
    _append(residues["residues"], entry)
    often[entry] = probability


def _fix(
    letter: str, modification: Modification, residues: dict[str, Any], often: dict[str, float]
) -> None:
    """Replace the plain residue, or the one in its place, by the modified residue."""
    entry = f"{letter}[{modification.accession}]"
    before = residues["implied"].get(letter, letter)
    if before not in residues["residues"]:
        raise InputError(
            f"modification {modification.name}@{letter}: the alphabet {residues['name']} has no "
            f"{letter}; choose another one (residues=common)"
        )
    names = [entry if name == before else name for name in residues["residues"]]
    residues["residues"] = list(dict.fromkeys(names))
    residues["implied"][letter] = entry
    often.pop(entry, None)


def _fix_terminus(entry: str, starts: str, often: dict[str, float]) -> None:
    """Give a modification the N-termini without another one, by their first residue."""
    for key in [key for key in often if key.startswith(entry)]:
        del often[key]
    free: dict[float, str] = {}
    for letter in starts or LETTERS:
        taken = sum(
            probability
            for key, probability in often.items()
            if "]-" in key and letter in (key.partition("]-")[2] or LETTERS)
        )
        rest = round(1 - taken, 9)
        free[rest] = free.get(rest, "") + letter
    for probability, letters in free.items():
        if probability > 0:
            often[entry + ("" if letters == LETTERS else letters)] = probability
