"""Checks of what the user gave that many constructors share."""

import difflib
import math
from collections.abc import Iterable

from denovo.errors import InputError


def check_names(names: Iterable[str], known: Iterable[str], where: str, what: str) -> None:
    """Refuse names that nothing reads.

    Parameters
    ----------
    names : iterable of str
        What was given.
    known : iterable of str
        What there is.
    where, what : str
        Place and kind of the names, for the message.

    Raises
    ------
    InputError
        With the closest known name, if there is one.
    """
    known = list(known)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            raise InputError(f"{where}: unknown {what} {name!r}; {hint}")


def check_positive(name: str, value: object) -> float:
    """Read a positive finite number.

    Parameters
    ----------
    name : str
        What it is called, for the message.
    value : object
        What was given.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
        return float(value)
    raise InputError(f"{name} must be positive, got {value}")
