"""TSV and Parquet as psm_utils reads them."""

from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from psm_utils.io import read_file

from denovo.chemistry import PROTON_MASS
from denovo.choices import ExchangeFormat
from denovo.io.exchange import read_source
from denovo.io.predictions.columns import COLUMNS
from tests.helpers.exchanged import ANSWERS, THERMO, source_of, written
from tests.helpers.mapped import write_answers

# psims, from which psm_utils takes the masses, leaves files open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(params=["tsv", "parquet"])
def psms(request, tmp_path):
    source = source_of(tmp_path)
    path = written(source, tmp_path / f"out.{request.param}", ExchangeFormat.PSM_UTILS)
    return list(read_file(path, filetype=request.param))


def test_peptidoforms_have_the_mass_of_the_answers(psms):
    for psm, row in zip(psms, ANSWERS, strict=True):
        mass = (row.peptide_mz - PROTON_MASS) * row.precursor_charge
        assert psm.peptidoform.theoretical_mass == pytest.approx(mass, abs=1e-4)
        assert psm.peptidoform.precursor_charge == row.precursor_charge


def test_spectra_are_named_by_title_in_mgf_and_by_native_id_elsewhere(psms):
    assert [psm.spectrum_id for psm in psms] == ['µ "x" y\'', "scan 1", THERMO, "scan=7"]
    assert [psm.run for psm in psms] == ["run", "run", "b", "b"]


def test_values_are_carried_in_double_precision(psms):
    first, second = psms[:2]
    assert (first.score, first.qvalue, first.pep, first.rank) == (0.75, 0.02, 0.25, 1)
    assert (first.precursor_mz, first.retention_time) == (400.6873, 0.0)
    assert (first.is_decoy, first.source, second.retention_time) == (False, "denovo", None)
    assert psms[3].qvalue is None
    assert float(first.rescoring_features["probability"]) == 0.75


def test_metadata_hold_every_other_column(psms):
    placed = {"file", "peptide", "q_value", "precursor_mz", "precursor_charge", "retention_time"}
    for psm, row in zip(psms, ANSWERS, strict=True):
        assert psm.provenance_data["file"] == row.file
        texts = {c.name: c.kind.write(getattr(row, c.name)) for c in COLUMNS}
        assert psm.metadata == {name: text for name, text in texts.items() if name not in placed}
    assert [psm.metadata["scan"] for psm in psms] == ["17", "", "1201", "7"]


def test_metadata_hold_further_columns(tmp_path):
    answers = [replace(ANSWERS[0], usi="mzspec:PXD1:run:scan:17:PEPTIDE/2")]
    predictions = write_answers(tmp_path / "in.csv", answers, {"dataset": "PXD1"})
    source = read_source(predictions)
    path = written(source, tmp_path / "out.tsv", ExchangeFormat.PSM_UTILS)
    (psm,) = read_file(path, filetype="tsv")
    assert psm.metadata["usi"] == answers[0].usi


def test_parquet_has_the_columns_of_psm_utils(tmp_path):
    from psm_utils.io.parquet import SCHEMA

    path = written(source_of(tmp_path), tmp_path / "out.parquet", ExchangeFormat.PSM_UTILS)
    assert pq.read_schema(path).names == SCHEMA.names
