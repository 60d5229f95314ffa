"""Several jobs in one picture."""

import pytest

from denovo.reports.figures.sweep import draw_comparison, numeric_setting
from denovo.reports.runs.jobs import find_jobs
from denovo.reports.runs.sweep_table import compare
from tests.helpers.sweeps import write_job, write_sweep


def sweep_over_scales(folder):
    number = 0
    for penalty in ("log", "sqrt"):
        for scale in (10, 100, 1000):
            for seed in (0, 1):
                write_job(
                    folder / str(number),
                    {"val/peptide_recall": {9: scale / 2000 + 0.1 * seed}},
                    {"steps": 10},
                    penalty=penalty,
                    loss_scale=scale,
                    seed=seed,
                )
                number += 1
    return find_jobs([folder])


def test_curves_of_seeds_share_a_colour_and_one_entry_in_the_legend(tmp_path):
    figure = draw_comparison(find_jobs([write_sweep(tmp_path)]))
    assert len(figure.axes) == 2
    legend = figure.axes[1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["penalty=clamp", "penalty=log"]
    assert figure.axes[1].get_yscale() == "log"


def test_the_error_is_drawn_from_before_the_shared_shared_start_ended(tmp_path):
    figure = draw_comparison(find_jobs([write_sweep(tmp_path)]))
    assert min(line.get_xdata()[0] for line in figure.axes[1].get_lines()[:1]) == 0


def test_a_setting_with_numbers_gets_a_panel_with_a_line_for_each_other_setting(tmp_path):
    jobs = sweep_over_scales(tmp_path)
    assert numeric_setting(compare(jobs)) == "loss_scale"
    figure = draw_comparison(jobs)
    panel = figure.axes[2]
    assert panel.get_xlabel() == "loss_scale"
    assert panel.get_xscale() == "log"
    assert [text.get_text() for text in panel.get_legend().get_texts()] == [
        "penalty=log",
        "penalty=sqrt",
    ]
    line = panel.containers[0].lines[0]
    assert list(line.get_xdata()) == [10, 100, 1000]
    assert list(line.get_ydata()) == pytest.approx([0.055, 0.1, 0.55])


def test_jobs_that_all_failed_give_an_empty_picture(tmp_path):
    write_job(tmp_path / "0", failure="no luck")
    figure = draw_comparison(find_jobs([tmp_path]))
    assert not figure.axes[0].get_lines()
