"""`denovo spectra-stats`, from files to figures."""

import json

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from denovo.evaluation.spectrum_statistics import PARTS

# b2 to b6 and y1 to y6 of GASPVTK by pyteomics.mass.fast_mass, and a peak of nothing.
PEAKS = "\n".join(
    f"{mz} {height}"
    for mz, height in [
        *((129.066, 4), (216.098, 9), (313.151, 1), (412.219, 1), (513.267, 1)),
        *((147.113, 16), (248.161, 25), (347.229, 1), (444.282, 1), (531.314, 1), (602.351, 1)),
        (555.555, 16),
    ]
)
MGF = f"BEGIN IONS\nTITLE=one\nPEPMASS=330.1898\nCHARGE=2+\nSEQ=GASPVTK\n{PEAKS}\nEND IONS\n"


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def mgf(tmp_path):
    path = tmp_path / "one.mgf"
    path.write_text(MGF)
    return path


def test_measured_and_simulated_spectra_stand_side_by_side(mgf, tmp_path):
    output, plot = tmp_path / "found.json", tmp_path / "found.svg"
    result = invoke(
        *("spectra-stats", mgf, "--json", output, "--plot", plot, "--residues", "canonical"),
        *("--simulated", "noise=none", "--simulated", "noise=measured noise.immonium=1"),
    )
    assert result.exit_code == 0, result.output
    measured, clean, noisy = json.loads(output.read_text())
    assert measured["name"] == "one.mgf"
    assert measured["intensity_share"]["unexplained"] == pytest.approx(16 / 77, abs=1e-4)
    assert measured["figures"]["sites covered"] == 1
    assert clean["intensity_share"]["unexplained"] == 0
    assert (clean["n_spectra"], noisy["n_spectra"]) == (1, 1)
    assert plot.read_text().startswith("<?xml")
    for part in PARTS:
        assert part in result.stdout


def test_square_roots_in_a_file_are_undone(mgf, tmp_path):
    output = tmp_path / "found.json"
    result = invoke("spectra-stats", mgf, "--sqrt-intensity", "one.mgf", "--json", output)
    assert result.exit_code == 0, result.output
    (measured,) = json.loads(output.read_text())
    total = 4**2 + 9**2 + 16**2 + 25**2 + 7 + 16**2
    assert measured["intensity_share"]["unexplained"] == pytest.approx(256 / total, abs=1e-4)


def test_groups_are_of_all_files_together(mgf, tmp_path):
    other, output = tmp_path / "two.mgf", tmp_path / "found.json"
    other.write_text(MGF + MGF.replace("2+", "3+").replace("330.1898", "220.4623"))
    options = ("--by", "charge", "--simulated", "noise=none", "--json", output)
    result = invoke("spectra-stats", mgf, other, *options)
    assert result.exit_code == 0, result.output
    assert [(c["name"], c["n_spectra"]) for c in json.loads(output.read_text())] == [
        ("measured, charge 2", 2),
        ("measured, charge 3", 1),
        ("noise=none, charge 2", 1),
        ("noise=none, charge 3", 1),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "there are no spectra; give files"),
        (["absent.mgf"], "absent.mgf does not exist"),
        (["{mgf}", "--sqrt-intensity", "two.mgf"], "two.mgf names none of the files"),
        (["{mgf}", "--n-peaks", "0"], "--n-peaks must be at least 1"),
        (["{mgf}", "--plot", "a.gif"], "--plot must end in one of"),
        (["--simulated", "noise=nowhere"], "noise/nowhere"),
    ],
)
def test_a_fault_is_one_sentence_and_nothing_is_written(mgf, tmp_path, arguments, sentence):
    output = tmp_path / "found.json"
    filled = [argument.format(mgf=mgf) for argument in arguments]
    result = invoke("spectra-stats", *filled, "--json", output)
    assert result.exit_code == 1
    assert sentence in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output
    assert not output.exists()
