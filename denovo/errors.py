"""Errors of the input, their messages at entry points, and checks of values."""

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
    """A peptide is written in an unknown notation."""


class Stopped(SystemExit):
    """A signal ends the process, with status 128 plus the number of the signal.

    Parameters
    ----------
    signum : int
        The signal.
    hint : str
        State of the files and how to continue, without a full stop.
    """

    def __init__(self, signum: int, hint: str = "") -> None:
        super().__init__(128 + signum)
        self.signum, self.hint = signal.Signals(signum), hint

    @property
    def sentence(self) -> str:
        """Message for the user."""
        return f"stopped by {self.signum.name}" + (f": {self.hint}" if self.hint else "")


_CONFIGURATION = {"hydra.errors.HydraException", "omegaconf.errors.OmegaConfBaseException"}


def message_of(error: BaseException) -> str | None:
    """Describe an error of the input in one sentence.

    Parameters
    ----------
    error : BaseException
        Error that ended a run.

    Returns
    -------
    str or None
        None for a fault of the program, which needs its traceback. Errors of the input are
        `InputError`, configuration errors, a disk that is full or cannot be written, and memory
        that does not suffice.
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
    """Name the device whose memory is exhausted according to an error or its cause, or nothing."""
    while error is not None:
        if "torch.OutOfMemoryError" in _names_of_types(error):
            return "the GPU"
        # PyTorch has no type of error for its own allocations on the CPU.
        if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
            return "this computer"
        error = error.__cause__
    return ""


@contextmanager
def exit_with_message() -> Iterator[None]:
    """Turn errors of the input into one sentence on standard error and exit status 1.

    `Stopped` becomes its sentence and its status. An error without a sentence of `message_of` is a
    fault of the program and keeps its traceback.
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
    """Log a failure of the block in one line, and continue.

    Only for pictures and reports: hours of training must not end in a traceback because a font is
    missing or the disk is full.

    Parameters
    ----------
    what : str
        Product of the block in the log, such as ``"the report"``.
    """
    try:
        yield
    except Exception as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        log.warning("%s could not be made, training is not affected: %s", what, cause)
        log.debug("%s failed", what, exc_info=True)


def check_names(names: Iterable[str], known: Iterable[str], where: str, what: str) -> None:
    """Refuse unknown names.

    Parameters
    ----------
    names : iterable of str
        Names that were given.
    known : iterable of str
        Names that exist.
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
        Name of the value, for the message.
    value : object
        Value that was given.

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
        Name of the value, for the message.
    value : object
        Value that was given.
    minimum : int
        Smallest number that is accepted.

    Raises
    ------
    InputError
        If it is smaller, or not a number.
    """
    if not isinstance(value, int | float) or not value >= minimum:
        raise InputError(f"{name} must be at least {minimum}, got {value}")
