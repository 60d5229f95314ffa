"""The picture of a loss switched on."""

import pytest

from denovo.errors import InputError
from denovo.reports.figures.reenactment import draw_reenactment
from denovo.reports.runs.jobs import find_jobs
from tests.helpers.sweeps import write_job, write_sweep


def test_panels_are_drawn_for_what_was_logged_with_a_bold_mean_for_each_penalty(tmp_path):
    figure = draw_reenactment(find_jobs([write_sweep(tmp_path)]))
    error, loss, norm, recall = figure.axes
    bold = [line for line in error.get_lines() if line.get_linewidth() > 2]
    assert [line.get_label() for line in bold] == ["penalty=clamp (2)", "penalty=log (2)"]
    assert bold[0].get_xdata()[0] == 0
    assert loss.get_lines()[0].get_xdata()[0] == 20
    assert max(recall.get_lines()[0].get_ydata()) == 0.5
    # A gradient of exactly zero is what the picture is for.
    assert norm.get_yscale() == "symlog"
    assert norm.get_ylim()[0] < 0 < norm.get_ylim()[1]


def test_the_switch_is_marked_in_every_panel(tmp_path):
    figure = draw_reenactment(find_jobs([write_sweep(tmp_path)]))
    for axes in figure.axes:
        assert any(list(line.get_xdata()) == [20, 20] for line in axes.get_lines())


def test_without_metrics_there_is_nothing_to_draw(tmp_path):
    write_job(tmp_path / "0", failure="no luck")
    with pytest.raises(InputError, match="nothing to draw"):
        draw_reenactment(find_jobs([tmp_path]))
