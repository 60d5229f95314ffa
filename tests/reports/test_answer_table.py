"""The table of the best answers of a run."""

from denovo.reports.answer_table import BestAnswers
from tests.helpers.predictions import answered, prediction, unanswered


def test_the_best_answers_are_kept_in_order_and_the_rest_is_named():
    rows = [row for row, _ in answered([0.1, 0.9, 0.5, 0.9])] + [unanswered(4)]
    best = BestAnswers(3)
    assert list(best.watching(rows)) == rows
    table = best.table()
    assert [row[0] for row in table.rows] == ["scan 1", "scan 3", "scan 2"]
    assert table.caption.startswith("The 3 most probable of 4 answers")


def test_columns_that_a_run_lacks_are_left_out():
    best = BestAnswers()
    list(best.watching([prediction(probability=None, q_value=None, retention_time=None)]))
    table = best.table()
    assert table.headings[:3] == ("spectrum", "peptide", "log-probability")
    assert not {"q-value", "RT (min)", "file", "source"} & {*table.headings}
    assert table.n_text == 2
    assert table.caption == "All answers, the most probable first"


def test_files_are_named_where_there_are_several():
    best = BestAnswers()
    list(best.watching([prediction(0), prediction(1, file="folder/other.mgf")]))
    table = best.table()
    assert {row[table.headings.index("file")] for row in table.rows} == {"run.mgf", "other.mgf"}
