"""A best checkpoint that survives a change of the run folder."""

import logging
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

log = logging.getLogger(__name__)


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
            "the best checkpoint so far, %s, is not there any more: the best of the further steps "
            "counts",
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
