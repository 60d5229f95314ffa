"""A callback for runs in processes of their own: writes what each rank sees to a file."""

import json
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback

from denovo.training.tripwires import Tripwire


class SecondRankOnly(Tripwire):
    """A tripwire that finds something on one rank alone."""

    def before_update(self, step: int, parameters: Any) -> str | None:
        """Complain on the second rank, at step 4."""
        is_due = step == 4 and torch.distributed.get_rank() == 1
        return "something is odd here" if is_due else None


class CountRanks(Tripwire):
    """A tripwire that asks all ranks for a sum."""

    def before_backward(self, sight: Any) -> str | None:
        """Add up the numbers of the ranks and one each, at step 6."""
        if sight.step != 6:
            return None
        return f"{sight.sum_over_ranks(torch.tensor([1.0, torch.distributed.get_rank()])).tolist()}"


class RankWitness(Callback):
    """Write one line per training batch, and one at the end, to ``rank-N.jsonl``."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def _write(self, rank: int, **values: Any) -> None:
        with (self.folder / f"rank-{rank}.jsonl").open("a") as file:
            file.write(json.dumps(values) + "\n")

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """Note step, weights and peptides."""
        self._write(
            trainer.global_rank,
            step=trainer.global_step,
            number=batch.number,
            weights=pl_module.loss.weights,
            factors=pl_module.loss.factors,
            peptides=[pl_module.vocabulary.decode(row) for row in batch.tokens.tolist()],
            precursor_mass=batch.spectra.precursor_mass.tolist(),
        )

    def on_train_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Note where the parameters have come to."""
        sums = [float(p.detach().double().sum()) for p in pl_module.parameters()]
        self._write(trainer.global_rank, parameters=sums)
