"""A hundred spectra, a small sequencer and a real trainer: for tests that train in a second."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pyarrow as pa
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger
from omegaconf import OmegaConf

from denovo.chemistry import Vocabulary
from denovo.curriculum import Curriculum
from denovo.data import SequencingData
from denovo.decoding import GreedyDecoder
from denovo.losses import CompositeLoss, PrecursorMassLoss, TokenLoss
from denovo.simulation.simulated import SimulatedSpectra
from denovo.training.configuration import build, plain
from denovo.training.system import SequencerTraining

ROOT = Path(__file__).parents[2]
CONFIG = {
    "residues": plain(OmegaConf.load(ROOT / "conf" / "residues" / "canonical.yaml"))["residues"],
    "model": {
        "_target_": "denovo.models.TransformerSequencer",
        "d_model": 16,
        "n_heads": 2,
        "n_layers": 1,
        "d_feedforward": 16,
    },
    "data": {"n_peaks": 40},
}
NOISE = {
    **{"noisy_fraction": 0.5, "mz_scatter_ppm": 5.0, "precursor_ppm": 5.0, "noise_peaks": 10},
    **{"isotopes": 0.5, "coisolation": 0.5, "detection_limit": 0.05},
}
N_SPECTRA = {"train": 96, "val": 12, "test": 8}


class SmallSources:
    """A `SourceSet` of complete b and y ladders of random peptides, held in memory."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def prepare(self) -> None:
        """Nothing to build."""

    def open(self, split: str) -> SimulatedSpectra:
        """Draw the peptides of a split."""
        rng = np.random.default_rng(list(N_SPECTRA).index(split))
        lengths = rng.integers(6, 10, N_SPECTRA[split])
        ladders = [rng.uniform(0.1, 1.0, n - 1).tolist() for n in lengths]
        table = {
            "peptide": [
                "".join(rng.choice(list("GASPVTLNDQEMHFYW"), n - 1)) + "K" for n in lengths
            ],
            "charge": pa.array([2] * len(lengths), pa.int8()),
            "split": [split] * len(lengths),
        }
        table |= {ion: pa.array(ladders, pa.list_(pa.float32())) for ion in "by"}
        return SimulatedSpectra(pa.table(table), self.vocabulary)

    def provenance(self) -> dict[str, Any]:
        """Say that nothing is known."""
        return {"kind": "small", "store_hash": None}


class Witness(Callback):
    """Write down what every training step sees."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.weights: list[dict[str, float]] = []
        self.applied: list[list[float]] = []
        self.batches: list[Any] = []
        self.logged: list[dict[str, float]] = []
        self.validations: list[dict[str, float]] = []

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        self.steps.append(trainer.global_step)
        self.weights.append(dict(pl_module.loss.weights))
        self.applied.append(pl_module.loss.weight_values.tolist())
        self.batches.append(batch)

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.logged.append({k: float(v) for k, v in trainer.callback_metrics.items()})

    def on_validation_end(self, trainer, pl_module):
        self.validations.append({k: float(v) for k, v in trainer.callback_metrics.items()})


class Recorder(Logger):
    """Keep everything that is logged, by name and step."""

    name, version = "recorder", 0

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, dict[int, float]] = {}

    def log_metrics(self, metrics, step=None):
        for name, value in metrics.items():
            self.values.setdefault(name, {})[step] = value

    def log_hyperparams(self, params, *args, **kwargs):
        """Nothing to keep."""


class CutAt(Callback):
    """Write ``cut.ckpt`` in the midst of a run."""

    def __init__(self, step: int, folder: Path) -> None:
        self.step, self.path = step, folder / "cut.ckpt"

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        # Of accumulated batches the first behind the step leaves it as it is.
        if trainer.global_step == self.step and not self.path.exists():
            trainer.save_checkpoint(self.path, weights_only=False)


def two_stages(n: int = 3, **second: Any) -> Curriculum:
    """Tokens alone for ``n`` steps, then the precursor mass too for as many."""
    weights = {"token": 1.0, "precursor": 0.0}
    return Curriculum(
        [
            {"name": "tokens", "start": 0, "end": 1, "weights": weights},
            {"name": "masses", "start": 1, "end": 2,
             "weights": weights | {"precursor": 0.2}, **second},
        ],
        steps_per_unit=n,
    )  # fmt: skip


def small_data(vocabulary: Vocabulary, curriculum: Curriculum, **options: Any) -> SequencingData:
    """Serve the small spectra."""
    settings = {"seed": 0, "batch_size": 8, "eval_batch_size": 8, "n_peaks": 40}
    return SequencingData(vocabulary, SmallSources, curriculum, **(settings | options))


def small_system(vocabulary: Vocabulary) -> SequencerTraining:
    """Make a sequencer that can learn, if slowly; the same at every call."""
    torch.manual_seed(0)
    config = json.loads(json.dumps(CONFIG))
    return SequencerTraining(
        vocabulary,
        build(config["model"], vocabulary=vocabulary),
        CompositeLoss(
            vocabulary,
            {"token": TokenLoss, "precursor": partial(PrecursorMassLoss, normalize=True)},
        ),
        GreedyDecoder(max_length=12),
        partial(torch.optim.SGD, lr=0.01),
        config=config,
    )


def small_trainer(curriculum: Curriculum, callbacks: Sequence[Callback] = (), **options: Any):
    """Make a trainer that leaves nothing on disk and stops where the curriculum does."""
    settings = {
        "max_steps": curriculum.n_steps,
        "max_epochs": 1,
        "check_val_every_n_epoch": None,
        "num_sanity_val_steps": 0,
        "accelerator": "cpu",
        "devices": 1,
        "log_every_n_steps": 1,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    return L.Trainer(callbacks=list(callbacks), **(settings | options))


def train_small(
    vocabulary: Vocabulary,
    curriculum: Curriculum,
    callbacks: Sequence[Callback],
    ckpt_path: Path | None = None,
    n_workers: int = 0,
    **options: Any,
) -> L.Trainer:
    """Fit the small system on the small data."""
    trainer = small_trainer(curriculum, callbacks, **options)
    data = small_data(vocabulary, curriculum, n_workers=n_workers)
    trainer.fit(small_system(vocabulary), data, ckpt_path=ckpt_path, weights_only=True)
    return trainer
