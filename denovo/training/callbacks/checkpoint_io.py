"""Write checkpoints whole or not at all."""

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
    """Save next to the target and rename, so that a full disk leaves the old checkpoint as it was.

    Lightning writes into the folder for temporary files first; from there to another file system a
    move is a copy, which a full disk cuts off after the old file is gone.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Save a checkpoint.

        Parameters
        ----------
        checkpoint : dict
            Tensors and plain values.
        path : str or Path
            Where to. What is no local file, such as ``s3://bucket/last.ckpt``, is left to Lightning
            and fsspec: object stores show a file once it is there as a whole.
        storage_options : Any
            Not used.

        Raises
        ------
        InputError
            If the folder cannot be written or the disk is full.
        """
        filesystem, local_path = url_to_fs(str(path))
        if not isinstance(filesystem, LocalFileSystem):
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        # Through memory: on a full disk torch's own writer fails without saying why.
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with atomic_path(local_path) as temporary:
            temporary.write_bytes(content.getbuffer())

    def load_checkpoint(self, path: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Load a checkpoint as torch does, after a look at its checksums.

        Parameters
        ----------
        path : str or Path
            Where it stands.
        *args, **kwargs : Any
            See `TorchCheckpointIO.load_checkpoint`.

        Raises
        ------
        InputError
            If it is damaged.
        """
        if Path(path).is_file():
            check_torch_file(path)
        return super().load_checkpoint(path, *args, **kwargs)
