"""Reading of peptides in ProForma and in the notations of other programs."""

import re
from collections.abc import Callable
from typing import Any

from denovo.chemistry.mass_shifts import mass_of_tag, matching, matching_pair
from denovo.chemistry.modifications import unimod
from denovo.chemistry.notations import SHIFT, as_proforma
from denovo.chemistry.residues import Modification, ResidueAlphabet
from denovo.errors import InputError, UnreadablePeptideError

_N_TERMINAL = re.compile(r"((?:\[[^\[\]]+\])+)-(?=[A-Z])")
_BESIDE_RESIDUES = re.compile(rf"\[[^\]]*\]-?|/\d+$|{SHIFT}")
_TAG = re.compile(r"\[([^\]]+)\]")
_TAGS = re.compile(r"(?:\[[^\]]+\])+")
_PARTS = re.compile(r"\[([^\]]+)\]-|([A-Z])(?:\[([^\]]+)\])?")
_ADVICE = (
    "write modifications in brackets after their residue, as in PEM[Oxidation]K or "
    "PEM[+15.995]K, and those of the N-terminus in front, as in [Acetyl]-PEMK"
)
_SAME_MASS = 1e-6
"""Largest difference of equal masses in Da."""
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
        or one of the notations of `as_proforma` (``"+42.011PEM+15.995K"``). A charge (``/2``) is
        ignored. A mass is assigned to a modification of its site; at the first residue, it may be
        that of the N-terminus, as in PEAKS and Skyline.
    alphabet : ResidueAlphabet
        Residues of the result.

    Returns
    -------
    list of str
        Names of the alphabet's entries, N-terminal modifications first.

    Raises
    ------
    UnreadablePeptideError
        If the text is not a peptide in any supported notation.
    InputError
        If it uses a residue or modification outside the alphabet, or a mass fits several.
    """
    residues, n_terminal = _parse(text)
    letter, tags = residues[0]
    moved = [tag for tag in tags if _is_of_n_terminus(tag, letter, alphabet)]
    residues[0] = (letter, [tag for tag in tags if tag not in moved])
    names = [name for tag in n_terminal + moved for name in _n_terminal_names(tag, text, alphabet)]
    if len(names) > 1:
        names.sort(key=list(alphabet.by_name).index)
    return names + [_residue_name(letter, tag, text, alphabet) for letter, tag in residues]


def bare_sequence(peptide: str) -> str:
    """Strip modifications and charge from a peptide.

    Examples
    --------
    >>> bare_sequence("[UNIMOD:1]-PEM[UNIMOD:35]K/2")
    'PEMK'
    """
    return peptide if peptide.isalpha() else _BESIDE_RESIDUES.sub("", peptide)


def split_proforma(peptide: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Split a peptide that denovo wrote, without a check.

    Returns
    -------
    terminal : list of str
        Modifications of the N-terminus.
    residues : list of (str, str)
        Letter and modification of each residue; empty without one.

    Examples
    --------
    >>> split_proforma("[UNIMOD:1]-PM[UNIMOD:35]")
    (['UNIMOD:1'], [('P', ''), ('M', 'UNIMOD:35')])
    """
    parts = _PARTS.findall(peptide)
    terminal = [tag for tag, letter, _ in parts if not letter]
    return terminal, [(letter, tag) for _, letter, tag in parts if letter]


def with_one_terminal(peptide: str, mass_of: Callable[[str], float]) -> str:
    """Write several modifications of the N-terminus, of which other libraries keep one, as a mass.

    ``mass_of`` returns the mass of a modification in Da.
    """
    terminal, _ = split_proforma(peptide)
    if len(terminal) < 2:
        return peptide
    return f"[{sum(map(mass_of, terminal)):+.6f}]-{peptide.rpartition(']-')[2]}"


def with_mass_shifts(peptide: str, alphabet: ResidueAlphabet) -> str:
    """Write modifications as mass shifts, which other libraries read without a database.

    Parameters
    ----------
    peptide : str
        ProForma text.
    alphabet : ResidueAlphabet
        Masses of the modifications.

    Returns
    -------
    str
        Text like ``"[+42.010565]-PEM[+15.994915]K"``.

    Raises
    ------
    InputError
        If a modification is not in the alphabet.
    """
    if "[" not in peptide:
        return peptide

    def mass(tag: str) -> float:
        modification = alphabet.find_modification(tag)
        if modification is None:
            raise InputError(
                f"peptide {peptide!r}: modification [{tag}] is not in the alphabet "
                f"{alphabet.name!r}"
            )
        return modification.mass

    def shift(match: re.Match[str]) -> str:
        return f"[{sum(map(mass, _TAG.findall(match[0]))):+.6f}]"

    # Several modifications of the N-terminus are one shift to other libraries.
    return _TAGS.sub(shift, peptide.replace("]-[", "]["))


def _parse(text: str) -> tuple[list[tuple[str, list[str]]], list[str]]:
    # Imported late: it loads psims with its vocabularies, which sequencing does not need.
    from pyteomics import proforma

    spelled = as_proforma(text)
    if not spelled:
        raise UnreadablePeptideError(
            "the peptide is empty; expected ProForma such as PEPTM[UNIMOD:35]IDE"
        )
    # pyteomics keeps the last of several modifications of the N-terminus and drops the others.
    head = _N_TERMINAL.match(spelled)
    n_terminal = _TAG.findall(head[1]) if head else []
    try:
        residues, properties = proforma.parse(spelled[head.end() :] if head else spelled)
    except Exception as error:  # On bad text its state machine trips over errors of every type.
        raise UnreadablePeptideError(
            f"peptide {text!r} is not valid ProForma; {_ADVICE}"
        ) from error
    _refuse_unsupported(text, spelled, properties)
    if not residues:
        raise UnreadablePeptideError(f"peptide {text!r} has no residues; {_ADVICE}")
    n_terminal += [_tag_text(tag) for tag in properties.get("n_term") or []]
    return [(aa, [_tag_text(t) for t in tags or []]) for aa, tags in residues], n_terminal


def _refuse_unsupported(text: str, spelled: str, properties: dict[str, Any]) -> None:
    found = [words for key, words in _UNSUPPORTED.items() if properties.get(key)]
    if getattr(properties.get("charge_state"), "adducts", None):
        found.append("a charge carrier other than protons")
    if "[]" in spelled:
        found.append("an empty modification")
    # pyteomics drops a range at the end of a peptide.
    if re.search(r"[()]", _TAG.sub("", spelled)):
        found.append("a range in parentheses")
    if found:
        raise InputError(
            f"peptide {text!r} has {found[0]}, which is not supported; "
            "write each modification after its residue or before the N-terminus"
        )


def _tag_text(tag: object) -> str:
    return str(tag).strip("[]")


def _is_of_n_terminus(tag: str, letter: str, alphabet: ResidueAlphabet) -> bool:
    """Whether a mass at the first residue fits only the N-terminus."""
    written = mass_of_tag(tag)
    return (
        written is not None
        and written.is_signed
        and not matching(written, letter, alphabet)
        and bool(matching(written, "", alphabet))
    )


def _residue_name(letter: str, tags: list[str], text: str, alphabet: ResidueAlphabet) -> str:
    if len(tags) > 1:
        raise InputError(
            f"peptide {text!r}: {letter} carries {len(tags)} modifications, expected one"
        )
    if not tags:
        name = alphabet.implied.get(letter, letter)
    else:
        modification = _modification(tags[0], letter, text, alphabet)
        name = f"{letter}[{modification.accession}]"
    if name not in alphabet.by_name:
        raise InputError(
            f"peptide {text!r}: residue {name} is not in the alphabet {alphabet.name!r}; "
            "choose another (residues=common) or add it as in modify=Phospho@STY:0.15"
        )
    return name


def _n_terminal_names(tag: str, text: str, alphabet: ResidueAlphabet) -> list[str]:
    written = mass_of_tag(tag)
    if written and not matching(written, "", alphabet):
        pair = matching_pair(written, alphabet)
        if pair:
            return [f"[{modification.accession}]-" for modification in pair]
    name = f"[{_modification(tag, '', text, alphabet).accession}]-"
    if name not in alphabet.by_name:
        raise InputError(
            f"peptide {text!r}: N-terminal {name} is not in the alphabet {alphabet.name!r}; "
            "add it as in modify=Acetyl@N-term:0.02"
        )
    return [name]


def _modification(tag: str, site: str, text: str, alphabet: ResidueAlphabet) -> Modification:
    """Find a modification of an amino acid, or of the N-terminus where ``site`` is empty."""
    written = mass_of_tag(tag)
    if written:
        found = matching(written, site, alphabet)
    else:
        named = alphabet.find_modification(tag)
        found = [named] if named else _of_same_mass(tag, site, alphabet)
    if len(found) > 1:
        names = " or ".join(modification.name for modification in found)
        raise InputError(
            f"peptide {text!r}: [{tag}] may be {names}; give the mass with four decimals, or the "
            "name"
        )
    if not found:
        raise InputError(
            f"peptide {text!r}: modification [{tag}] is not in the alphabet {alphabet.name!r} for "
            f"{site or 'the N-terminus'}; choose another (residues=common) or add it as in "
            "modify=Phospho@STY:0.15"
        )
    return found[0]


def _of_same_mass(tag: str, site: str, alphabet: ResidueAlphabet) -> list[Modification]:
    """Find a modification by another UNIMOD name of the same mass, such as Deamidation."""
    known = unimod().find(tag)
    at_site = alphabet.modifications_at(site)
    return [m for m in at_site if known and abs(m.mass - known.mass) < _SAME_MASS][:1]
