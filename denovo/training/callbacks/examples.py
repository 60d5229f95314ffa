"""Validation spectra with the predictions of the sequencer, kept as examples."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from torch import nn

from denovo.chemistry import EOS, FIRST_RESIDUE, Vocabulary, mass_to_mz, ppm_error
from denovo.data import SequencingData
from denovo.decoding import Decoded
from denovo.errors import InputError
from denovo.losses import expected_mass
from denovo.metrics import match_residues, right_residues
from denovo.reports.runs import Example, ExampleSet, write_examples
from denovo.reports.runs.example import ReadResidue, Refinement
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.training.system import SequencerTraining
from denovo.typing import Float, Tensor


def read_as_examples(
    sequencer: nn.Module,
    decoder: Callable[[Any, Spectra], Decoded],
    batch: LabelledSpectra,
    identifiers: Sequence[str],
) -> list[Example]:
    """Decode a batch and describe each of its spectra.

    The decoder receives the spectra alone, never the peptides. The sequencer is in evaluation mode
    meanwhile; its modes are restored afterwards.
    """
    vocabulary = sequencer.vocabulary
    assert isinstance(vocabulary, Vocabulary)
    with _evaluating(sequencer), torch.no_grad():
        decoded = decoder(sequencer, batch.spectra)
        # The predictions replace the peptides, so that the label cannot reach the sequencer.
        answers = pad_tokens(decoded.peptides).to(batch.spectra.mz.device)
        logits = sequencer.forward(LabelledSpectra(batch.spectra, answers))
    batch, logits = batch.to("cpu"), logits.cpu()
    return [
        _example(row, name, batch, decoded, logits[:, row], vocabulary)
        for row, name in enumerate(identifiers)
    ]


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


def _example(
    row: int,
    identifier: str,
    batch: LabelledSpectra,
    decoded: Decoded,
    logits: Float[Tensor, "step length vocab"],
    vocabulary: Vocabulary,
) -> Example:
    spectra, tokens = batch.spectra, decoded.peptides[row]
    true = batch.tokens[row][batch.residue_mask[row]].tolist()
    peaks = spectra.peak_mask[row]
    mass, charge = spectra.precursor_mass[row], int(spectra.precursor_charge[row])
    theoretical = torch.tensor(vocabulary.peptide_mass(tokens), dtype=torch.float64)
    return Example(
        identifier=identifier,
        mz=tuple(round(value, 5) for value in spectra.mz[row][peaks].tolist()),
        intensity=tuple(round(value, 5) for value in spectra.intensity[row][peaks].tolist()),
        precursor_mz=mass_to_mz(float(mass), charge),
        precursor_charge=charge,
        peptide=tuple(vocabulary.tokens[token] for token in true),
        residues=_judged(tokens, true, vocabulary, decoded.token_log_probability[row]),
        log_probability=float(decoded.log_probability[row]),
        ppm_error=float(ppm_error(mass, theoretical)),
        is_right=bool(match_residues(_masses(tokens, vocabulary), _masses(true, vocabulary)).all()),
        refinements=_refinements(logits, true, mass, vocabulary) if len(logits) > 1 else (),
    )


def _masses(tokens: Sequence[int], vocabulary: Vocabulary) -> np.ndarray:
    return vocabulary.masses[list(tokens)].numpy()


def _judged(
    tokens: Sequence[int],
    true: Sequence[int],
    vocabulary: Vocabulary,
    log_probability: Sequence[float | None],
) -> tuple[ReadResidue, ...]:
    masses = _masses(tokens, vocabulary)
    are_right = right_residues(masses, _masses(true, vocabulary))
    rows = zip(tokens, masses, are_right, log_probability, strict=True)
    return tuple(
        ReadResidue(vocabulary.tokens[token], float(mass), bool(is_right), value)
        for token, mass, is_right, value in rows
    )


def _refinements(
    logits: Float[Tensor, "step length vocab"],
    true: Sequence[int],
    precursor_mass: Tensor,
    vocabulary: Vocabulary,
) -> tuple[Refinement, ...]:
    best = logits.argmax(dim=-1)  # [step, length]
    mask = (best == EOS).cumsum(dim=1) == 0
    expected = expected_mass(logits, mask, vocabulary)
    errors = ppm_error(precursor_mass.expand(len(expected)), expected)
    readings = []
    for tokens, row, error in zip(best, mask, errors, strict=True):
        chosen = tokens[row & (tokens >= FIRST_RESIDUE)].tolist()
        residues = _judged(chosen, true, vocabulary, [None] * len(chosen))
        readings.append(Refinement(residues, float(error)))
    return tuple(readings)


class ExampleSpectra(Callback):
    """Write right and wrong predictions to ``examples.json`` after every validation.

    The spectra are the same each time, with noise if the run validates on noise. The callback draws
    no random numbers and restores the mode of the network, so that it does not change the training.

    Parameters
    ----------
    run_dir : str or Path
        Folder of the run.
    n_spectra : int
        Validation spectra that are decoded; the examples are the first right and wrong ones.
    n_right, n_wrong : int
        Largest number of examples of each kind.

    Raises
    ------
    InputError
        If a count is negative, or ``n_spectra`` is 0.
    """

    def __init__(
        self, run_dir: str | Path, n_spectra: int = 64, n_right: int = 4, n_wrong: int = 4
    ) -> None:
        if n_spectra < 1 or n_right < 0 or n_wrong < 0:
            raise InputError(
                "callbacks.examples: n_spectra must be at least 1, n_right and n_wrong at least 0, "
                f"got {n_spectra}, {n_right} and {n_wrong}"
            )
        self.run_dir, self.n_spectra = Path(run_dir), n_spectra
        self.n_right, self.n_wrong = n_right, n_wrong
        self._step: int | None = None

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Decode the spectra with the network of this step."""
        if trainer.state.fn == "fit" and not trainer.sanity_checking:
            self._keep(trainer, pl_module)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Decode the spectra again, unless the last step was validated."""
        if self._step != trainer.global_step:
            self._keep(trainer, pl_module)

    def _keep(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        data = getattr(trainer, "datamodule", None)
        if not trainer.is_global_zero or not isinstance(data, SequencingData):
            return
        assert isinstance(pl_module, SequencerTraining)
        kind = "noisy" if data.evaluate_noisy else "clean"
        batch, identifiers = data.sample("val", self.n_spectra, kind)
        examples = read_as_examples(
            pl_module.sequencer, pl_module.decoder, batch.to(pl_module.device), identifiers
        )
        self._step = trainer.global_step
        write_examples(self.run_dir, ExampleSet(self._step, kind, self._chosen(examples)))

    def _chosen(self, examples: list[Example]) -> tuple[Example, ...]:
        right = [example for example in examples if example.is_right][: self.n_right]
        wrong = [example for example in examples if not example.is_right][: self.n_wrong]
        return (*right, *wrong)
