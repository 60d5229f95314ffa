"""Faults of the input and what entry points make of them, and what may fail quietly."""

import difflib
import logging
import math
import signal
import sys
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


class Stopped(SystemExit):
    """A signal asked for the end; the status is 128 and the number of the signal.

    Parameters
    ----------
    signum : int
        The signal.
    hint : str
        What was saved and how to go on, without a full stop.
    """

    def __init__(self, signum: int, hint: str = "") -> None:
        super().__init__(128 + signum)
        self.signum, self.hint = signal.Signals(signum), hint

    @property
    def sentence(self) -> str:
        """What to tell the user."""
        return f"stopped by {self.signum.name}" + (f": {self.hint}" if self.hint else "")


_CONFIGURATION = {"hydra.errors.HydraException", "omegaconf.errors.OmegaConfBaseException"}


def message_of(error: BaseException) -> str | None:
    """Say in one sentence what is wrong with the input.

    Parameters
    ----------
    error : BaseException
        What ended a run.

    Returns
    -------
    str or None
        None for a fault of the program, whose traceback is worth more than a sentence. Faults of
        the input are `InputError`, configuration errors, a disk that is full or cannot be written,
        and memory that does not suffice.
    """
    kinds = _names_of_types(error)
    if isinstance(error, InputError):
        message = str(error)
    elif memory := _exhausted_memory(error):
        message = (
            f"the memory of {memory} does not suffice; give a smaller batch size (--batch-size, or "
            "size.batch_size= and data.eval_batch_size= in training)"
        )
    elif "hydra.errors.InstantiationException" in kinds:
        return None
    elif kinds & _CONFIGURATION:
        message = str(error).splitlines()[0]
    elif isinstance(error, OSError) and (error.filename or error.errno):
        message = f"{error.filename or 'the output'}: {error.strerror}; check space and permissions"
    else:
        return None
    return " ".join(message.split())


def _names_of_types(error: BaseException) -> set[str]:
    # By name: importing torch and Hydra to compare with their types takes seconds.
    return {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}


def _exhausted_memory(error: BaseException | None) -> str:
    """Name the device that an error, or its cause, says has no memory left; else nothing."""
    while error is not None:
        if "torch.OutOfMemoryError" in _names_of_types(error):
            return "the GPU"
        # What PyTorch raises for its own allocations on the CPU has no type of its own.
        if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
            return "this computer"
        error = error.__cause__
    return ""


@contextmanager
def exit_with_message() -> Iterator[None]:
    """Turn faults of the input into one sentence on standard error and exit status 1.

    A job that a signal has stopped says so, and ends with 128 and the number of the signal. What
    `message_of` has no sentence for is a fault of the program and keeps its traceback.
    """
    try:
        yield
    except Stopped as stopped:
        sys.stderr.write(f"{stopped.sentence}\n")
        raise SystemExit(stopped.code) from None
    except Exception as error:
        message = message_of(error)
        if message is None:
            raise
    else:
        return
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(1)


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


def check_at_least(name: str, value: object, minimum: int) -> None:
    """Refuse a number below a minimum.

    Parameters
    ----------
    name : str
        What it is called, for the message.
    value : object
        What was given.
    minimum : int
        Smallest number that is accepted.

    Raises
    ------
    InputError
        If it is smaller, or no number.
    """
    if not isinstance(value, int | float) or not value >= minimum:
        raise InputError(f"{name} must be at least {minimum}, got {value}")
