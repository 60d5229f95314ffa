"""`denovo plot`: which peptide is drawn, and the picture itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from denovo.chemistry import Da, Ppm
from denovo.cli import app
from denovo.cli.plot_run import choose_peptide, find_prediction
from denovo.errors import InputError
from denovo.io.predictions import RunRecord, write_predictions
from denovo.reports.figures.mirror import draw_mirror
from tests.helpers.predictions import prediction, spectrum, unanswered

MGF = "BEGIN IONS\nTITLE=scan 0\nPEPMASS=400.6873\nCHARGE=2+\n{}148.0604 5\n227.1026 9\nEND IONS\n"


@pytest.fixture
def predictions(common, tmp_path):
    path = tmp_path / "run.csv"
    rows = [prediction(0, file="elsewhere/run.mgf"), unanswered(1)]
    record = RunRecord(("elsewhere/run.mgf", "run.mgf"), {}, "0", common.alphabet)
    write_predictions([path], rows, record)
    return path


def plot(*arguments: object):
    return CliRunner().invoke(app, ["plot", *map(str, arguments)])


def words_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_a_spectrum_is_drawn_with_its_mirror_and_no_network(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("something was looked for on the network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.chdir(tmp_path)
    Path("run.mgf").write_text(MGF.format("SEQ=[Acetyl]-PEM[Oxidation]TIDE\n"))
    done = plot("run.mgf", "--spectrum", "scan 0")
    assert done.exit_code == 0, done.output
    assert "run_0.png" in done.output
    assert Path("run_0.png").read_bytes().startswith(b"\x89PNG")


def test_the_picture_names_peptide_precursor_error_and_worth(common):
    chosen = choose_peptide(spectrum(), common, prediction=prediction(ppm_error=None))
    figure = draw_mirror(spectrum(), chosen)
    heading = figure.get_suptitle()
    assert heading.splitlines()[0] == "PEPTIDE"
    for words in ("charge 2+", "m/z 400.6873", "+0.1 ppm", "probability 0.500, q-value 0.020"):
        assert words in heading, words
    assert {"y1", "b2"} <= set(words_of(figure))
    assert len(figure.axes[0].lines) == 2


def test_the_isotope_that_was_chosen_is_no_error_of_the_precursor(common):
    row = prediction(isotope_error=1)
    chosen = choose_peptide(spectrum(), common, prediction=row)
    shifted = replace(spectrum(), precursor_mz=400.6873 + 1.003355 / 2)
    assert "error +0.1 ppm of isotope 1" in draw_mirror(shifted, chosen).get_suptitle()


def test_the_predicted_half_stands_on_its_head_and_is_labelled_too(common):
    chosen = choose_peptide(spectrum(), common, peptide="PEPTIDE")
    measured = spectrum()
    figure = draw_mirror(measured, chosen, (measured.mz, measured.intensity))
    labels = [text for text in figure.axes[1].texts if text.get_text() == "b2"]
    assert [text.get_position()[1] > 0 for text in labels] == [True, False]
    assert "below: predicted by MS2PIP" in words_of(figure)


def test_fragments_from_the_middle_and_immonium_ions_of_the_peptide_are_named(common):
    """By hand: E, T and oxidised M with a proton; P without CO; H is of another peptide."""
    measured = replace(
        spectrum(),
        mz=np.array([70.0651, 110.0713, 378.1329, 400.1]),
        intensity=np.array([5.0, 6.0, 9.0, 3.0]),
    )
    chosen = choose_peptide(measured, common, peptide="[Acetyl]-SPETM[Oxidation]K")
    figure = draw_mirror(measured, chosen, tolerance=Ppm(10.0))
    place = "run.mgf, spectrum scan 0"
    assert {text.get_text() for text in figure.axes[1].texts} == {"P", "ETM", place}
    # Where half a Da counts as a match, such ions would explain anything.
    (text,) = draw_mirror(measured, chosen, tolerance=Da(0.5)).axes[1].texts
    assert text.get_text() == place


def test_fragments_outside_the_tolerance_are_not_named(common):
    chosen = choose_peptide(spectrum(), common, peptide="PEPTIDE")
    figure = draw_mirror(spectrum(), chosen, tolerance=Ppm(0.05))
    assert "b2" not in words_of(figure)


def test_a_given_peptide_goes_before_a_predicted_one_and_that_before_an_annotated_one(common):
    annotated, predicted = spectrum(peptide="AAAK"), prediction()
    assert choose_peptide(annotated, common, "GGGK", predicted).peptide == "GGGK"
    assert choose_peptide(annotated, common, None, predicted).peptide == "PEPTIDE"
    assert choose_peptide(annotated, common).peptide == "AAAK"
    with pytest.raises(InputError, match="no annotated peptide; give --peptide or --predictions"):
        choose_peptide(spectrum(peptide=None), common)


@pytest.mark.parametrize(("peptide", "charge"), [("PEPTIDE", 2), ("PEPTIDE/3", 3)])
def test_a_missing_charge_is_read_from_the_peptide_or_its_mass(common, peptide, charge):
    uncharged = replace(spectrum(peptide=None), precursor_charge=None)
    assert choose_peptide(uncharged, common, peptide).charge == charge


def test_a_prediction_is_found_wherever_the_file_has_been_moved(predictions):
    found = find_prediction(predictions, spectrum(0))
    assert (found.file, found.peptide) == ("elsewhere/run.mgf", "PEPTIDE")


def test_a_spectrum_without_an_answer_or_a_row_is_one_sentence(predictions):
    with pytest.raises(InputError, match=r"spectrum 'scan 1' has no answer \(infeas"):
        find_prediction(predictions, spectrum(1))
    with pytest.raises(InputError, match=r"has no row for spectrum 'scan 2' of run\.mgf"):
        find_prediction(predictions, spectrum(2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--output", "x.gif"), "--output must end in"),
        (("--tolerance", "wide"), "tolerance must read like"),
        (("--peptide", "PEPT!DE"), "not valid ProForma"),
    ],
)
def test_a_wrong_option_is_one_sentence(tmp_path, options, message):
    path = tmp_path / "run.mgf"
    path.write_text(MGF.format(""))
    done = plot(path, "--spectrum", "0", *options)
    assert done.exit_code == 1
    assert message in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == [path]
