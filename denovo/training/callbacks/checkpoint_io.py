"""Atomic writing of checkpoints."""

import io
from pathlib import Path
from typing import Any

import torch
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from lightning.fabric.plugins import TorchCheckpointIO

from denovo.io import atomic_path
from denovo.io.torch_files import check_torch_file


class AtomicCheckpointIO(TorchCheckpointIO):
    """Save to a temporary file in the target folder and rename it; a full disk keeps the old file.

    Lightning writes to the folder for temporary files first. A move from there to another file
    system is a copy, which a full disk interrupts after the old file is gone.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Save a checkpoint; raise `InputError` if the folder is not writable or the disk full.

        Addresses of other file systems, for example ``s3://bucket/last.ckpt``, are left to
        Lightning and fsspec: object stores show a file only when it is complete.
        """
        filesystem, local_path = url_to_fs(str(path))
        if not isinstance(filesystem, LocalFileSystem):
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        # Through memory: on a full disk torch's own writer fails without the cause.
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with atomic_path(local_path) as temporary:
            temporary.write_bytes(content.getbuffer())

    def load_checkpoint(self, path: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Load a checkpoint as torch does; raise `InputError` if its checksums show damage."""
        if Path(path).is_file():
            check_torch_file(path)
        return super().load_checkpoint(path, *args, **kwargs)
