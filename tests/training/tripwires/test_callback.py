"""What is done about a wire that fires: it is told, and the run stopped, skipped or rewound."""

from types import SimpleNamespace

import pytest
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.plugins import MixedPrecision

from denovo.errors import InputError
from denovo.training.tripwires import NotFiniteGradient, NotFiniteLoss, Tripwire
from denovo.training.tripwires.callback import Tripwires
from tests.helpers.tiny_training import CutAt, Recorder, small_system
from tests.training.tripwires.failures import flat, poisoned, told, watched

BOTH = {"token": 1.0, "poison": 1.0}
NAN = float("nan")


class Noisy(Tripwire):
    """A wire that fires at every batch."""

    def before_backward(self, view):
        return f"step {view.step} again"


class Trace(Callback):
    """Keep the weights and the optimizer's moments after every step."""

    def __init__(self):
        self.weights, self.moments, self.rates, self.numbers = {}, {}, {}, []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        step, optimizer = trainer.global_step, trainer.optimizers[0]
        self.weights[step] = torch.cat([p.detach().flatten() for p in pl_module.parameters()])
        moments = [state["exp_avg"].flatten() for state in optimizer.state.values()]
        self.moments[step] = torch.cat(moments) if moments else torch.empty(0)
        self.rates[step] = optimizer.param_groups[0]["lr"]
        self.numbers.append(batch.number)


def last(folder, every=2):
    return ModelCheckpoint(folder, "last", every_n_train_steps=every, enable_version_counter=False)


def test_a_wire_tells_once_and_training_goes_on(canonical, tmp_path):
    tripwires = Tripwires({"noisy": Noisy(), "off": None}, tmp_path / "new")
    logged = watched(small_system(canonical), flat(3, token=1.0, precursor=0.1), tripwires)
    assert told(tmp_path / "new") == [{"step": 0, "name": "noisy", "message": "step 0 again"}]
    assert logged["tripwire/noisy"] == {0: 1.0}


def test_a_logger_with_a_summary_keeps_the_sentence(canonical, tmp_path):
    recorder = Recorder()
    recorder.experiment = SimpleNamespace(summary={})
    tripwires = Tripwires({"noisy": Noisy()}, tmp_path)
    curriculum = flat(2, token=1.0, precursor=0.1)
    watched(small_system(canonical), curriculum, tripwires, logger=recorder)
    assert recorder.experiment.summary == {"tripwire/noisy/message": "step 0 again"}


def test_a_stop_leaves_the_last_checkpoint_as_it_was(canonical, tmp_path):
    saved = {}

    class Keep(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if trainer.global_step == 5:
                saved["bytes"] = (tmp_path / "last.ckpt").read_bytes()

    system = poisoned(canonical, at=[5], value=NAN)
    tripwires = Tripwires({"not_finite_loss": NotFiniteLoss()}, tmp_path)
    options = {"enable_checkpointing": True}
    with pytest.raises(InputError, match="not_finite_loss"):
        watched(system, flat(8, **BOTH), tripwires, Keep(), last(tmp_path), **options)
    assert (tmp_path / "last.ckpt").read_bytes() == saved["bytes"]


def test_an_update_without_finite_gradient_is_left_out(canonical, tmp_path):
    trace = Trace()
    tripwires = Tripwires({"gradient": NotFiniteGradient()}, tmp_path)
    watched(poisoned(canonical, at=[3]), flat(6, **BOTH), tripwires, trace)
    assert torch.equal(trace.weights[4], trace.weights[3])
    assert torch.equal(trace.moments[4], trace.moments[3])
    assert not torch.equal(trace.weights[5], trace.weights[4])
    assert torch.isfinite(trace.weights[6]).all()
    assert [entry["step"] for entry in told(tmp_path)] == [3]


def test_a_warning_keeps_no_other_wire_from_its_work(canonical, tmp_path):
    trace = Trace()
    wires = {"noisy": Noisy(), "gradient": NotFiniteGradient()}
    system = poisoned(canonical, at=[0, 3])
    watched(system, flat(6, **BOTH), Tripwires(wires, tmp_path), trace)
    assert torch.isfinite(trace.weights[6]).all()
    found = [(entry["step"], entry["name"]) for entry in told(tmp_path)]
    assert found == [(0, "noisy"), (0, "gradient"), (3, "gradient")]


def test_the_gradient_scaler_is_left_to_its_work(canonical, tmp_path):
    """An infinite gradient is how it finds its scale; it leaves out the update by itself."""
    trace, scaler = Trace(), torch.amp.GradScaler("cpu", init_scale=1024.0)
    tripwires = Tripwires({"gradient": NotFiniteGradient("stop")}, tmp_path)
    plugins = [MixedPrecision("16-mixed", "cpu", scaler)]
    system = poisoned(canonical, at=[3])
    watched(system, flat(6, **BOTH), tripwires, trace, plugins=plugins)
    assert torch.equal(trace.weights[4], trace.weights[3])
    assert scaler.get_scale() == 512.0
    assert told(tmp_path) == []


def test_a_rewind_under_a_gradient_scaler(canonical, tmp_path):
    plugins = [MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=1024.0))]
    trace = rewound(canonical, tmp_path, plugins=plugins)
    assert torch.equal(trace.weights[6], trace.weights[4])
    assert torch.isfinite(trace.weights[9]).all()


def test_updates_are_left_out_so_often_and_no_more(canonical, tmp_path):
    tripwires = Tripwires({"gradient": NotFiniteGradient()}, tmp_path, max_skips=2)
    with pytest.raises(InputError, match="used its 2 chances to skip"):
        watched(poisoned(canonical, at=range(3, 9)), flat(9, **BOTH), tripwires)
    assert [entry["step"] for entry in told(tmp_path)] == [3, 4, 5]


def rewound(vocabulary, folder, *callbacks, at=(5,), **options):
    """Train with checkpoints after every second step, NaN at some, and rewinds."""
    trace = Trace()
    tripwires = Tripwires({"loss": NotFiniteLoss("rewind")}, folder, max_rewinds=2)
    watched(
        poisoned(vocabulary, at, NAN), flat(9, **BOTH), tripwires, trace, *callbacks,
        last(folder), enable_checkpointing=True, **options,
    )  # fmt: skip
    return trace


def test_a_rewind_brings_back_weights_and_optimizer_but_not_the_step(canonical, tmp_path):
    trace = rewound(canonical, tmp_path)
    assert list(trace.weights) == list(range(1, 10))
    assert trace.numbers == list(range(9))
    # NaN in the sixth step: its weights are those of the checkpoint after the fourth.
    assert torch.equal(trace.weights[6], trace.weights[4])
    assert torch.equal(trace.moments[6], trace.moments[4])
    assert not torch.equal(trace.weights[7], trace.weights[5])
    assert torch.isfinite(trace.weights[9]).all()
    assert [entry["step"] for entry in told(tmp_path)] == [5]


def test_a_checkpoint_saved_right_after_a_rewind_holds_the_rewound_weights(canonical, tmp_path):
    cut = CutAt(6, tmp_path)
    trace = rewound(canonical, tmp_path, cut)
    state = torch.load(cut.path, weights_only=True)
    weights = torch.cat([w.flatten() for w in state["state_dict"].values()])
    assert torch.equal(weights, trace.weights[4])
    assert state["global_step"] == 6


def test_a_rewound_run_is_reproducible_and_can_be_resumed(canonical, tmp_path):
    one = rewound(canonical, tmp_path / "one", CutAt(7, tmp_path))
    same = rewound(canonical, tmp_path / "same")
    resumed = rewound(canonical, tmp_path / "on", ckpt_path=tmp_path / "cut.ckpt")
    assert torch.equal(one.weights[9], same.weights[9])
    assert torch.equal(one.weights[9], resumed.weights[9])


def test_a_resumed_run_rewinds_to_the_checkpoint_it_came_from(canonical, tmp_path):
    whole = rewound(canonical, tmp_path / "one", CutAt(4, tmp_path))
    (tmp_path / "one" / "last.ckpt").unlink()
    resumed = rewound(canonical, tmp_path / "on", ckpt_path=tmp_path / "cut.ckpt")
    assert torch.equal(whole.weights[9], resumed.weights[9])


def test_the_learning_rate_is_that_of_the_step_after_a_rewind(canonical, tmp_path):
    class Halve(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            trainer.optimizers[0].param_groups[0]["lr"] = 0.5**trainer.global_step

    trace = rewound(canonical, tmp_path, Halve())
    assert trace.rates[6] == 0.5**5


def test_rewinds_are_counted_across_a_resume(canonical, tmp_path):
    rewound(canonical, tmp_path / "one", CutAt(6, tmp_path), at=[3])
    with pytest.raises(InputError, match="used its 2 chances to rewind"):
        rewound(canonical, tmp_path / "on", at=[6, 7], ckpt_path=tmp_path / "cut.ckpt")
    assert [entry["step"] for entry in told(tmp_path / "on")] == [6, 7]


def test_without_a_checkpoint_there_is_nothing_to_rewind_to(canonical, tmp_path):
    with pytest.raises(InputError, match="no good checkpoint to rewind to"):
        rewound(canonical, tmp_path, at=[1])


def test_a_checkpoint_with_bad_weights_is_passed_over(canonical, tmp_path):
    class Spoil(Callback):
        """Write NaN into the newer of two checkpoints."""

        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if trainer.global_step == 5:
                state = torch.load(tmp_path / "last.ckpt", weights_only=True)
                next(iter(state["state_dict"].values())).fill_(NAN)
                torch.save(state, tmp_path / "last.ckpt")

    older = ModelCheckpoint(tmp_path, "older", every_n_train_steps=3, enable_version_counter=False)
    trace = rewound(canonical, tmp_path, Spoil(), older)
    assert torch.equal(trace.weights[6], trace.weights[3])
