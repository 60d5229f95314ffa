"""Parser of the peptides of spectral libraries: a sequence, and a list of its modifications."""

import re
from collections.abc import Sequence

import numpy as np

from denovo.chemistry import PROTON_MASS, WATER_MASS, Da, unimod
from denovo.chemistry.pyteomics_mass import mass
from denovo.io.spectrum import SpectrumError, number_if_any
from denovo.typing import Float64, ndarray

Peaks = tuple[Float64[ndarray, " peak"], Float64[ndarray, " peak"]]

_NAME = re.compile(r"((?:n\[\d+\])?(?:[A-Z](?:\[\d+\])?)+(?:c\[\d+\])?)/\d{1,3}(?:_.*|\s.*)?")
_PROFORMA = re.compile(r"((?:\[[^\]]+\]-)?(?:[A-Z](?:\[[^\]]+\])?)+)/\d{1,3}(?:_.*|\s.*)?")
_MASS_TAG = re.compile(r"[nc]?\[\d+\]")
_LISTED = re.compile(r"(\d{1,3})((?:/[^/]+)*|(?:\([^()]+\))*)")
_ITEM = re.compile(r"(-?\d{1,3}),([^,]*),(.+)")
_NUMBER = re.compile(r"\d+\.\d+")
_SPELLINGS = {"CAM": "Carbamidomethyl", "TMT": "TMT6plex"}
_N_TERMINAL = {
    *("Acetyl", "Carbamyl", "Formyl"),
    *("Gln->pyro-Glu", "Glu->pyro-Glu", "Pyro-carbamidomethyl", "Pyro-glu", "Pyro_glu"),
}
_TOLERANCE = Da(0.02)
_MIN_RATIO = 2.0
"""Smallest ratio of explained intensities at which the peaks decide between two readings."""

_Item = tuple[int, str, str]
_Reading = tuple[tuple[str, ...], ...]
"""Names of the modifications at the N-terminus, at each residue and at the C-terminus."""


def peptide_of(name: str, listed: str | None, peaks: Peaks | None = None) -> str | None:
    """Return the peptide of an entry in ProForma, with its listed modifications; None without one.

    ``name`` is ``AAPCK/2`` and any text, or ProForma. ``listed`` is the value of ``Mods=``,
    ``2/0,A,Acetyl/6,C,CAM`` or ``1(6,C,CAM)``: position, amino acid and name. Without it, masses in
    the name are kept. Most libraries count positions from 0, MS2PIP up to 4.1 from 1: the reading
    with the amino acids of the peptide counts. If both have them, masses in the name decide
    (``AC[160]K``), then ``peaks`` (m/z, ascending, and intensity). Acetyl and similar
    modifications at position 0, and those of amino acid ``n``, belong to the N-terminus. Names that
    UNIMOD does not know are kept, so that the alphabet refuses them.

    A `SpectrumError` reports modifications that cannot be read, do not fit the peptide, or fit in
    two ways between which the peaks do not decide.
    """
    match = _NAME.fullmatch(name)
    if not match:
        written = _PROFORMA.fullmatch(name)
        return written[1] if written else None
    sequence = _MASS_TAG.sub("", match[1])
    if listed is None:
        return match[1]
    items = _items(listed)
    found = dict.fromkeys(
        reading for first in (0, 1) if (reading := _read(sequence, items, first)) is not None
    )
    readings = list(found)
    if not readings:
        raise SpectrumError(f"Mods={listed} does not fit the peptide {sequence}")
    if len(readings) > 1 and sequence != match[1]:
        places = _places(match[1])
        readings = [r for r in readings if [bool(names) for names in r] == places] or readings
    chosen = readings[0] if len(readings) == 1 else _by_peaks(sequence, readings, peaks)
    if chosen is None:
        raise SpectrumError(
            f"Mods={listed} fits the peptide {sequence} counted from 0 and from 1, and the peaks "
            "do not decide between them; write the peptide in ProForma"
        )
    return _written(sequence, chosen)


def _items(listed: str) -> list[_Item]:
    whole = _LISTED.fullmatch(listed)
    texts = re.findall(r"[^/()]+", whole[2]) if whole else []
    items = [_ITEM.fullmatch(text) for text in texts]
    if not whole or int(whole[1]) != len(items) or not all(items):
        raise SpectrumError(
            f"Mods={listed} cannot be understood; expected a list such as 1/4,C,CAM"
        )
    return [(int(m[1]), m[2], _name(m[3])) for m in items if m]


def _name(text: str) -> str:
    # MS2PIP writes a modification without a name as its mass shift, without a sign.
    return f"+{text}" if _NUMBER.fullmatch(text) else _SPELLINGS.get(text, text)


def _read(sequence: str, items: list[_Item], first: int) -> _Reading | None:
    """Place the modifications, the first residue counted as 0 or 1; None if they do not fit."""
    names: list[list[str]] = [[] for _ in ("", *sequence, "")]
    for position, letter, name in items:
        place = _place(sequence, position, letter, name, first)
        if place is None:
            return None
        names[place].append(name)
    return tuple(map(tuple, names))


def _place(sequence: str, position: int, letter: str, name: str, first: int) -> int | None:
    """Return the place in a reading, 0 for the N-terminus; None if there is none."""
    if letter == "n" or (position == 0 and _is_n_terminal(name, letter)):
        return 0
    if position == -1:
        # This is the N-terminus in SpectraST and the C-terminus in MS2PIP.
        is_start = letter == sequence[0] and (letter != sequence[-1] or name in _N_TERMINAL)
        return 0 if is_start else len(sequence) + 1 if letter in ("c", sequence[-1]) else None
    place = position - first
    is_there = 0 <= place < len(sequence) and letter == sequence[place]
    return place + 1 if is_there else None


def _is_n_terminal(name: str, letter: str) -> bool:
    is_label = name.startswith(("TMT", "iTRAQ")) and letter != "K"
    return name in _N_TERMINAL or is_label


def _places(name: str) -> list[bool]:
    """Return whether the name has a mass at each place of a reading."""
    residues = re.findall(r"[A-Z](\[\d+\])?", name)
    return [name.startswith("n["), *map(bool, residues), "c[" in name]


def _written(sequence: str, reading: _Reading) -> str:
    head, *tags, tail = ("".join(f"[{name}]" for name in names) for names in reading)
    residues = "".join(letter + tag for letter, tag in zip(sequence, tags, strict=True))
    return (f"{head}-" if head else "") + residues + (f"-{tail}" if tail else "")


def _by_peaks(sequence: str, readings: Sequence[_Reading], peaks: Peaks | None) -> _Reading | None:
    """Choose the reading whose b and y ions explain clearly more intensity; None without one."""
    ions = [ions for reading in readings if (ions := _ions(sequence, reading)) is not None]
    if peaks is None or len(ions) < 2:
        return None
    is_different = abs(ions[0] - ions[1]) > _TOLERANCE.value
    zero, one = (_explained(each[is_different], peaks) for each in ions)
    if max(zero, one) <= _MIN_RATIO * min(zero, one):
        return None
    return readings[int(one > zero)]


def _ions(sequence: str, reading: _Reading) -> Float64[ndarray, " ion"] | None:
    """Compute the singly charged b and y ions; None if a mass is unknown."""
    shifts = [[_mass(name) for name in names] for names in reading]
    residues = [[mass.std_aa_mass.get(letter)] for letter in ("", *sequence, "")]
    residues[0] = residues[-1] = [0.0]
    parts = [own + more for own, more in zip(residues, shifts, strict=True)]
    if any(value is None for part in parts for value in part):
        return None
    weights = np.array([sum(value or 0.0 for value in part) for part in parts])
    prefix = weights[:-2].cumsum()[1:]
    return np.concatenate([prefix, weights.sum() - prefix + WATER_MASS]) + PROTON_MASS


def _mass(name: str) -> float | None:
    known = unimod().find(name)
    return known.mass if known else number_if_any(name)


def _explained(ions: Float64[ndarray, " ion"], peaks: Peaks) -> float:
    """Sum the intensity of the peaks that match one of the ions."""
    mz, intensity = peaks
    is_ion = (abs(mz[:, None] - ions) <= _TOLERANCE.value).any(axis=1)
    return float(intensity[is_ion].sum())
