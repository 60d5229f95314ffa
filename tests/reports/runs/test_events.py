"""Stages and tripwires of a run folder."""

import pytest
import yaml

from denovo.errors import InputError
from denovo.reports.runs import Run, StageSpan, TripwireEvent, stages_of, tripwires_of
from tests.helpers.runs import write_run

WIRE = {"step": 35, "name": "dead_gradient", "message": "the gradient is 0"}


def test_stages_start_where_the_configuration_says(tmp_path):
    run = Run.load(write_run(tmp_path))
    assert stages_of(run) == [StageSpan(1, "tokens", 0), StageSpan(2, "masses", 30)]


def test_a_run_without_a_curriculum_has_no_stages(tmp_path):
    write_run(tmp_path)
    (tmp_path / "config.yaml").write_text("name: trial")
    assert stages_of(Run.load(tmp_path)) == []


@pytest.mark.parametrize(
    ("curriculum", "fault"),
    [({"stages": [{"name": "one", "start": 1}]}, "must start at 0"), ({"stage": []}, "stage")],
)
def test_stages_that_cannot_be_read_are_one_sentence(tmp_path, curriculum, fault):
    write_run(tmp_path)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"curriculum": curriculum}))
    with pytest.raises(InputError, match=rf"config\.yaml is damaged: .*{fault}"):
        stages_of(Run.load(tmp_path))


def test_tripwires_are_read_in_order(tmp_path):
    run = Run.load(write_run(tmp_path, wires=(WIRE, WIRE | {"step": 40})))
    assert [wire.step for wire in tripwires_of(run)] == [35, 40]
    assert tripwires_of(run)[0] == TripwireEvent(**WIRE)


def test_a_run_in_which_no_wire_fired_has_none(tmp_path):
    assert tripwires_of(Run.load(write_run(tmp_path))) == []


def test_a_damaged_line_is_named(tmp_path):
    run = Run.load(write_run(tmp_path, wires=(WIRE,)))
    with (tmp_path / "tripwires.jsonl").open("a") as file:
        file.write("{\n")
    with pytest.raises(InputError, match=r"tripwires\.jsonl, line 2 is damaged"):
        tripwires_of(run)
