"""Trees read from C sources."""

import numpy as np
import pytest

from denovo.simulation.boosted_trees import BoostedTrees

SOURCE = b"""#include "../HCD-2019.h"
float score(unsigned int* v){
float s = 0.;
\tif (v[1]<3){
\t\ts = s -7.32571316;
}
\telse{
\t\tif (v[0]<201){
\t\t\ts = s + 6.858712e-05;
}
\t\telse{
\t\t\ts = s + 2;
}}
\tif (v[0]<10){
\t\ts = s -1.5;
}
\telse{
\t\ts = s + 0.25;
}
return s;}
"""


def test_sites_reach_the_leaves_that_their_features_lead_to() -> None:
    trees = BoostedTrees.parse(SOURCE, 2)
    features = np.array([[9, 2], [200, 3], [201, 3], [65535, 0]], dtype=np.uint16)
    leaves = [(-7.32571316, -1.5), (6.858712e-05, 0.25), (2.0, 0.25), (-7.32571316, 0.25)]
    expected = [np.float32(np.float32(first) + second) for first, second in leaves]
    np.testing.assert_array_equal(trees(features), np.array(expected, dtype=np.float32))


def test_the_rest_of_a_block_counts_too() -> None:
    trees = BoostedTrees.parse(SOURCE, 2)
    features = np.random.default_rng(0).integers(0, 300, (200, 2)).astype(np.uint16)
    one_by_one = np.concatenate([trees(row[None]) for row in features])
    np.testing.assert_array_equal(trees(features), one_by_one)
    assert len(np.unique(one_by_one)) > 3


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"float score(unsigned int* v){ return 0; }",
        SOURCE[: SOURCE.index(b"else")],
        b"if (v[0]<1){\n" * 11 + b"s = s + 1.0;\n",
        SOURCE.replace(b"201", b"70000"),
        SOURCE.replace(b"v[1]", b"v[2]"),
        b"\tif (v[1]<3",
    ],
)
def test_what_holds_no_such_trees_is_refused(source: bytes) -> None:
    with pytest.raises(ValueError, match="no complete trees"):
        BoostedTrees.parse(source, 2)
