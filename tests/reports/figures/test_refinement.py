"""The refinement trace: steps downwards, positions across."""

from denovo.reports.figures.refinement import draw_refinement
from tests.helpers.runs import example


def test_every_step_is_a_row_with_its_error():
    (axes,) = draw_refinement(example(n_refinements=3)).axes
    assert len(axes.patches) == 3 * 7
    assert [t.get_text() for t in axes.get_yticklabels()] == ["1", "2", "3"]
    assert "".join(t.get_text() for t in axes.get_xticklabels()) == "PEPTIDE"
    assert {"+1,000", "+500", "+333"} <= {text.get_text() for text in axes.texts}


def test_wrong_residues_are_bold_and_fewer_at_every_step():
    (axes,) = draw_refinement(example(n_refinements=3)).axes
    bold = [t.get_position()[1] for t in axes.texts if t.get_fontweight() == "bold"]
    assert [bold.count(row) for row in range(3)] == [7, 6, 5]


def test_a_sequencer_with_a_single_step_has_no_trace():
    assert draw_refinement(example()) is None
