"""Access to local and remote files through fsspec."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from denovo.errors import InputError


def exists(path: str | Path) -> bool:
    """Return whether a local or remote file exists."""
    filesystem, inner = url_to_fs(str(path))
    return bool(filesystem.exists(inner))


def remove(path: str | Path) -> None:
    """Remove a local or remote file if it exists."""
    filesystem, inner = url_to_fs(str(path))
    if filesystem.exists(inner):
        filesystem.rm(inner)


@contextmanager
def local_copy(path: str | Path) -> Iterator[Path]:
    """Yield a local path of a file that may be remote; a copy exists only within the block.

    Parameters
    ----------
    path : str or Path
        A local path, or an address such as ``s3://bucket/best.ckpt``.

    Yields
    ------
    Path
        The local file itself, which need not exist, or a copy with the same name.

    Raises
    ------
    InputError
        If the address has no such file, or fsspec cannot reach it.
    """
    try:
        filesystem, inner = url_to_fs(str(path))
        if isinstance(filesystem, LocalFileSystem):
            yield Path(inner)
            return
        with TemporaryDirectory() as folder:
            copy = Path(folder) / Path(inner).name
            filesystem.get_file(inner, str(copy))
            yield copy
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}; check the address") from error
    except (ImportError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be reached: {error}") from error
