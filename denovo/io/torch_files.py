"""Check the files that `torch.save` writes before they are read."""

import struct
import zipfile
import zlib
from pathlib import Path

from denovo.errors import InputError


def check_torch_file(path: str | Path) -> None:
    """Compare a file with the sizes and checksums that it states; torch itself does not.

    Parameters
    ----------
    path : str or Path
        A file that `torch.save` wrote: a zip archive whose entries are not compressed.

    Raises
    ------
    InputError
        If it is something else, is damaged, or would be larger when it is unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            is_ours = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
            # Entries that overlap unpack to more than there is.
            if not is_ours or sum(e.file_size for e in entries) > Path(path).stat().st_size:
                raise InputError(
                    f"{path} is refused: it is packed in a way that torch never writes, and would "
                    "be larger when it is unpacked"
                )
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError) as error:
        raise InputError(f"{path} is no checkpoint, or is damaged") from error
    except (RuntimeError, OSError, OverflowError, UnicodeError) as error:
        raise InputError(f"{path} is no checkpoint, or cannot be read: {error}") from error
    if damaged is not None:
        raise InputError(
            f"{path} is damaged: its entry {damaged} does not agree with its checksum; copy the "
            "file again, or take an earlier checkpoint"
        )
