"""Precursor ion, activation and mass analyzer of a spectrum, from the statements of a file."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from denovo.io.spectrum import HIGHEST_MZ, LOWEST_MZ, SpectrumError, number, number_if_any

MAX_DDA_WINDOW = 5.0
"""Largest isolation window of data-dependent acquisition in Th: it isolates one precursor in 0.4 to
4 Th, data-independent acquisition all ions in 5 Th or more, or in several windows."""
_SAME_MZ = 0.01
"""Largest difference in Th between roundings of one m/z."""
_ACTIVATIONS = {
    **{"ethcd": "EThcD", "etcid": "ETciD", "electron transfer": "ETD", "etd": "ETD"},
    **{"beam-type": "HCD", "higher energy": "HCD", "higher-energy": "HCD", "hcd": "HCD"},
    **{"electron capture": "ECD", "ecd": "ECD", "electron activated": "EAD", "ead": "EAD"},
    **{"ultraviolet": "UVPD", "uvpd": "UVPD", "infrared": "IRMPD", "irmpd": "IRMPD"},
    **{"photodissociation": "UVPD", "pulsed q": "PQD", "pqd": "PQD"},
    **{"surface-induced": "other", "collision-induced": "CID", "collisionally activated": "CID"},
    **{"cid": "CID", "dissociation": "other", "decay": "other"},
}
"""Short name by a word in the name of an activation; the first match counts."""
_WITH_ETD = {"HCD": "EThcD", "CID": "ETciD"}
_ANALYZERS = {
    **{"itms": "ion trap", "ion trap": "ion trap", "ftms": "FT", "orbitrap": "FT"},
    **{"cyclotron": "FT", "tofms": "TOF", "astms": "TOF", "time-of-flight": "TOF", "tof": "TOF"},
}


class Ion(NamedTuple):
    """An ion: m/z in Th as stated, which may be 0 or None, and its stated charges."""

    mz: float | None = None
    charges: tuple[int, ...] = ()


class Isolated(NamedTuple):
    """An isolation window: selected ions, and target, centre and width in Th (0 if not stated)."""

    ions: tuple[Ion, ...] = ()
    target: float | None = None
    centre: float | None = None
    width: float = 0.0


def precursor_of(windows: Sequence[Isolated]) -> tuple[Ion, str]:
    """Choose the precursor ion among the isolation windows, with a note about the choice.

    It is the first ion with a possible m/z; in a window without one, the target with the stated
    charges. Ions of the same m/z are one ion with several charges. The m/z is None or out of range
    if the file has no better one. The note reports ions that were not isolated alone or have no
    m/z of their own.

    A `SpectrumError` reports windows that are wider than `MAX_DDA_WINDOW` together, where the file
    states no charge and no other m/z than the middle of a window: any ion in it may be meant.
    """
    ions = [(ion, window) for window in windows for ion in _ions_of(window)]
    if not ions:
        return Ion(), ""
    (first, own), *_ = ions
    same = [ion for ion, _ in ions if _is_near(ion.mz, first.mz)]
    charges = tuple(dict.fromkeys(charge for ion in same for charge in ion.charges))
    width = sum(window.width for window in windows)
    note = ""
    if width > MAX_DDA_WINDOW:
        if not charges and (_is_near(first.mz, own.target) or _is_near(first.mz, own.centre)):
            raise SpectrumError(
                f"its precursor is known only as a window of {width:g} Th, as data-independent "
                "acquisition isolates; such spectra are not sequenced"
            )
        note = f"isolated in a wide window, which may hold other peptides ({width:g} Th)"
    elif not any(map(_is_possible, own.ions)) and _is_possible(first):
        note = "read at the target of its isolation window (the file states no m/z of an ion)"
    elif len(same) < len(ions):
        note = f"several precursors were isolated together, the first is read ({len(ions)} ions)"
    return Ion(first.mz, charges), note


def _ions_of(window: Isolated) -> Sequence[Ion]:
    good = list(filter(_is_possible, window.ions))
    if good or not window.target:
        return good or [Ion(ion.mz or None, ion.charges) for ion in window.ions[:1]]
    return [Ion(window.target, tuple(charge for ion in window.ions for charge in ion.charges))]


def _is_possible(ion: Ion) -> bool:
    return ion.mz is not None and LOWEST_MZ <= ion.mz <= HIGHEST_MZ


def _is_near(mz: float | None, other: float | None) -> bool:
    return mz == other if mz is None or other is None else abs(mz - other) <= _SAME_MZ


def precursor_mz_of(texts: Iterable[str | None]) -> float | None:
    """Read the precursor m/z of a library entry from its fields, the best first.

    The first field with a possible m/z counts, else the first field; None without any.
    """
    stated = [text for text in texts if text]
    good = [text for text in stated if _is_possible(Ion(number_if_any(text)))]
    return number(next(iter(good + stated), None), "the precursor m/z")


def activation_of(names: Iterable[str]) -> str:
    """Return the short name of an activation: HCD, CID, ETD, EThcD and so on, ``other``, or empty.

    The names are those of the PSI-MS vocabulary, or short ones such as ``ETD+SA``.
    """
    shortened = (_first_in(name, _ACTIVATIONS) for name in names)
    found = dict.fromkeys(name for name in shortened if name)
    if "ETD" in found:
        return next((_WITH_ETD[name] for name in found if name in _WITH_ETD), "ETD")
    return next(iter(found), "")


def analyzer_of(filter_line: str, names: Iterable[str] = ()) -> str:
    """Return the mass analyzer of a scan: ``ion trap``, ``FT``, ``TOF``, or empty if unknown.

    The Thermo filter line (``ITMS + c NSI d Full ms2 ...``) precedes the names of the analyzers of
    the instrument in the order of the ion path, of which the last counts.
    """
    found = [short for name in names if (short := _first_in(name, _ANALYZERS))]
    return _first_in(filter_line.partition(" ")[0], _ANALYZERS) or (found[-1] if found else "")


def _first_in(name: str, words: dict[str, str]) -> str:
    return next((short for word, short in words.items() if word in name.lower()), "")
