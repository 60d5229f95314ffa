"""What may fail without stopping a run."""

import pytest

from denovo.errors import best_effort


def test_a_failure_that_a_run_can_do_without_is_one_line_in_the_log(caplog):
    with best_effort("the report"):
        raise OSError("no space\nleft")
    assert [record.getMessage() for record in caplog.records] == [
        "the report could not be made, training is not affected: no space left"
    ]


def test_an_interrupt_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt), best_effort("the report"):
        raise KeyboardInterrupt
