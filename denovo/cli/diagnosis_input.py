"""Input of a diagnosis: a network, trained or not, and one batch for it to read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.curriculum import Noise
from denovo.data import AnnotatedSpectra, SpectrumSource, prepare_batch
from denovo.errors import InputError
from denovo.losses import PrecursorMassLoss
from denovo.sequencing.networks import load_sequencer
from denovo.simulation.predicted import predict_spectra
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build, plain
from denovo.training.modifications import modified
from denovo.training.program_files import config_directory
from denovo.typing import Float, Tensor

LOSS_SETTINGS = ("loss_scale", "penalty", "use_log_loss", "normalize", "unit", "mass", "tail")
"""Settings of `PrecursorMassLoss` that a diagnosis takes over from a configuration."""


@dataclass(frozen=True)
class Subject:
    """A network, the batch that it reads, and its output.

    ``name`` is that of the network in reports, ``titles`` are those of the spectra, ``logits`` are
    the output without gradient. ``loss_settings`` is empty if the configuration of the network has
    no precursor mass loss.
    """

    name: str
    vocabulary: Vocabulary
    loss_settings: dict[str, Any]
    batch: LabelledSpectra
    titles: list[str]
    logits: Float[Tensor, "step batch length vocab"]

    def precursor_loss(
        self,
        penalty: str | None = None,
        loss_scale: float | None = None,
        normalize: bool | None = None,
    ) -> PrecursorMassLoss:
        """Make the precursor mass loss of the configuration; arguments that are given override."""
        given = {"penalty": penalty, "loss_scale": loss_scale, "normalize": normalize}
        settings = self.loss_settings | {k: v for k, v in given.items() if v is not None}
        if penalty is not None:
            settings["use_log_loss"] = True
        return PrecursorMassLoss(self.vocabulary, **settings)


def load_subject(
    file: Path | None,
    checkpoint: Path | None,
    settings: list[str] | None,
    n_spectra: int,
    seed: int,
) -> Subject:
    """Load or build a network, and let it read a batch; the arguments are options."""
    if checkpoint and settings:
        raise InputError(
            "--set describes an untrained network and --checkpoint brings its own settings; "
            "give one of the two"
        )
    if n_spectra < 1:
        raise InputError(f"--n-spectra must be at least 1, got {n_spectra}")
    sequencer, config = (
        load_sequencer(checkpoint) if checkpoint else _untrained(settings or [], seed)
    )
    vocabulary = sequencer.vocabulary
    assert isinstance(vocabulary, Vocabulary)
    source = _source(file, vocabulary, config["data"], n_spectra, seed)
    indices = np.arange(min(n_spectra, len(source)))
    n_peaks = config["data"]["n_peaks"]
    batch = prepare_batch(source.read(indices), Noise(), seed=seed, n_peaks=n_peaks)
    with torch.no_grad():
        logits = sequencer(batch)
    name = str(checkpoint) if checkpoint else "an untrained network"
    terms = config.get("loss", {}).get("terms", {})
    loss_settings = {k: v for k, v in terms.get("precursor", {}).items() if k in LOSS_SETTINGS}
    return Subject(name, vocabulary, loss_settings, batch, source.identifiers(indices), logits)


def _untrained(settings: list[str], seed: int) -> tuple[nn.Module, dict[str, Any]]:
    config = settings_of(settings)
    L.seed_everything(seed, verbose=False)
    vocabulary = Vocabulary(build(config.residues))
    sequencer = build(config.model, vocabulary=vocabulary).eval()
    # The other groups name folders that only a run of train.py has.
    return sequencer, {"data": plain(config.data), "loss": plain(config.loss)}


def settings_of(overrides: list[str]) -> DictConfig:
    """Compose the configuration of `train.py` with overrides."""
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return modified(compose("train", overrides=overrides))


def _source(
    file: Path | None, vocabulary: Vocabulary, data: dict[str, Any], n_spectra: int, seed: int
) -> SpectrumSource:
    if file is not None:
        return AnnotatedSpectra(file, vocabulary, unsupported="skip")
    # A network trained on measured spectra has no simulator of its own.
    simulator = data.get("sources", {}).get("recipe", {}).get("simulator", {})
    return predict_spectra(vocabulary, n_spectra, simulator.get("model", "HCDch2"), seed)
