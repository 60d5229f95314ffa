"""A run folder, read back, or found to be damaged."""

import pytest

from denovo.errors import InputError
from denovo.reports.runs import Run
from tests.helpers.runs import write_run

NO_STEPS = ["step,train/loss\n", "train/loss\n1.0\n", "step,train/loss\n,1.0\n", "step\nx\n"]
NO_SETTINGS = ["", "# nothing\n", "[seed]\n", "seed\n", "{}\n"]


def test_a_curve_goes_by_steps_and_keeps_the_last_of_two_values(tmp_path):
    write_run(tmp_path)
    (tmp_path / "metrics" / "metrics.csv").write_text("step,a,b\n4,1,\n2,3,\n4,5,\n6,,7\n")
    curve = Run.load(tmp_path).curve("a")
    assert curve.to_dict() == {2: 3.0, 4: 5.0}
    assert Run.load(tmp_path).curve("c").empty


@pytest.mark.parametrize("text", NO_STEPS)
def test_metrics_without_steps_are_named(tmp_path, text):
    write_run(tmp_path)
    (tmp_path / "metrics" / "metrics.csv").write_text(text)
    with pytest.raises(InputError, match=r"metrics\.csv is damaged: it has no column `step`"):
        Run.load(tmp_path).curve("train/loss")


def test_metrics_without_a_byte_are_named(tmp_path):
    write_run(tmp_path)
    (tmp_path / "metrics" / "metrics.csv").write_text("")
    with pytest.raises(InputError, match=r"metrics\.csv cannot be read"):
        Run.load(tmp_path).curve("train/loss")


@pytest.mark.parametrize("text", NO_SETTINGS)
def test_a_configuration_without_settings_is_named(tmp_path, text):
    write_run(tmp_path)
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(InputError, match=r"config\.yaml is damaged: it must map names"):
        Run.load(tmp_path)
