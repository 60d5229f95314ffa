"""The one error that means: the input is at fault, not the program; and what may fail quietly."""

import logging
from collections.abc import Iterator
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
def spared(what: str) -> Iterator[None]:
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
