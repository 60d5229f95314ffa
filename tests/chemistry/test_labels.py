"""Ions of isobaric labels against published values and UNIMOD."""

import pytest

from denovo.chemistry import PROTON_MASS
from denovo.chemistry.labels import LABELS, TMT, TMT_PRO
from denovo.chemistry.modifications import unimod

# Reporter ions 126, 127N, 127C, 131N, 131C and 135N as the maker of the labels lists them.
PUBLISHED = {
    0: 126.127726,
    1: 127.124761,
    2: 127.131081,
    9: 131.138180,
    10: 131.144500,
    17: 135.151600,
}


def test_reporter_ions_are_the_published_ones():
    for place, mz in PUBLISHED.items():
        assert TMT_PRO.reporters[place] == pytest.approx(mz, abs=1e-6)
    assert TMT.reporters == TMT_PRO.reporters[:11]


@pytest.mark.parametrize("label", LABELS.values(), ids=lambda label: label.name)
def test_a_label_is_the_modification_of_unimod(label):
    known = unimod().modifications[label.accession]
    assert known.name == label.name
    assert label.whole - PROTON_MASS == pytest.approx(known.mass, abs=1e-6)
