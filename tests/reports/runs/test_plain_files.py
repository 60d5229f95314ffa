"""Files of a run folder are plain values, whoever wrote them."""

import pytest

from denovo.errors import InputError
from denovo.reports.runs.run import Run, read_config, read_yaml

LAUGHS = "a0: &a0 [x]\n" + "".join(
    f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        *(LAUGHS, "[" * 5000, "a: 2024-13-45", "a: !!python/object/apply:os.system [x]"),
        *("a: [", "a: \x00", "? [a]\n: {b"),
    ],
)
def test_a_configuration_that_is_more_than_plain_values_is_refused(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(InputError, match=r"config\.yaml is (damaged|refused)"):
        read_config(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InputError, match="damaged"):
        read_yaml(tmp_path / "config.yaml")


@pytest.mark.parametrize("text", ["[]", "1", "[" * 100_000, "{"])
def test_a_summary_that_is_no_mapping_is_refused(tmp_path, text):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "metrics.csv").write_text("step\n1\n")
    (tmp_path / "config.yaml").write_text("seed: 0\n")
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(InputError, match=r"summary\.json is damaged"):
        Run.load(tmp_path)
