"""Kinds of rescoring and what each of them needs."""

import pytest

from denovo.sequencing.rescoring import Rescoring


@pytest.mark.parametrize(
    ("kind", "fitted"),
    [("none", []), ("joint", ["joint"]), ("full", ["joint", "full"]), ("best", ["joint", "full"])],
)
def test_who_can_do_more_can_do_less(kind, fitted):
    assert [each.value for each in Rescoring(kind).fitted] == fitted
