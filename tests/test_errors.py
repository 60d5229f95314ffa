"""Faults of the input as sentences, and what may fail without stopping a run."""

import pytest
import torch
from hydra.errors import InstantiationException
from omegaconf import OmegaConf

from denovo.errors import InputError, best_effort, exit_with_message


def stopped_by(fault, capsys):
    """Return the sentence on standard error that a fault ends with."""
    with pytest.raises(SystemExit) as stopped, exit_with_message():
        raise fault
    assert stopped.value.code == 1
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    return message.removeprefix("error: ").rstrip("\n")


def test_a_failure_that_a_run_can_do_without_is_one_line_in_the_log(caplog):
    with best_effort("the report"):
        raise OSError("no space\nleft")
    assert [record.getMessage() for record in caplog.records] == [
        "the report could not be made, training is not affected: no space left"
    ]


def test_an_interrupt_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt), best_effort("the report"):
        raise KeyboardInterrupt


def test_a_fault_of_the_input_is_one_sentence(capsys):
    assert stopped_by(InputError("first\n  second"), capsys) == "first second"


def test_only_the_first_line_of_a_configuration_error_is_shown(capsys):
    with pytest.raises(SystemExit), exit_with_message():
        _ = OmegaConf.create({"a": "${nowhere}"}).a
    message = capsys.readouterr().err
    assert "nowhere" in message
    assert message.count("\n") == 1


def test_exhausted_memory_is_named_with_what_helps(capsys):
    by_cause = InstantiationException("error in building")
    by_cause.__cause__ = MemoryError()
    faults = {
        "this computer": [MemoryError(), by_cause],
        "the GPU": [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")],
    }
    with pytest.raises(RuntimeError) as caught:  # the real one, of an allocation of 2 EiB
        torch.empty(1 << 58, dtype=torch.float64)
    faults["this computer"].append(caught.value)
    for memory, errors in faults.items():
        for error in errors:
            said = stopped_by(error, capsys)
            assert said.startswith(f"the memory of {memory} does not suffice; give a smaller batch")


def test_a_full_disk_is_named_with_the_file(capsys):
    fault = OSError(28, "No space left on device", "runs/last.ckpt")
    assert stopped_by(fault, capsys).startswith("runs/last.ckpt: No space left on device")
    assert stopped_by(OSError(28, "No space left on device"), capsys).startswith("the output: No")


@pytest.mark.parametrize(
    "fault", [ValueError("odd"), OSError("odd"), InstantiationException("odd")]
)
def test_every_other_fault_keeps_its_traceback(fault):
    with pytest.raises(type(fault), match="odd"), exit_with_message():
        raise fault


def test_without_a_fault_nothing_is_said(capsys):
    with exit_with_message():
        pass
    assert capsys.readouterr().err == ""
