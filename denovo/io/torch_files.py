"""Check of the files of `torch.save` before they are loaded."""

import struct
import zipfile
import zlib
from pathlib import Path

from denovo.errors import InputError


def check_torch_file(path: str | Path) -> None:
    """Compare a file with its stated sizes and checksums, which torch does not.

    Parameters
    ----------
    path : str or Path
        A file of `torch.save`: a zip archive with uncompressed entries.

    Raises
    ------
    InputError
        If it is not such a file, is damaged, or would be larger when unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            is_ours = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
            # Entries that overlap unpack to more than the size of the file.
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
