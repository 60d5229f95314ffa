"""From settings to objects."""

from fractions import Fraction

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from denovo.chemistry import Ppm
from denovo.cli.diagnosis_input import settings_of
from denovo.curriculum import Curriculum, Noise
from denovo.errors import InputError
from denovo.training.configuration import (
    build,
    command_line,
    override,
    plain,
    settings_that_differ,
)
from denovo.training.program_files import config_directory

CURRICULUM = {"_target_": "denovo.curriculum.Curriculum", "_convert_": "all"}


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


@pytest.mark.parametrize(
    ("folder", "name", "options"),
    [
        (None, "train", []),
        ("/here/mine", "train", ["--config-dir=mine"]),
        ("/elsewhere", "train", ["--config-dir=/elsewhere"]),
        ("/here/mine", "own", ["--config-dir=mine", "--config-name=own"]),
    ],
)
def test_the_command_line_names_configuration_files_of_ones_own(monkeypatch, folder, name, options):
    sources = [("main", "/package/conf"), ("command-line", folder), ("schema", "")]
    found = [{"provider": where, "path": path} for where, path in sources if path is not None]
    hydra = {
        "runtime": {"cwd": "/here", "config_sources": found},
        "job": {"config_name": name},
        "overrides": {"task": ["+experiment=mine", "seed=1"]},
    }
    monkeypatch.setattr(HydraConfig, "initialized", lambda: True)
    monkeypatch.setattr(HydraConfig, "get", lambda: OmegaConf.create(hydra))
    assert command_line() == [*options, "+experiment=mine", "seed=1"]
