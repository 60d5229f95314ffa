"""From settings to objects, and from faults to sentences."""

from fractions import Fraction

import pytest
import torch
from hydra.errors import InstantiationException
from omegaconf import OmegaConf

from denovo.chemistry import Ppm
from denovo.cli.diagnosis_input import settings_of
from denovo.curriculum import Curriculum, Noise
from denovo.errors import InputError
from denovo.training.configuration import (
    build,
    config_directory,
    faults_as_sentences,
    override,
    plain,
    settings_that_differ,
)

CURRICULUM = {"_target_": "denovo.curriculum.Curriculum", "_convert_": "all"}


def stopped_by(fault, capsys):
    """Return the sentence on standard error that a fault ends with."""
    with pytest.raises(SystemExit) as stopped, faults_as_sentences():
        raise fault
    assert stopped.value.code == 1
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    return message.removeprefix("error: ").rstrip("\n")


def test_the_settings_lie_beside_the_package():
    assert (config_directory() / "train.yaml").is_file()


def test_plain_settings_are_resolved_and_of_plain_types():
    config = OmegaConf.create({"a": {"b": [1, "${c}"]}, "c": 2.5})
    result = plain(config)
    assert result == {"a": {"b": [1, 2.5]}, "c": 2.5}
    assert type(result["a"]) is dict
    assert type(result["a"]["b"]) is list


def test_a_node_is_built_with_its_values():
    stages = [{"name": "all", "start": 0, "end": 3}]
    made = build(OmegaConf.create(CURRICULUM | {"stages": stages}), steps_per_unit=5)
    assert isinstance(made, Curriculum)
    assert made.n_steps == 15


def test_arguments_arrive_as_the_very_objects_they_are():
    value = [Fraction(1, 3)]
    assert build({"_target_": "builtins.dict"}, key=value)["key"] is value


def test_a_partial_node_waits_for_its_call():
    make = build({"_target_": "denovo.curriculum.Noise", "_partial_": True, "noisy_fraction": 0.5})
    assert make(peak_dropout=0.1) == Noise(noisy_fraction=0.5, peak_dropout=0.1)


def test_a_group_of_nodes_is_built_node_by_node():
    node = {"_target_": "denovo.chemistry.Ppm"}
    group = {"a": node | {"value": 4.0}, "b": node | {"value": 15.0}}
    assert build(OmegaConf.create(group)) == {"a": Ppm(4.0), "b": Ppm(15.0)}


def test_settings_that_differ_are_named_with_both_values():
    one = {"seed": 0, "model": {"d": 8, "ions": ["b", "y"]}}
    other = {"seed": 0, "model": {"d": 16, "ions": ["b", "y"]}, "name": "x"}
    assert settings_that_differ(one, other) == ["model.d: 8 and 16", "name: None and x"]
    assert settings_that_differ(one, one) == []


@pytest.mark.parametrize("stages", [[], [{"name": "late", "start": 3, "end": 4}]])
def test_a_fault_that_a_constructor_found_comes_through_as_it_is(stages):
    with pytest.raises(InputError, match=r"no stages|late"):
        build(CURRICULUM | {"stages": stages})
    with pytest.raises(InputError, match=r"no stages|late"):  # also from deep inside
        build({"inner": CURRICULUM | {"stages": stages}})


def test_a_setting_that_nothing_reads_is_named():
    with pytest.raises(InputError, match=r"denovo\.curriculum\.Noise.*'colour'"):
        build({"_target_": "denovo.curriculum.Noise", "colour": "red"})


def test_values_that_a_constructor_cannot_take_are_a_fault_of_the_settings(monkeypatch):
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    with pytest.raises(InputError, match=r"do not fit fractions\.Fraction.*'half'"):
        build({"_target_": "fractions.Fraction"}, numerator="half")


def test_the_traceback_of_a_fault_in_building_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(ValueError, match="'half'"):
        build({"_target_": "fractions.Fraction"}, numerator="half")


def test_a_fault_of_the_input_is_one_sentence(capsys):
    assert stopped_by(InputError("first\n  second"), capsys) == "first second"


def test_only_the_first_line_of_a_configuration_error_is_shown(capsys):
    with pytest.raises(SystemExit), faults_as_sentences():
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
    with pytest.raises(type(fault), match="odd"), faults_as_sentences():
        raise fault


def test_without_a_fault_nothing_is_said(capsys):
    with faults_as_sentences():
        pass
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "text",
    ["it's", "a\\", "a\\'b", "a\\\\'b", 'x"y', "a=b,c d", "ünï", "{a}", "[1]", "a#b", "a\nb\n"],
)
def test_a_path_of_the_command_line_is_taken_literally(text):
    config = settings_of([override("store_dir", text)])
    assert build(config.data.sources).keywords["root"] == text


def test_a_path_that_hydra_would_replace_is_refused():
    with pytest.raises(InputError, match="which Hydra would replace"):
        override("store_dir", "${oc.env:HOME}")
