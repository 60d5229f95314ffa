"""The callback that runs the tripwires at every step, reports them, and takes their actions."""

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
from denovo.training.callbacks.checkpoints import StopAt
from denovo.training.callbacks.trainer import (
    callbacks_of,
    gradient_scale,
    gradient_scaler,
    log_now,
)
from denovo.training.system import SequencerTraining
from denovo.training.tripwires.rewind import rewind
from denovo.training.tripwires.tripwire import StepView, Tripwire
from denovo.typing import Tensor

log = logging.getLogger(__name__)


class Tripwires(Callback):
    """Run the tripwires of a training.

    A wire that fires is logged as ``tripwire/<name>`` = 1 at that step, written as a line with
    ``step``, ``name`` and ``message`` to ``tripwires.jsonl``, shown on the console, and kept as
    ``tripwire/<name>/message`` in the summary of loggers that have one. This happens once per run,
    but for each skipped update and each rewind.

    Parameters
    ----------
    wires : mapping of str to Tripwire
        Wires by name; None switches one off.
    run_dir : str or Path
        Folder of ``tripwires.jsonl``.
    max_skips, max_rewinds : int
        Number of updates that a run may skip, and of rewinds to a checkpoint; then it stops.

    Notes
    -----
    - A finding between forward and backward pass takes effect before the weights change: after a
      stop, the last checkpoint is unharmed.
    - All ranks receive the findings of each one, and act alike.
    - The numbers of skips and rewinds, the counts of the wires, the fired wires and the number of
      lines are part of the checkpoint: a resumed run equals an uninterrupted one. In another
      folder it writes only the lines of its own steps.
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
        """Run the wires on a batch; their messages wait for the end of the step."""
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
        """Run the wires on the gradients, and act before the update."""
        # The gradient of a NaN loss is NaN as well and needs no second message.
        is_lost = any(self.wires[name].action != "warn" for name in self._alarms)
        if not is_lost and gradient_scaler(trainer) is None:
            parameters = list(pl_module.parameters())
            for name, wire in self.wires.items():
                self._note(name, wire.before_update(trainer.global_step, parameters))
        actions = self._report(trainer)
        if actions & {"skip", "rewind"}:
            # Without gradients an optimizer changes nothing, its own state included.
            optimizer.zero_grad(set_to_none=True)
        self._is_rewind_due = "rewind" in actions

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any, **kwargs: Any) -> None:
        """Rewind after a step without update, before a checkpoint is saved."""
        if self._is_rewind_due:
            self._is_rewind_due = False
            step = rewind(trainer)
            if trainer.is_global_zero:
                log.warning("weights are those of step %d again", step)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Run the wires on the figures of the validation."""
        if trainer.sanity_checking:
            return
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        for name, wire in self.wires.items():
            self._note(name, wire.after_validation(trainer.global_step, figures))
        self._report(trainer)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Run the final checks, unless another training continues from here."""
        if any(callback.has_stopped for callback in callbacks_of(trainer, StopAt)):
            return
        for name, wire in self.wires.items():
            self._note(name, wire.at_end(trainer.global_step))
        self._report(trainer, may_stop=False)

    def state_dict(self) -> dict[str, Any]:
        """Return the used recoveries, the fired wires and their counts for a resumed run."""
        return {
            "used": dict(self._used),
            "fired": sorted(self._fired),
            "wires": {name: wire.state() for name, wire in self.wires.items()},
            "n_lines": len(self._lines()),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the result of `state_dict`."""
        self._used, self._fired = Counter(state_dict["used"]), set(state_dict.get("fired", ()))
        for name, state in state_dict.get("wires", {}).items():
            if name in self.wires:
                self.wires[name].restore(state)
        self._n_lines = state_dict.get("n_lines")

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Drop the lines after the checkpoint; a test of a checkpoint keeps all lines."""
        lines = self._lines()
        if trainer.is_global_zero and self._n_lines is not None and len(lines) > self._n_lines:
            write_text(self.path, "".join(lines[: self._n_lines]))

    def _lines(self) -> list[str]:
        if not self.path.is_file():
            return []
        return self.path.read_text(encoding="utf-8").splitlines(keepends=True)

    def _note(self, name: str, message: str | None) -> None:
        is_reported = name in self._fired and self.wires[name].action == "warn"
        if message is not None and not is_reported:
            self._alarms.setdefault(name, message)

    def _report(self, trainer: L.Trainer, may_stop: bool = True) -> set[str]:
        """Report the noted messages, on all ranks alike, and return the required actions."""
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
