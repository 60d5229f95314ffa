"""Examples as files: what is written comes back."""

import pytest

from denovo.errors import InputError
from denovo.reports.runs import EXAMPLE_HEADINGS, ExampleSet, read_examples, write_examples
from tests.helpers.runs import example, read


def test_examples_come_back_as_they_were_written(tmp_path):
    examples = ExampleSet(60, "noisy", (example(n_refinements=3), example(is_right=False)))
    write_examples(tmp_path, examples)
    assert read_examples(tmp_path) == examples


def test_a_run_without_examples_has_none(tmp_path):
    assert read_examples(tmp_path).examples == ()


@pytest.mark.parametrize("text", ["{", "[]", '{"step": 1}', '{"examples": [{}], "step": 1}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "examples.json").write_text(text)
    with pytest.raises(InputError, match=r"examples\.json is damaged"):
        read_examples(tmp_path)


def test_peptides_are_written_in_proforma():
    chosen = example(residues=read("[UNIMOD:1]-", "P", "M[UNIMOD:35]", "K"))
    assert chosen.prediction == "[UNIMOD:1]-PM[UNIMOD:35]K"
    assert chosen.truth == "PEPTIDE"


def test_a_row_says_what_its_headings_promise():
    row = dict(zip(EXAMPLE_HEADINGS, example(is_right=False).row, strict=True))
    assert row == {
        "result": "wrong",
        "truth": "PEPTIDE",
        "answer": "PEPTIED",
        "error (ppm)": 1.5,
        "log-probability": -0.7,
        "spectrum": "scan 7",
    }
    assert "no residue" in example(residues=()).row
