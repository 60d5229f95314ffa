"""What a file of predictions must hold to be converted."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denovo.choices import ExchangeFormat
from denovo.errors import InputError
from denovo.io.exchange import choose_formats, read_source, write_outputs
from denovo.io.predictions import SCHEMA
from tests.helpers.exchanged import PREDICTIONS, answer, source_of
from tests.helpers.mapped import write_answers
from tests.io.predictions.drawn import build, predictions


def test_predictions_are_counted(tmp_path):
    source = source_of(tmp_path)
    assert (source.n_rows, source.n_answers, source.n_without_scan) == (5, 4, 1)
    assert (source.is_calibrated, source.max_charge) == (True, 3)
    assert source.run.files == ("run.mgf", "b.mzML")
    assert [each.name for each in source.id_formats.values()] == [
        *("multiple peak list nativeID format", "Thermo nativeID format"),
    ]
    assert [r.name for r in source.run.alphabet.residues if r.modification] == [
        *("C[UNIMOD:4]", "M[UNIMOD:35]", "[UNIMOD:1]-", "[UNIMOD:385]-", "[UNIMOD:5]-"),
    ]
    assert list(source) == PREDICTIONS


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("title", None, "title is missing"),
        ("precursor_charge", None, "precursor_charge is missing"),
        ("precursor_charge", 0, "precursor_charge is not valid (0)"),
        ("precursor_mz", float("nan"), "precursor_mz is not valid (nan)"),
        ("precursor_mz", -1.0, "precursor_mz is not valid (-1.0)"),
        ("probability", float("inf"), "probability is not valid (inf)"),
        ("log_probability", float("nan"), "log_probability is not valid (nan)"),
        ("alternatives", [{"peptide": None, "log_probability": 0.0}], "alternatives is not valid"),
        ("peptide", "PEP TIDE", "peptide is not valid ('PEP TIDE')"),
        ("peptide", "", "peptide is not valid ('')"),
        ("peptide", "PEPM[<b>\n]", "peptide is not valid"),
        ("peptide_mz", None, "peptide_mz is missing"),
        ("residue_scores", [], "residue_scores is not valid ([])"),
        ("residue_scores", [0.5, None], "residue_scores is not valid"),
    ],
)
def test_a_value_that_is_missing_or_impossible_is_named(tmp_path, name, value, sentence):
    path = write_answers(tmp_path / "in.parquet", PREDICTIONS)
    rows = pq.read_table(path).to_pylist()
    rows[1][name] = value
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    with pytest.raises(InputError) as caught:
        read_source(path)
    assert f"{path}, prediction 2: {sentence}" in str(caught.value)


@pytest.mark.parametrize("tag", ["+15.995", "Oxidation", "UNIMOD:99999", "Formula:"])
def test_a_modification_that_is_no_accession_is_named(tmp_path, tag):
    path = write_answers(tmp_path / "in.parquet", [answer(0, f"PEM[{tag}]K")])
    with pytest.raises(InputError, match=r"the modification of M\["):
        read_source(path)


def completed(fields):
    """Make a prediction with the values that every answer has."""
    row = build(fields)
    missing = {"peptide_mz": 500.0, "ppm_error": 1.0, "isotope_error": 0}
    missing = {name: value for name, value in missing.items() if getattr(row, name) is None}
    return replace(row, residue_scores=row.residue_scores or (0.5,), **missing)


@given(rows=st.lists(predictions(), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_file_has_a_line_for_every_answer(tmp_path, rows):
    answers = [completed(row) for row in rows]
    source = read_source(write_answers(tmp_path / "in.parquet", answers))
    n_answers = sum(bool(row.peptide) for row in answers)
    assert (source.n_rows, source.n_answers) == (len(answers), n_answers)
    paths = [tmp_path / name for name in ("out.pin", "out.tsv", "out.mztab")]
    outputs = choose_formats(paths, [ExchangeFormat.PSM_UTILS, ExchangeFormat.CASANOVO])
    if not n_answers:
        with pytest.raises(InputError, match="holds no peptides"):
            write_outputs(source, outputs)
        return
    write_outputs(source, outputs)
    for path in paths:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        table = [line for line in lines if not line.startswith("MTD")]
        assert len(table) == n_answers + 1, path.name
        assert len({line.count("\t") for line in table}) == 1, path.name
