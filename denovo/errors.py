"""The one error that means: the input is at fault, not the program; and what may fail quietly."""

import difflib
import logging
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class InputError(ValueError):
    """A fault in what the user gave: a file, an entry, a setting.

    The message is one sentence that names the file, line or spectrum, what was expected and what
    to do. Entry points print it without a traceback and exit with a non-zero status.
    """


class UnreadablePeptideError(InputError):
    """A text that should be a peptide is in no notation that is understood."""


@contextmanager
def best_effort(what: str) -> Iterator[None]:
    """Do something that a run can do without: a failure is logged in one line, and the run goes on.

    For pictures and reports alone. Hours of training are not to end in a traceback because a font
    is missing or the disk is full.

    Parameters
    ----------
    what : str
        What the log calls it, such as ``"the report"``.
    """
    try:
        yield
    except Exception as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        log.warning("%s could not be made, training is not affected: %s", what, cause)
        log.debug("%s failed", what, exc_info=True)


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
