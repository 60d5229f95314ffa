"""`SequencerTraining`: the LightningModule that connects sequencer, loss, decoder and optimizer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import lightning as L
from torch import nn
from torch.optim import Optimizer

from denovo.chemistry import Vocabulary, ppm_error
from denovo.decoding import Decoded
from denovo.errors import InputError
from denovo.losses import CompositeLoss, LossOutput, expected_mass, straight_through_mass
from denovo.metrics.evaluation import EvaluationMetrics
from denovo.metrics.peptide import recall_by_length
from denovo.metrics.precursor import ppm_figures, refinement_figures, special_token_probability
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.typing import Float, Tensor

SET_NAMES = ("", "_noisy", "_clean")
"""Suffix of the logged split name for each evaluation set: ``val`` and ``val_noisy``, and, where
``val`` is measured, ``val_clean`` for simulated spectra without noise."""


@dataclass(frozen=True)
class TrainingStep:
    """Data of a step that callbacks may read between forward and backward pass, with its graph."""

    batch: LabelledSpectra
    logits: Float[Tensor, "step batch length vocab"]
    loss: LossOutput


class SequencerTraining(L.LightningModule):
    """Train a sequencer on a composite loss, and evaluate what it decodes.

    ``sequencer`` is a `Sequencer`. The curriculum sets the weights of ``loss``. ``optimizer`` makes
    the optimizer from the parameters, ``scheduler`` a learning rate schedule from the optimizer and
    ``total_steps``. ``config`` is the resolved configuration, plain data, and part of every
    checkpoint. Parts of another vocabulary are refused.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sequencer: nn.Module,
        loss: CompositeLoss,
        decoder: Callable[[Any, Spectra], Decoded],
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        scheduler: Callable[..., Any] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        _check_vocabulary(vocabulary, sequencer, "the sequencer")
        for name, term in loss.terms.items():
            _check_vocabulary(vocabulary, term, f"the loss term {name}")
        loss.attach(sequencer)
        self.vocabulary, self.sequencer, self.loss = vocabulary, sequencer, loss
        self.decoder, self.optimizer, self.scheduler = decoder, optimizer, scheduler
        self.config = config or {}
        self.last_step: TrainingStep | None = None
        self.by_length: dict[str, list[dict[str, float | int]]] = {}
        self.evaluation = nn.ModuleDict(
            {
                f"{split}{name}": EvaluationMetrics(vocabulary)
                for split in ("val", "test")
                for name in SET_NAMES
            }
        )

    @property
    def n_refinements(self) -> int:
        """Number of sets of logits that the sequencer returns; see `Sequencer`."""
        return getattr(self.sequencer, "n_refinements", 1)

    def setup(self, stage: str) -> None:
        """Refuse data of another vocabulary."""
        data = getattr(self.trainer, "datamodule", None)
        if data is not None:
            _check_vocabulary(self.vocabulary, data, "the data")

    def training_step(self, batch: LabelledSpectra, batch_idx: int) -> Tensor:
        """Compute the loss of a batch and log it with its parts."""
        logits = self.sequencer.forward(batch)
        output = self.loss(logits, batch)
        self.last_step = TrainingStep(batch, logits, output)
        logged = {"train/loss": output.total.detach()}
        logged |= {f"train/loss_{name}": value for name, value in output.terms.items()}
        logged |= {f"train/share_{name}": value for name, value in output.shares.items()}
        if "precursor" in output.terms:
            logged["train/precursor_loss"] = output.terms["precursor"]
        logged |= self._soft_errors(logits[-1].detach(), batch)
        every = self.trainer.log_every_n_steps  # pyright: ignore[reportAttributeAccessIssue]
        if (self.trainer.global_step + 1) % every == 0:
            logged |= self._refinement("train", logits.detach(), batch)
            logged |= self._error_figures(logits[-1].detach(), batch)
        self.log_dict(logged, batch_size=len(batch))
        shown = {"loss": logged["train/loss"], "ppm": logged["train/ppm_error_median"]}
        self.log_dict(shown, prog_bar=True, logger=False, batch_size=len(batch))
        return output.total

    def _soft_errors(self, logits: Tensor, batch: LabelledSpectra) -> dict[str, Tensor]:
        mass = expected_mass(logits, batch.residue_mask, self.vocabulary)
        observed = batch.spectra.precursor_mass
        error = ppm_error(mass, observed).abs()  # as the precursor loss defines it
        special = special_token_probability(logits, batch.residue_mask)
        return {
            "train/ppm_error": error.mean().float(),
            "train/ppm_error_median": error.median().float(),
            "train/mass_error_da": (observed - mass).abs().mean().float(),
            "train/special_token_probability": special.float(),
        }

    def _error_figures(self, logits: Tensor, batch: LabelledSpectra) -> dict[str, Tensor]:
        """Summarise the errors of the expected mass and of the most probable residues."""
        masses = {"soft": expected_mass, "decoded": straight_through_mass}
        figures = {}
        for kind, mass_of in masses.items():
            mass = mass_of(logits, batch.residue_mask, self.vocabulary)
            found = ppm_figures(ppm_error(mass, batch.spectra.precursor_mass).abs())
            figures |= {f"train/{kind}_{name}": v.float() for name, v in found.items()}
        return figures

    def _refinement(self, split: str, logits: Tensor, batch: LabelledSpectra) -> dict[str, Tensor]:
        if self.n_refinements == 1:
            return {}
        mass = expected_mass(logits, batch.residue_mask, self.vocabulary)
        figures = refinement_figures(logits, mass, batch)
        return {f"{split}/{name}": value for name, value in figures.items()}

    def validation_step(
        self, batch: LabelledSpectra, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Decode a batch and count right peptides and residues."""
        self._evaluate("val", batch, dataloader_idx)

    def test_step(self, batch: LabelledSpectra, batch_idx: int, dataloader_idx: int = 0) -> None:
        """Decode a batch and count right peptides and residues."""
        self._evaluate("test", batch, dataloader_idx)

    def _evaluate(self, split: str, batch: LabelledSpectra, dataloader_idx: int) -> None:
        name = f"{split}{SET_NAMES[dataloader_idx]}"
        if self.n_refinements > 1:
            figures = self._refinement(name, self.sequencer.forward(batch), batch)
            self.log_dict(figures, batch_size=len(batch), add_dataloader_idx=False, sync_dist=True)
        decoded = self.decoder(self.sequencer, batch.spectra)
        metrics = self._metrics(split, SET_NAMES[dataloader_idx])
        metrics.update(decoded.peptides, decoded.expected_mass, decoded.special_probability, batch)

    def _metrics(self, split: str, suffix: str) -> EvaluationMetrics:
        metrics = self.evaluation[f"{split}{suffix}"]
        assert isinstance(metrics, EvaluationMetrics)
        return metrics

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the validation sets."""
        self._log_evaluation("val")

    def on_test_epoch_end(self) -> None:
        """Log the figures of the test sets."""
        self._log_evaluation("test")

    def _log_evaluation(self, split: str) -> None:
        for suffix in SET_NAMES:
            metrics = self._metrics(split, suffix)
            if not metrics.update_called:
                continue
            figures = metrics.compute()
            self.by_length[f"{split}{suffix}"] = metrics.by_length()
            metrics.reset()
            if split == "val":
                figures |= recall_by_length(self.by_length[f"{split}{suffix}"])
            self.log_dict({f"{split}{suffix}/{key}": value for key, value in figures.items()})
            if suffix == "" and split == "val":
                self.log("recall", figures["peptide_recall"], prog_bar=True, logger=False)

    def configure_optimizers(self) -> Any:
        """Make the optimizer over all parameters, and its schedule over all steps."""
        try:
            optimizer = self.optimizer(self.parameters())
        except (TypeError, ValueError) as error:
            given = getattr(self.optimizer, "keywords", {})
            named = ", ".join(f"{name}={value!r}" for name, value in given.items())
            cause = " ".join(str(error).split())
            raise InputError(f"the optimizer does not take {named}: {cause}") from error
        if self.scheduler is None:
            return optimizer
        schedule = self.scheduler(optimizer, total_steps=self.trainer.max_steps)
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add vocabulary and configuration, as plain data."""
        checkpoint["denovo"] = {"vocabulary": self.vocabulary.state(), "config": self.config}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse weights of another vocabulary, or of a network of another shape."""
        self.vocabulary.check_state(checkpoint.get("denovo", {}).get("vocabulary", {}))
        mine = {name: value.shape for name, value in self.state_dict().items()}
        theirs = {name: value.shape for name, value in checkpoint["state_dict"].items()}
        if mine != theirs:
            odd = next(name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name))
            raise InputError(
                f"the checkpoint holds a model of another shape ({odd} differs); use the model= "
                "and size= it was trained with"
            )


def _check_vocabulary(vocabulary: Vocabulary, part: object, name: str) -> None:
    """Refuse a part that was made with another vocabulary; one without any passes."""
    theirs = getattr(part, "vocabulary", None)
    if isinstance(theirs, Vocabulary):
        vocabulary.check_same(theirs, "the system", name)
