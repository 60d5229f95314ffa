"""Loops over arrays that numba compiles to machine code.

Numba takes as long to load as NumPy three times over: modules with kernels are imported where they
are first used.
"""

from collections.abc import Callable
from inspect import unwrap
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def kernel(function: _Function) -> _Function:
    """Compile a function of arrays and numbers at its first call, to run in one thread.

    The machine code is kept for later runs beside the source, or in the user's cache folder where
    that cannot be written.
    """
    return _compiled(function)


def summing_kernel(function: _Function) -> _Function:
    """Compile a function as `kernel` does; its sums may be formed in any order.

    Processors that add several numbers at once need this; the result depends on how many they are.
    """
    return _compiled(function, fastmath={"reassoc", "nsz", "contract"})


def _compiled(function: _Function, **options: Any) -> _Function:
    plain = unwrap(function)  # the checks of shapes in tests cannot be compiled
    try:
        return cast(_Function, njit(nogil=True, cache=True, **options)(plain))
    except RuntimeError:  # neither folder can be written
        return cast(_Function, njit(nogil=True, **options)(plain))


def machine_code_folder(compiled: Any) -> Path | None:
    """Return the folder that keeps the machine code of a kernel; None if each process makes it."""
    folder = compiled.stats.cache_path
    return None if folder is None else Path(folder)
