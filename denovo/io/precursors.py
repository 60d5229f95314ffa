"""Which ion a spectrum comes from, how it was fragmented, and which analyzer measured it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from denovo.io.spectrum import HIGHEST_MZ, LOWEST_MZ, SpectrumError, number, number_if_any

MAX_DDA_WINDOW = 5.0
"""Th. Data-dependent acquisition isolates one precursor in 0.4 to 4 Th, data-independent
acquisition all that lies in 5 Th or more, or in several windows at a time."""
_SAME_MZ = 0.01
"""Th, within which two figures for an m/z are the same one, rounded."""
_ACTIVATIONS = {
    **{"ethcd": "EThcD", "etcid": "ETciD", "electron transfer": "ETD", "etd": "ETD"},
    **{"beam-type": "HCD", "higher energy": "HCD", "higher-energy": "HCD", "hcd": "HCD"},
    **{"electron capture": "ECD", "ecd": "ECD", "electron activated": "EAD", "ead": "EAD"},
    **{"ultraviolet": "UVPD", "uvpd": "UVPD", "infrared": "IRMPD", "irmpd": "IRMPD"},
    **{"photodissociation": "UVPD", "pulsed q": "PQD", "pqd": "PQD"},
    **{"surface-induced": "other", "collision-induced": "CID", "collisionally activated": "CID"},
    **{"cid": "CID", "dissociation": "other", "decay": "other"},
}
"""Short name by the first of these words that stands in the name of an activation."""
_WITH_ETD = {"HCD": "EThcD", "CID": "ETciD"}
_ANALYZERS = {
    **{"itms": "ion trap", "ion trap": "ion trap", "ftms": "FT", "orbitrap": "FT"},
    **{"cyclotron": "FT", "tofms": "TOF", "astms": "TOF", "time-of-flight": "TOF", "tof": "TOF"},
}


class Ion(NamedTuple):
    """An ion as a file states it.

    Parameters
    ----------
    mz : float or None
        m/z in Th as it stands there, which may be 0; None where there is none.
    charges : tuple of int
        The charges that it may have, none where none is stated.
    """

    mz: float | None = None
    charges: tuple[int, ...] = ()


class Isolated(NamedTuple):
    """What was isolated in one window.

    Parameters
    ----------
    ions : tuple of Ion
        The ions that were selected.
    target : float or None
        m/z that the instrument aimed at, in Th.
    centre : float or None
        Middle of the window in Th, where it is not ``target``.
    width : float
        Of the window in Th; 0 where it is not stated.
    """

    ions: tuple[Ion, ...] = ()
    target: float | None = None
    centre: float | None = None
    width: float = 0.0


def precursor_of(windows: Sequence[Isolated]) -> tuple[Ion, str]:
    """Choose the ion that a spectrum is read as.

    It is the first with an m/z that can be one; where no ion of a window has any, the target of the
    window with the charges that are stated. Ions of the same m/z are one of several charges.

    Parameters
    ----------
    windows : sequence of Isolated
        In the order of the file.

    Returns
    -------
    ion : Ion
        Of no m/z, or of one that is out of range, where the file has nothing better.
    note : str
        What to note of ions that were not isolated alone or have no m/z of their own; empty for the
        others.

    Raises
    ------
    SpectrumError
        If the windows are wider than `MAX_DDA_WINDOW` together, and the file states no charge and
        no other m/z than the middle of a window: many ions lie in there, and any may be meant.
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
    """Read the precursor m/z of an entry of a library, which several fields may give.

    Parameters
    ----------
    texts : iterable of str or None
        The fields, the best first.

    Returns
    -------
    float or None
        In Th, of the first field that holds one that can be; otherwise of the first field, which
        may be out of range; None where no field is there.

    Raises
    ------
    SpectrumError
        If the first field is no number and no other holds an m/z.
    """
    stated = [text for text in texts if text]
    good = [text for text in stated if _is_possible(Ion(number_if_any(text)))]
    return number(next(iter(good + stated), None), "the precursor m/z")


def activation_of(names: Iterable[str]) -> str:
    """Shorten the names of the activation of a precursor.

    Parameters
    ----------
    names : iterable of str
        Names of the PSI-MS vocabulary, or short ones: ``beam-type collision-induced dissociation``,
        ``HCD``, ``ETD+SA``.

    Returns
    -------
    str
        ``HCD``, ``CID``, ``ETD``, ``EThcD``, ``ETciD``, ``ECD``, ``EAD``, ``UVPD``, ``IRMPD``,
        ``PQD`` or ``other``; empty where none is stated.
    """
    shortened = (_first_in(name, _ACTIVATIONS) for name in names)
    found = dict.fromkeys(name for name in shortened if name)
    if "ETD" in found:
        return next((_WITH_ETD[name] for name in found if name in _WITH_ETD), "ETD")
    return next(iter(found), "")


def analyzer_of(filter_line: str, names: Iterable[str] = ()) -> str:
    """Tell the mass analyzer of a scan.

    Parameters
    ----------
    filter_line : str
        As Thermo instruments write it: ``ITMS + c NSI d Full ms2 ...``; empty where there is none.
    names : iterable of str
        Names of the analyzers of the instrument in the order of the ion path, of which the last
        counts where the filter says nothing.

    Returns
    -------
    str
        ``ion trap``, ``FT`` (Orbitrap or ion cyclotron), ``TOF``; empty where it is none of these
        or not stated.
    """
    found = [short for name in names if (short := _first_in(name, _ANALYZERS))]
    return _first_in(filter_line.partition(" ")[0], _ANALYZERS) or (found[-1] if found else "")


def _first_in(name: str, words: dict[str, str]) -> str:
    return next((short for word, short in words.items() if word in name.lower()), "")
