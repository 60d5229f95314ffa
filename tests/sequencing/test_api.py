"""Sequencing from Python, as the documentation shows it."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import denovo
from denovo.cli import app
from denovo.errors import InputError
from denovo.io.predictions import read_predictions
from denovo.processes import n_cores
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.api import _records
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


SCRIPT = """
import denovo
from denovo.sequencing import workers

if __name__ == "__main__":
    workers.CHUNK_SIZE = 8
    options = {"rescoring": "none", "beam_width": 2}
    model = denovo.load()
    together = model.sequence("a.mgf", n_workers=2, **options)
    assert together == model.sequence("a.mgf", **options)
    together.write("api.csv")
    for each in model.stream("a.mgf", n_workers=2, **options):
        print(each.index)
"""


def run_script(root, folder, text):
    (folder / "script.py").write_text(text)
    return subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.skipif(n_cores() < 2, reason="needs two cores")
@pytest.mark.slow
def test_workers_change_nothing_and_answer_as_the_command_does(root, tmp_path, monkeypatch):
    path = mgf_of(tmp_path / "a.mgf", 20)
    path.write_text(path.read_text() + "BEGIN IONS\nPEPMASS=500\nCHARGE=2+\nEND IONS\n")
    ended = run_script(root, tmp_path, SCRIPT)
    assert ended.stderr == ""
    assert ended.stdout.split() == [*map(str, range(21))]
    monkeypatch.chdir(tmp_path)
    # Batches of another size may differ in the last digits, by the kernels of the processor.
    monkeypatch.setattr("denovo.sequencing.workers.CHUNK_SIZE", 8)
    arguments = ["sequence", "a.mgf", "--output", "cli.csv", "--rescoring", "none"]
    run = CliRunner().invoke(app, [*arguments, "--beam-width", "2", "--workers", "1"])
    assert run.exit_code == 0, run.output
    assert (tmp_path / "api.csv").read_bytes() == (tmp_path / "cli.csv").read_bytes()


def test_one_process_computes_on_one_thread_and_gives_the_others_back(model, tmp_path, monkeypatch):
    threads, prediction = [], SpectrumSequencer.prediction

    def noted(*arguments):
        threads.append(torch.get_num_threads())
        return prediction(*arguments)

    monkeypatch.setattr(SpectrumSequencer, "prediction", noted)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        next(model.stream(mgf_of(tmp_path / "a.mgf", 2)))
        assert torch.get_num_threads() == 3
        assert threads == [1, 1]
    finally:
        torch.set_num_threads(before)


def test_more_workers_than_cores_are_refused(model):
    with pytest.raises(InputError, match="n_workers must be at most"):
        model.sequence([], n_workers=10**6)


@pytest.mark.skipif(n_cores() < 2, reason="needs two cores")
@pytest.mark.slow
def test_a_script_without_a_guard_ends_with_a_sentence(root, tmp_path):
    mgf_of(tmp_path / "a.mgf", 300)
    text = "import denovo\ndenovo.load().sequence('a.mgf', 2, rescoring='none')\n"
    ended = run_script(root, tmp_path, text)
    assert ended.returncode == 1
    assert "the calling script lacks `if __name__ == '__main__'`; repeat it" in ended.stderr


def test_importing_the_package_alone_loads_no_framework():
    code = "import sys, denovo; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = denovo.nothing


def test_a_data_frame_is_sequenced_as_its_file_is(model, tmp_path):
    known = list(denovo.io.open_spectra(mgf_of(tmp_path / "a.mgf", 3)))
    columns = {
        "mz_array": [spectrum.mz for spectrum in known],
        "intensity_array": [spectrum.intensity for spectrum in known],
        "precursor_mz": [spectrum.precursor_mz for spectrum in known],
        "precursor_charge": [spectrum.precursor_charge for spectrum in known],
        "scan_number": [7, 8, 9],
    }
    found = model.sequence(pd.DataFrame(columns)).predictions
    assert [(p.peptide, p.scan, p.title) for p in found] == [
        (PEPTIDE, scan, f"scan={scan}") for scan in (7, 8, 9)
    ]
    with pytest.raises(InputError, match="no column precursor_mz"):
        model.sequence(pd.DataFrame(columns).drop(columns="precursor_mz"))


def test_paths_come_in_any_iterable(model, tmp_path):
    for name in ("a.mgf", "b.mgf"):
        mgf_of(tmp_path / name, 2)
    paths = sorted(tmp_path.glob("*.mgf"))
    given = (iter(paths), {paths[0]: 1}, np.array(list(map(str, paths))), tuple(paths))
    assert [len(model.sequence(spectra, decoder="greedy")) for spectra in given] == [4, 2, 4, 4]
    (spectrum, *_) = denovo.io.open_spectra(paths[0])
    assert len(model.sequence(spectrum, decoder="greedy")) == 1
    assert len(model.sequence((each for each in [spectrum]), decoder="greedy")) == 1


@pytest.mark.parametrize("items", [[5], 5, ["absent.mgf", 5], [None]])
def test_what_is_neither_path_nor_spectrum_is_named(items):
    with pytest.raises(InputError, match="spectra must be paths, a data frame, or what denovo"):
        list(_records(items))


def test_no_spectrum_gives_a_table_with_all_columns(model):
    table = model.sequence([]).to_pandas()
    assert table.empty
    assert table.query("q_value < 0.05").empty


def test_results_do_not_replace_the_spectra_they_are_of(model, tmp_path):
    path = mgf_of(tmp_path / "a.csv", 2)
    results = model.sequence(path, decoder="greedy")
    with pytest.raises(InputError, match="both read and written"):
        results.write(path)
    assert len(list(denovo.io.open_spectra(path))) == 2


@pytest.mark.parametrize("charge", [2.5, True])
def test_a_charge_is_a_whole_number_of_any_type(charge):
    values = {"mz": [100.0, 200.0], "intensity": [1.0, 2.0], "precursor_mz": 500.0}
    with pytest.raises(InputError, match=f"the charge must be a whole number, got {charge}"):
        denovo.spectrum(**values, precursor_charge=charge)
    with pytest.raises(InputError, match="could not convert"):
        denovo.spectrum(**values | {"mz": ["a", "b"]})
    made = denovo.spectrum(**values, precursor_charge=np.float64(2), title=5)
    assert (made.precursor_charge, made.title) == (2, "5")
