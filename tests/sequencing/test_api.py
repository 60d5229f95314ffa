"""Sequencing from Python, as the documentation shows it."""

import numpy as np
import pytest

import denovo
from denovo.errors import InputError
from denovo.io.predictions import read_predictions
from tests.helpers.calibrations import fixed_calibration
from tests.helpers.fake_model import PEPTIDE, fake_model, mgf_of


@pytest.fixture
def model(common):
    return denovo.Model(fake_model(common))


def test_files_are_sequenced_into_a_table(model, tmp_path):
    results = model.sequence(mgf_of(tmp_path / "a.mgf", 3), decoder="greedy")
    table = results.to_pandas()
    assert table["peptide"].tolist() == [PEPTIDE] * 3
    assert table["index"].tolist() == [0, 1, 2]
    assert results.rejected == []
    assert results.settings["decoder"] == "greedy"


def test_spectra_are_made_from_arrays_in_any_order(model, tmp_path):
    mgf = mgf_of(tmp_path / "a.mgf", 1)
    (known,) = denovo.io.open_spectra(mgf)
    backwards = known.mz[::-1], known.intensity[::-1]
    made = denovo.spectrum(*backwards, known.precursor_mz, known.precursor_charge, title="mine")
    (found,) = model.sequence([made]).predictions
    assert (found.peptide, found.title) == (PEPTIDE, "mine")


def test_what_is_no_spectrum_is_listed_with_its_reason(model, tmp_path):
    path = mgf_of(tmp_path / "a.mgf", 2)
    path.write_text(path.read_text() + "BEGIN IONS\nPEPMASS=500\nCHARGE=2+\nEND IONS\n")
    results = model.sequence([path])
    assert len(results) == 2
    assert [r.reason for r in results.rejected] == ["the spectrum has no peaks"]


def test_results_print_as_counts_and_columns(model, tmp_path):
    path = mgf_of(tmp_path / "a.mgf", 9)
    path.write_text(path.read_text() + "BEGIN IONS\nPEPMASS=500\nCHARGE=2+\nEND IONS\n")
    results = model.sequence(path)
    assert repr(results).startswith("Results: 9 spectra, 9 with a peptide, 1 rejected; to_pandas()")
    assert all(name in repr(results) for name in results.to_pandas())
    assert len(repr(results)) < 600
    page = results._repr_html_()
    assert "9 with a peptide" in page
    assert page.count("<tr") == 1 + 5


def test_q_values_need_probabilities_and_come_with_them(common, tmp_path):
    state = fixed_calibration(2.0).state()
    path = mgf_of(tmp_path / "a.mgf", 2)
    calibrated = denovo.Model(fake_model(common, {"constrained": state})).sequence(path)
    expected = 1 / (1 + np.exp(2.0))
    assert [p.q_value for p in calibrated.predictions] == pytest.approx([expected] * 2)
    assert [p.q_value for p in denovo.Model(fake_model(common)).sequence(path).predictions] == [
        None,
        None,
    ]


def test_results_are_written_in_every_format(model, tmp_path):
    results = model.sequence(mgf_of(tmp_path / "a.mgf", 3))
    outputs = [tmp_path / f"out{suffix}" for suffix in (".mztab", ".csv", ".parquet")]
    results.write(*outputs)
    for output in outputs:
        assert [p.peptide for p in read_predictions(output)] == [PEPTIDE] * 3


def test_a_misspelt_option_is_named_with_the_one_that_was_meant(model):
    with pytest.raises(InputError, match="did you mean beam_width"):
        model.sequence([], beamwidth=3)


@pytest.mark.parametrize(
    ("mz", "intensity", "precursor_mz", "message"),
    [
        ([], [], 500.0, "no peaks"),
        ([100.0], [1.0, 2.0], 500.0, "1 m/z values but 2"),
        ([np.nan], [1.0], 500.0, "m/z of a peak"),
        ([100.0], [-1.0], 500.0, "must not be negative"),
        ([100.0], [1.0], -5.0, "precursor m/z"),
    ],
)
def test_arrays_that_are_no_spectrum_are_refused(mz, intensity, precursor_mz, message):
    with pytest.raises(InputError, match=f"spectrum 'x': .*{message}"):
        denovo.spectrum(mz, intensity, precursor_mz, title="x")


def test_importing_the_package_alone_loads_no_framework():
    import subprocess
    import sys

    code = "import sys, denovo; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = denovo.nothing
