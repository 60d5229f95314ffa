"""The small training on one or several ranks, with eight spectra a step: what each rank saw.

``torchrun --nproc-per-node 2 -m tests.helpers.ranked_training FOLDER`` trains whole, and goes on
from ``FOLDER/one-rank.ckpt`` of a training on one rank.
"""

import json
import sys
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback

from denovo.chemistry import Vocabulary
from denovo.training.configuration import build
from tests.helpers.tiny_training import (
    CONFIG,
    small_data,
    small_system,
    small_trainer,
    two_stages,
)

N_SPECTRA = 8
CUT = 3


class RankDiary(Callback):
    """Note the peptides and the loss of every step, and save one in the middle."""

    def __init__(self, checkpoint: Path | None) -> None:
        self.checkpoint = checkpoint
        self.peptides: list[list[str]] = []
        self.losses: list[float] = []

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.peptides.append([pl_module.vocabulary.decode(row) for row in batch.tokens.tolist()])
        self.losses.append(float(outputs["loss"]))
        if self.checkpoint and trainer.global_step == CUT:
            trainer.save_checkpoint(self.checkpoint, weights_only=False)


def train_on_ranks(
    n_ranks: int, folder: Path, name: str, start: Path | None = None
) -> dict[str, Any]:
    """Train on this and the other ranks, write ``NAME-RANK.json`` and return its content."""
    vocabulary = Vocabulary(build(dict(CONFIG["residues"])))
    curriculum = two_stages()
    diary = RankDiary(None if start else folder / f"{name}.ckpt")
    options = {"devices": n_ranks, "strategy": "ddp"} if n_ranks > 1 else {}
    trainer = small_trainer(
        curriculum, [diary], use_distributed_sampler=False, val_check_interval=CUT, **options
    )
    data = small_data(vocabulary, curriculum, batch_size=N_SPECTRA // n_ranks)
    system = small_system(vocabulary)
    trainer.fit(system, data, ckpt_path=start, weights_only=True)
    weights = [value.flatten().tolist() for value in system.sequencer.state_dict().values()]
    found = {
        "peptides": diary.peptides,
        "losses": diary.losses,
        "weights": [number for values in weights for number in values],
        "recall": float(trainer.callback_metrics["val/peptide_recall"]),
    }
    (folder / f"{name}-{trainer.global_rank}.json").write_text(json.dumps(found))
    return found


if __name__ == "__main__":
    place = Path(sys.argv[1])
    train_on_ranks(2, place, "two-ranks")
    train_on_ranks(2, place, "one-then-two", place / "one-rank.ckpt")
