"""What formats state of how a precursor was isolated and broken."""

from collections.abc import Iterable

from denovo.io.spectrum import SpectrumError

MAX_DDA_WINDOW = 5.0
"""Th. Data-dependent acquisition isolates one precursor in 0.4 to 4 Th, data-independent
acquisition all that lies in 5 Th or more."""
_ACTIVATIONS = {
    **{"ethcd": "EThcD", "etcid": "ETciD", "electron transfer": "ETD", "etd": "ETD"},
    **{"beam-type": "HCD", "higher energy": "HCD", "higher-energy": "HCD", "hcd": "HCD"},
    **{"electron capture": "ECD", "ecd": "ECD", "electron activated": "EAD", "ead": "EAD"},
    **{"ultraviolet": "UVPD", "uvpd": "UVPD", "infrared": "IRMPD", "irmpd": "IRMPD"},
    **{"photodissociation": "UVPD", "pulsed q": "PQD", "pqd": "PQD"},
    **{"collision-induced": "CID", "collisionally activated": "CID", "cid": "CID"},
}
"""Short name by the first of these words that stands in the name of an activation."""
_WITH_ETD = {"HCD": "EThcD", "CID": "ETciD"}


def require_narrow(width: float, *, is_ion_known: bool) -> str:
    """Refuse a precursor that is known only by a window in which many ions lie.

    Parameters
    ----------
    width : float
        Width of the isolation window in Th; 0 where it is not stated.
    is_ion_known : bool
        Whether the file states a charge, or an m/z that is not the centre of the window.

    Returns
    -------
    str
        A note for spectra of wide windows whose ion is known; empty for narrow ones.

    Raises
    ------
    SpectrumError
        If the window is wider than `MAX_DDA_WINDOW` and the ion is not known.
    """
    if width <= MAX_DDA_WINDOW:
        return ""
    if not is_ion_known:
        raise SpectrumError(
            f"its precursor is known only as a window of {width:g} Th, as data-independent "
            "acquisition isolates; such spectra are not sequenced"
        )
    return f"isolated in a wide window, which may hold other peptides ({width:g} Th)"


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
        ``HCD``, ``CID``, ``ETD``, ``EThcD``, ``ETciD``, ``ECD``, ``EAD``, ``UVPD``, ``IRMPD`` or
        ``PQD``; empty where none is stated.
    """
    shortened = (_short_name(name.lower()) for name in names)
    found = dict.fromkeys(name for name in shortened if name)
    if "ETD" in found:
        return next((_WITH_ETD[name] for name in found if name in _WITH_ETD), "ETD")
    return next(iter(found), "")


def _short_name(name: str) -> str:
    return next((short for word, short in _ACTIVATIONS.items() if word in name), "")
