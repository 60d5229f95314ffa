"""Ask the tripwires at every step, tell what they say, and do what they call for."""

import json
import logging
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from torch.optim import Optimizer

from denovo.errors import InputError
from denovo.io import write_text
from denovo.training.callbacks.gradient_shares import gradient_scale, gradient_scaler
from denovo.training.callbacks.pace import log_now
from denovo.training.callbacks.stop_at import StopAt
from denovo.training.system import SequencerTraining
from denovo.training.tripwires.rewind import rewind
from denovo.training.tripwires.tripwire import StepView, Tripwire
from denovo.typing import Tensor

log = logging.getLogger(__name__)


class Tripwires(Callback):
    """Watch a training for what is surely wrong with it.

    A wire that fires is logged as ``tripwire/<name>`` = 1 at that step, written as a line with
    ``step``, ``name`` and ``message`` to ``tripwires.jsonl``, shown on the console, and kept in
    the summary of loggers that have one, as ``tripwire/<name>/message``: once per run, except that
    each update left out and each rewind is told.

    Parameters
    ----------
    wires : mapping of str to Tripwire
        By name; None for one that is switched off.
    run_dir : str or Path
        Where ``tripwires.jsonl`` goes.
    max_skips, max_rewinds : int
        How often a run may leave out an update, and go back to a checkpoint; after that it stops.

    Notes
    -----
    - Whatever is found between forward and backward pass is acted upon before the weights change:
      after a stop, the last checkpoint is as good as it was.
    - All ranks learn what one of them found, and do the same.
    - How many updates were left out and runs rewound, what a wire has counted and told so far, and
      how many lines were written are part of the checkpoint: a resumed run equals an undisturbed
      one. In another folder it writes the lines of its own steps alone.
    """

    def __init__(
        self,
        wires: Mapping[str, Tripwire | None],
        run_dir: str | Path,
        max_skips: int = 10,
        max_rewinds: int = 3,
    ) -> None:
        self.wires = {name: wire for name, wire in wires.items() if wire is not None}
        self.path = Path(run_dir) / "tripwires.jsonl"
        self._n_lines: int | None = None
        self.limits = {"skip": max_skips, "rewind": max_rewinds}
        self._used: Counter[str] = Counter()
        self._fired: set[str] = set()
        self._alarms: dict[str, str] = {}
        self._is_rewind_due = False
        self._step: int | None = None

    def on_before_backward(
        self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor
    ) -> None:
        """Show the wires a batch; what they say waits for the end of the step."""
        assert isinstance(pl_module, SequencerTraining)
        assert pl_module.last_step is not None
        output = pl_module.last_step.loss
        # One transfer from the device for all values.
        figures = [output.total.detach(), *(output.terms[name] for name in output.parts)]
        total, *values = torch.stack(figures).tolist()
        view = StepView(
            trainer.global_step,
            pl_module.last_step,
            dict(zip(output.parts, values, strict=True)),
            total,
            is_first=trainer.global_step != self._step,
            gradient_scale=gradient_scale(trainer),
            sum_over_ranks=partial(trainer.strategy.reduce, reduce_op="sum"),
        )
        self._step = trainer.global_step
        for name, wire in self.wires.items():
            self._note(name, wire.before_backward(view))

    def on_before_optimizer_step(
        self, trainer: L.Trainer, pl_module: L.LightningModule, optimizer: Optimizer
    ) -> None:
        """Show the wires the gradients, and act before they are applied."""
        # The gradient of a loss that is NaN is NaN too, which is no news.
        is_lost = any(self.wires[name].action != "warn" for name in self._alarms)
        if not is_lost and gradient_scaler(trainer) is None:
            parameters = list(pl_module.parameters())
            for name, wire in self.wires.items():
                self._note(name, wire.before_update(trainer.global_step, parameters))
        actions = self._tell(trainer)
        if actions & {"skip", "rewind"}:
            # Without gradients an optimizer changes nothing, its own state included.
            optimizer.zero_grad(set_to_none=True)
        self._is_rewind_due = "rewind" in actions

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Rewind, after the step without update and before a checkpoint is saved."""
        if self._is_rewind_due:
            self._is_rewind_due = False
            step = rewind(trainer)
            if trainer.is_global_zero:
                log.warning("weights are those of step %d again", step)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Show the wires the figures of the validation."""
        if trainer.sanity_checking:
            return
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        for name, wire in self.wires.items():
            self._note(name, wire.after_validation(trainer.global_step, figures))
        self._tell(trainer)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Let the wires look back, unless others are to go on from here."""
        callbacks = trainer.callbacks  # pyright: ignore[reportAttributeAccessIssue]
        if any(isinstance(one, StopAt) and one.has_stopped for one in callbacks):
            return
        for name, wire in self.wires.items():
            self._note(name, wire.at_end(trainer.global_step))
        self._tell(trainer, may_stop=False)

    def state_dict(self) -> dict[str, Any]:
        """Keep across a resume what limits recoveries, and what was seen and told."""
        return {
            "used": dict(self._used),
            "fired": sorted(self._fired),
            "wires": {name: wire.state() for name, wire in self.wires.items()},
            "n_lines": len(self._lines()),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what `state_dict` kept."""
        self._used, self._fired = Counter(state_dict["used"]), set(state_dict.get("fired", ()))
        for name, state in state_dict.get("wires", {}).items():
            if name in self.wires:
                self.wires[name].restore(state)
        self._n_lines = state_dict.get("n_lines")

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Go on with the lines of the checkpoint; a test of one keeps those of the whole run."""
        lines = self._lines()
        if trainer.is_global_zero and self._n_lines is not None and len(lines) > self._n_lines:
            write_text(self.path, "".join(lines[: self._n_lines]))

    def _lines(self) -> list[str]:
        if not self.path.is_file():
            return []
        return self.path.read_text(encoding="utf-8").splitlines(keepends=True)

    def _note(self, name: str, message: str | None) -> None:
        is_told = name in self._fired and self.wires[name].action == "warn"
        if message is not None and not is_told:
            self._alarms.setdefault(name, message)

    def _tell(self, trainer: L.Trainer, may_stop: bool = True) -> set[str]:
        """Report what was noted, on all ranks alike, and return the actions called for."""
        alarms, self._alarms = _of_all_ranks(trainer, self._alarms), {}
        actions = set()
        for name, message in alarms.items():
            action = self.wires[name].action
            if action in self.limits and self._used[action] >= self.limits[action]:
                message += f"; this run has used its {self.limits[action]} chances to {action}"
                action = "stop"
            self._fired.add(name)
            self._record(trainer, name, message)
            if action == "stop" and may_stop:
                raise InputError(f"tripwire {name}: {message}")
            if trainer.is_global_zero:
                log.warning("tripwire %s: %s", name, message)
            actions.add(action)
        self._used.update(actions & set(self.limits))
        return actions

    def _record(self, trainer: L.Trainer, name: str, message: str) -> None:
        log_now(trainer, {f"tripwire/{name}": 1.0})
        if not trainer.is_global_zero:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = {"step": trainer.global_step, "name": name, "message": message}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        for logger in trainer.loggers:
            summary = getattr(getattr(logger, "experiment", None), "summary", None)
            if summary is not None:
                summary[f"tripwire/{name}/message"] = message


def _of_all_ranks(trainer: L.Trainer, alarms: dict[str, str]) -> dict[str, str]:
    if trainer.world_size == 1 or not trainer.strategy.reduce_boolean_decision(
        bool(alarms), all=False
    ):
        return alarms
    found: list[Any] = [None] * trainer.world_size
    torch.distributed.all_gather_object(found, alarms)
    return {name: message for rank in reversed(found) for name, message in rank.items()}
