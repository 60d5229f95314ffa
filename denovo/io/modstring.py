"""Peptides as spectral libraries write them: a bare sequence, and its modifications beside it."""

import re

from denovo.io.spectrum import SpectrumError

_NAME = re.compile(r"((?:n\[\d+\])?(?:[A-Z](?:\[\d+\])?)+(?:c\[\d+\])?)/\d{1,3}(?:_.*|\s.*)?")
_PROFORMA = re.compile(r"((?:\[[^\]]+\]-)?(?:[A-Z](?:\[[^\]]+\])?)+)/\d{1,3}(?:_.*|\s.*)?")
_MASS_TAG = re.compile(r"[nc]?\[\d+\]")
_LISTED = re.compile(r"(\d{1,3})((?:/[^/]+)*|(?:\([^()]+\))*)")
_ITEM = re.compile(r"(-?\d{1,3}),([^,]*),(.+)")
_SPELLINGS = {"CAM": "Carbamidomethyl", "TMT": "TMT6plex"}
_N_TERMINAL = {
    *("Acetyl", "Carbamyl", "Formyl"),
    *("Gln->pyro-Glu", "Glu->pyro-Glu", "Pyro-carbamidomethyl", "Pyro-glu", "Pyro_glu"),
}


def peptide_of(name: str, listed: str | None) -> str | None:
    """Put the modifications that a library lists beside a peptide into it.

    ``Mods=2/0,A,Acetyl/6,C,CAM`` and ``Mods=1(6,C,CAM)`` give position from 0, amino acid and name.
    Acetyl and the like at position 0, and anything at position -1 or of amino acid ``n``, belong to
    the N-terminus. Names that UNIMOD does not know are kept, for the alphabet to refuse.

    Parameters
    ----------
    name : str
        Name of the entry, ``"AAPCK/2"`` and whatever follows; ProForma is also understood.
    listed : str or None
        Value of ``Mods=``, None where there is none.

    Returns
    -------
    str or None
        Peptide in ProForma; None if the name is no peptide.

    Raises
    ------
    SpectrumError
        If the modifications cannot be understood, or do not fit the peptide.
    """
    match = _NAME.fullmatch(name)
    if not match:
        written = _PROFORMA.fullmatch(name)
        return written[1] if written else None
    sequence = _MASS_TAG.sub("", match[1])
    if listed is None:
        if sequence != match[1]:
            raise SpectrumError(f"{name} has masses in brackets but no Mods= that names them")
        return sequence
    return _modified(sequence, listed)


def _modified(sequence: str, listed: str) -> str:
    head, tags = "", [""] * len(sequence)
    for position, letter, name in _items(listed):
        if position == -1 or letter == "n" or (position == 0 and _is_n_terminal(name, letter)):
            head += f"[{name}]"
        elif 0 <= position < len(sequence) and letter == sequence[position]:
            tags[position] += f"[{name}]"
        else:
            raise SpectrumError(f"Mods={listed} does not fit the peptide {sequence}")
    residues = "".join(letter + tag for letter, tag in zip(sequence, tags, strict=True))
    return f"{head}-{residues}" if head else residues


def _items(listed: str) -> list[tuple[int, str, str]]:
    whole = _LISTED.fullmatch(listed)
    texts = re.findall(r"[^/()]+", whole[2]) if whole else []
    items = [_ITEM.fullmatch(text) for text in texts]
    if not whole or int(whole[1]) != len(items) or not all(items):
        raise SpectrumError(f"Mods={listed} cannot be understood, expected such as 1/4,C,CAM")
    return [(int(m[1]), m[2], _SPELLINGS.get(m[3], m[3])) for m in items if m]


def _is_n_terminal(name: str, letter: str) -> bool:
    is_label = name.startswith(("TMT", "iTRAQ")) and letter != "K"
    return name in _N_TERMINAL or is_label
