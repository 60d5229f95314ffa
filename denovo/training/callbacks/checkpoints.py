"""Atomic writing of checkpoints, the best checkpoint, and a stop at a checkpoint."""

import io
import logging
from pathlib import Path
from typing import Any

import lightning as L
import torch
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, ModelCheckpoint

from denovo.io import atomic_path
from denovo.io.torch_files import check_torch_file

log = logging.getLogger(__name__)


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


class BestCheckpoint(ModelCheckpoint):
    """A `ModelCheckpoint` of the best network that a run copies when it continues in a new folder.

    Lightning forgets the best score when the folder changes, and would then take a worse network of
    later steps for the best one. The arguments are those of `ModelCheckpoint`.
    """

    def on_load_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Copy the best checkpoint of the earlier folder, if its score is that of the state."""
        state = checkpoint.get("callbacks", {}).get(self.state_key)
        if not state or not state["best_model_path"] or state["dirpath"] == self.dirpath:
            return
        name = Path(state["best_model_path"]).name
        # The whole folder may have been moved.
        moved = f"{str(trainer.ckpt_path).rpartition('/')[0]}/{name}"
        for path in dict.fromkeys((state["best_model_path"], moved)):
            best = self._read(trainer, path, state)
            if best is None:
                continue
            own = f"{self.dirpath}/{name}"
            if own != path:
                trainer.strategy.save_checkpoint(best, own)
            score = state["best_model_score"]
            state |= {"dirpath": self.dirpath, "best_model_path": own, "last_model_path": ""}
            if score is not None:
                state |= {"kth_best_model_path": own, "best_k_models": {own: score}}
            return
        log.warning(
            "the best checkpoint so far, %s, no longer exists: the best of later steps counts",
            state["best_model_path"],
        )
        state["best_model_path"] = ""

    def _read(self, trainer: L.Trainer, path: str, state: dict[str, Any]) -> dict[str, Any] | None:
        """Read a checkpoint; None unless its score is that of the state."""
        try:
            best = trainer.strategy.checkpoint_io.load_checkpoint(path, weights_only=True)
        except FileNotFoundError:
            return None
        theirs = best.get("callbacks", {}).get(self.state_key, {}).get("best_model_score")
        score = state["best_model_score"]
        is_same = theirs is score or (
            theirs is not None and score is not None and torch.equal(theirs, score)
        )
        return best if is_same else None


class StopAt(Callback):
    """Save a checkpoint to ``path`` after ``step`` optimizer steps (at least 1), and stop.

    The learning rate schedule is that of the whole training. ``has_stopped`` is True if the
    training ended here.
    """

    def __init__(self, step: int, path: str | Path) -> None:
        assert step >= 1, f"step must be >= 1, got {step}"
        self.step, self.path = step, Path(path)
        self.has_stopped = False

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any, **kwargs: Any) -> None:
        """Save and stop when the step is reached."""
        if trainer.global_step == self.step and not trainer.should_stop:
            trainer.save_checkpoint(self.path, weights_only=False)
            trainer.should_stop = self.has_stopped = True
