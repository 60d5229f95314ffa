"""Trainings with something wrong with them, and what the tripwires made of it."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.curriculum import Curriculum
from denovo.losses import CompositeLoss, LossTerm, TokenLoss
from denovo.training.callbacks import CurriculumCallback
from denovo.training.system import SequencerTraining
from denovo.training.tripwires.callback import Tripwires
from tests.helpers.tiny_training import Recorder, small_data, small_system, small_trainer


class Poison(LossTerm):
    """A term that spoils the batches of certain numbers, in its value or in its gradient alone."""

    def __init__(self, vocabulary: Vocabulary, at: Sequence[int], value: float | None) -> None:
        super().__init__(vocabulary)
        self.at, self.value = at, value

    def forward(self, logits, batch):
        nothing = logits[-1].float().sum(dim=(1, 2)) * 0
        if batch.number not in self.at:
            return nothing
        return nothing.sqrt() if self.value is None else nothing + self.value


class Stuck(LossTerm):
    """A term that asks every spectrum for something and moves the first few of a batch alone."""

    def __init__(self, vocabulary: Vocabulary, n_moving: int, rest: float = 1.0) -> None:
        super().__init__(vocabulary)
        self.n_moving, self.rest = n_moving, rest

    def forward(self, logits, batch):
        moves = torch.arange(len(batch)) < self.n_moving
        return torch.where(moves, 1 + logits[-1].float().square().mean(dim=(1, 2)), self.rest)


class Leak(nn.Module):
    """A sequencer that is shown its label, and only has to learn to copy it."""

    direction = "forward"

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.copy = nn.Embedding(len(vocabulary), len(vocabulary))

    def forward(self, batch):
        return self.copy(batch.tokens)[None]


def flat(n_steps: int, **weights: float) -> Curriculum:
    """One stage alone."""
    return Curriculum([{"name": "all", "start": 0, "end": n_steps, "weights": weights}])


def poisoned(
    vocabulary: Vocabulary, at: Sequence[int], value: float | None = None
) -> SequencerTraining:
    """Make the small system with AdamW, whose state a rewind has to restore, and a poison."""
    system = small_system(vocabulary)
    poison = partial(Poison, at=at, value=value)
    system.loss = CompositeLoss(vocabulary, {"token": TokenLoss, "poison": poison})
    system.optimizer = partial(torch.optim.AdamW, lr=0.01)
    return system


def watched(
    system: SequencerTraining,
    curriculum: Curriculum,
    tripwires: Tripwires,
    *callbacks: Callback,
    ckpt_path: Path | None = None,
    data: dict[str, Any] | None = None,
    follow: bool = True,
    **options: Any,
) -> dict[str, dict[int, float]]:
    """Train under the tripwires, and return what was logged."""
    recorder = Recorder()
    first = [CurriculumCallback(curriculum)] if follow else []
    settings = {"logger": recorder, "limit_val_batches": 0} | options
    trainer = small_trainer(curriculum, [*first, tripwires, *callbacks], **settings)
    served = small_data(system.vocabulary, curriculum, **(data or {}))
    trainer.fit(system, served, ckpt_path=ckpt_path, weights_only=True)
    return recorder.values


def told(run_dir: Path) -> list[dict[str, Any]]:
    """Read what was written about the wires that fired."""
    path = run_dir / "tripwires.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
