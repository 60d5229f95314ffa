"""Work of `denovo plot`: one spectrum, its peptide, and the spectrum that MS2PIP predicts."""

import logging
import math
import re
from pathlib import Path

import numpy as np

from denovo.chemistry import PROTON_MASS, Vocabulary, parse_peptide, parse_tolerance
from denovo.cli.diagnosis_input import settings_of
from denovo.errors import InputError
from denovo.io import encodable, find_spectrum, together
from denovo.io.predictions import read_predictions
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.mirror import Interpretation, Peaks, draw_mirror
from denovo.reports.table import print_text
from denovo.sequencing.networks import load_model
from denovo.simulation import Ms2pipSimulator, leading_model
from denovo.simulation.predicted import spectra_of
from denovo.simulation.simulator import MAX_LENGTH, MIN_LENGTH
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction
from denovo.training.configuration import build

_LOG = logging.getLogger(__name__)
_CHARGE = re.compile(r"/(\d+)$")


def draw_spectrum(
    file: Path,
    name: str,
    peptide: str | None,
    predictions: Path | None,
    checkpoint: Path | None,
    has_mirror: bool,
    tolerance: str,
    output: Path | None,
) -> None:
    """Draw one spectrum of a file; the arguments are options of the command.

    ``name`` is a title, native id, scan or place of a spectrum.
    """
    width = parse_tolerance(tolerance)
    vocabulary, model = _chemistry(checkpoint)
    measured = find_spectrum(file, name)
    path = output or Path(f"{file.name.split('.')[0]}_{measured.index}.png")
    with together(path):
        prediction = find_prediction(predictions, measured) if predictions else None
        chosen = choose_peptide(measured, vocabulary, peptide, prediction)
        peaks = predicted_peaks(chosen, vocabulary, model) if has_mirror else None
        write_picture(path, draw_mirror(measured, chosen, peaks, width))
    print_text(f"picture  {path}")


def find_prediction(path: Path, spectrum: MeasuredSpectrum) -> Prediction:
    """Find the prediction for a spectrum, wherever its file lay when it was sequenced."""
    name = Path(spectrum.file).name
    for row in read_predictions(path):
        if _is_of(row, spectrum):
            if not row.has_answer:
                raise InputError(
                    f"{path}: spectrum {spectrum.title!r} has no answer ({row.status}); "
                    "give --peptide to annotate it with one"
                )
            return row
    raise InputError(
        f"{path} has no row for spectrum {spectrum.title!r} of {name}; give the predictions of "
        "that file, or --peptide"
    )


def _is_of(row: Prediction, spectrum: MeasuredSpectrum) -> bool:
    # Titles are not compared: mzTab cannot hold every one.
    return (
        row.index == spectrum.index
        # Text holds the name of a file as `encodable` writes it.
        and encodable(Path(row.file).name) == encodable(Path(spectrum.file).name)
        and math.isclose(row.precursor_mz, spectrum.precursor_mz, rel_tol=1e-6)
    )


def choose_peptide(
    spectrum: MeasuredSpectrum,
    vocabulary: Vocabulary,
    peptide: str | None = None,
    prediction: Prediction | None = None,
) -> Interpretation:
    """Choose the peptide of a spectrum: given, predicted, or annotated in the file."""
    text = peptide or (prediction.peptide if prediction else spectrum.peptide)
    if not text:
        fault = spectrum.peptide_fault
        raise InputError(
            f"spectrum {spectrum.title!r} of {spectrum.file} has no annotated peptide"
            f"{f' that can be read ({fault})' if fault else ''}; give --peptide or --predictions"
        )
    names = parse_peptide(text, vocabulary.alphabet)
    residues = tuple(vocabulary.alphabet.by_name[name] for name in names)
    if peptide or not prediction:
        charge = spectrum.precursor_charge or _charge(text, names, spectrum, vocabulary)
        verdict = "as given" if peptide else "as annotated in the file"
        return Interpretation(residues, charge, verdict)
    return Interpretation(
        residues,
        prediction.precursor_charge,
        _verdict(prediction),
        prediction.residue_scores,
        prediction.ambiguous,
        prediction.isotope_error or 0,
    )


def _charge(text: str, names: list[str], spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> int:
    """Read the charge behind a peptide, or take the one that fits the precursor best."""
    written = _CHARGE.search(text)
    if written:
        return max(int(written[1]), 1)
    mass = vocabulary.peptide_mass(vocabulary.encode(names))
    return max(1, round(mass / (spectrum.precursor_mz - PROTON_MASS)))


def _verdict(prediction: Prediction) -> str:
    if prediction.probability is None:
        return f"log-probability {prediction.log_probability:.2f}"
    known = prediction.q_value is not None
    return f"probability {prediction.probability:.3f}" + (
        f", q-value {prediction.q_value:.3f}" if known else ""
    )


def _chemistry(network: Path | None) -> tuple[Vocabulary, str]:
    """Return the alphabet and the MS2PIP model of a network, or those of the configuration."""
    if network is None:
        return Vocabulary(build(settings_of([]).residues)), Ms2pipSimulator.model
    model = load_model(network)
    vocabulary = model.sequencer.vocabulary
    assert isinstance(vocabulary, Vocabulary)
    # A network trained on measured spectra may have no simulator of its own.
    simulator = model.config.get("simulator") or {}
    return vocabulary, leading_model(simulator.get("model", Ms2pipSimulator.model))


def predicted_peaks(chosen: Interpretation, vocabulary: Vocabulary, model: str) -> Peaks | None:
    """Let MS2PIP predict the peaks of a peptide; None, with a warning, if it cannot."""
    n_residues = sum(not residue.is_n_terminal for residue in chosen.residues)
    if not MIN_LENGTH <= n_residues <= MAX_LENGTH:
        _LOG.warning(
            "no mirror: MS2PIP takes %d to %d residues, got %d", MIN_LENGTH, MAX_LENGTH, n_residues
        )
        return None
    peptides, charges = [chosen.peptide], [chosen.charge]
    intensities = Ms2pipSimulator(model).predict(peptides, charges, vocabulary.alphabet)
    source = spectra_of(peptides, charges, intensities, vocabulary)
    spectra = source.read(np.array([0])).spectra
    is_peak = spectra.peak_mask[0]
    return (
        spectra.mz[0][is_peak].double().numpy(),
        spectra.intensity[0][is_peak].double().numpy(),
    )
