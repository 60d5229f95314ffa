"""Read peptides in ProForma and in the spellings of other sequencers."""

import re
from typing import Any

from pyteomics import proforma

from denovo.chemistry.residues import Modification, ResidueAlphabet
from denovo.errors import InputError

_SHIFT = r"[+-]\d*\.?\d+"
_BRACKETS_OR_SHIFT = re.compile(rf"(\[[^\]]*\])|({_SHIFT})")
_N_TERMINAL_SHIFT = re.compile(r"^((?:\[[^\]]+\])+)(?=[A-Z])")
_TAG = re.compile(r"\[([^\]]+)\]")
_UNSUPPORTED = {
    "c_term": "a modification of the C-terminus",
    "unlocalized_modifications": "a modification of unknown position",
    "labile_modifications": "a labile modification",
    "fixed_modifications": "a modification of every residue of a kind",
    "isotopes": "an isotope label",
    "intervals": "a range in parentheses",
    "group_ids": "a cross-link or an ambiguous position",
}


def parse_peptide(text: str, alphabet: ResidueAlphabet) -> list[str]:
    """Split a peptide into the residues of an alphabet.

    Parameters
    ----------
    text : str
        ProForma (``"[Acetyl]-PEM[Oxidation]K"``), with modifications by accession, name or mass,
        also without brackets (``"+42.011PEM+15.995K"``). A charge (``/2``) is ignored.
    alphabet : ResidueAlphabet
        What the result is written in.

    Returns
    -------
    list of str
        Names of the alphabet's entries, N-terminal modifications first.

    Raises
    ------
    InputError
        If the text is no peptide, or uses a residue or modification outside the alphabet.
    """
    residues, tags = _parse(text)
    names = [_n_terminal_name(tag, text, alphabet) for tag in tags]
    return names + [_residue_name(letter, tag, text, alphabet) for letter, tag in residues]


def bare_sequence(peptide: str) -> str:
    """Strip modifications and charge from a peptide.

    Examples
    --------
    >>> bare_sequence("[UNIMOD:1]-PEM[UNIMOD:35]K/2")
    'PEMK'
    """
    return re.sub(rf"\[[^\]]*\]-?|/\d+$|{_SHIFT}", "", peptide)


def with_mass_shifts(peptide: str, alphabet: ResidueAlphabet) -> str:
    """Write modifications as mass shifts, which other libraries read without any database.

    Parameters
    ----------
    peptide : str
        ProForma text; every modification must be one of the alphabet.
    alphabet : ResidueAlphabet
        Gives their masses.

    Returns
    -------
    str
        Such as ``"[+42.010565]-PEM[+15.994915]K"``.

    Raises
    ------
    InputError
        If a modification is not in the alphabet.
    """

    def shift(match: re.Match[str]) -> str:
        modification = alphabet.find_modification(match.group(1))
        if modification is None:
            raise InputError(
                f"peptide {peptide!r}: modification {match.group()} is not in the alphabet "
                f"{alphabet.name!r}"
            )
        return f"[{modification.mass:+.6f}]"

    return _TAG.sub(shift, peptide)


def _parse(text: str) -> tuple[list[tuple[str, list[str]]], list[str]]:
    spelled = _BRACKETS_OR_SHIFT.sub(lambda m: m[1] or f"[{m[2]}]", text.strip())
    spelled = _N_TERMINAL_SHIFT.sub(r"\1-", spelled)
    if not spelled:
        raise InputError("the peptide is empty; expected ProForma such as PEPTM[UNIMOD:35]IDE")
    try:
        residues, properties = proforma.parse(spelled)
    except Exception as error:  # On bad text its state machine trips over errors of every type.
        detail = error.args[0] if isinstance(error, proforma.ProFormaError) else "it cannot be read"
        raise InputError(f"peptide {text!r} is not valid ProForma: {detail}") from error
    _refuse_unsupported(text, spelled, properties)
    if not residues:
        raise InputError(f"peptide {text!r} has no residues")
    n_terminal = [_tag_text(tag) for tag in properties.get("n_term") or []]
    return [(aa, [_tag_text(t) for t in tags or []]) for aa, tags in residues], n_terminal


def _refuse_unsupported(text: str, spelled: str, properties: dict[str, Any]) -> None:
    found = [words for key, words in _UNSUPPORTED.items() if properties.get(key)]
    if getattr(properties.get("charge_state"), "adducts", None):
        found.append("a charge carrier other than protons")
    if "[]" in spelled:
        found.append("an empty modification")
    if found:
        raise InputError(
            f"peptide {text!r} has {found[0]}, which is not supported; "
            "write each modification behind its residue or before the N-terminus"
        )


def _tag_text(tag: object) -> str:
    return str(tag).strip("[]")


def _residue_name(letter: str, tags: list[str], text: str, alphabet: ResidueAlphabet) -> str:
    if len(tags) > 1:
        raise InputError(
            f"peptide {text!r}: {letter} carries {len(tags)} modifications, expected one"
        )
    if not tags:
        name = alphabet.implied.get(letter, letter)
    else:
        modification = _modification(tags[0], text, alphabet)
        name = f"{letter}[{modification.accession}]"
    if name not in alphabet.by_name:
        raise InputError(
            f"peptide {text!r}: residue {name} is not in the alphabet {alphabet.name!r}; "
            "choose another (residues=common) or add it as in modify=Phospho@STY:0.15"
        )
    return name


def _n_terminal_name(tag: str, text: str, alphabet: ResidueAlphabet) -> str:
    name = f"[{_modification(tag, text, alphabet).accession}]-"
    if name not in alphabet.by_name:
        raise InputError(
            f"peptide {text!r}: N-terminal {name} is not in the alphabet {alphabet.name!r}; "
            "add it as in modify=Acetyl@N-term:0.02"
        )
    return name


def _modification(tag: str, text: str, alphabet: ResidueAlphabet) -> Modification:
    modification = alphabet.find_modification(tag)
    if modification is None:
        raise InputError(
            f"peptide {text!r}: modification [{tag}] is not in the alphabet {alphabet.name!r}; "
            "choose another (residues=common) or add it as in modify=Phospho@STY:0.15"
        )
    return modification
