"""Keep a few validation spectra with what the sequencer reads out of them."""

from pathlib import Path

import lightning as L
from lightning.pytorch.callbacks import Callback

from denovo.data import SequencingData
from denovo.errors import InputError
from denovo.examples import read_as_examples
from denovo.runs import Example, ExampleSet, write_examples
from denovo.system import Sequencing


class ExampleSpectra(Callback):
    """Write right and wrong answers to ``examples.json`` after every validation.

    The same spectra are read each time, noisy ones where the run validates on noise. Nothing is
    drawn at random and the mode of the network is left as it was, so that a run with this callback
    equals one without it.

    Parameters
    ----------
    run_dir : str or Path
        Folder of the run.
    n_spectra : int
        Validation spectra that are read; examples are the first right and wrong ones among them.
    n_right, n_wrong : int
        Most examples kept of each kind.

    Raises
    ------
    InputError
        If a count is negative, or there are no spectra.
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
        """Read the spectra again with the network of this step."""
        if trainer.state.fn == "fit" and not trainer.sanity_checking:
            self._keep(trainer, pl_module)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Read them a last time, if training has gone on since the last validation."""
        if self._step != trainer.global_step:
            self._keep(trainer, pl_module)

    def _keep(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        data = getattr(trainer, "datamodule", None)
        if not trainer.is_global_zero or not isinstance(data, SequencingData):
            return
        assert isinstance(pl_module, Sequencing)
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
