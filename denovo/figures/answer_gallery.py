"""The pictures of a sequencing run, with their captions."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from denovo.chemistry import ResidueAlphabet, bare_sequence
from denovo.figures.answers import (
    Answers,
    draw_accepted,
    draw_lengths_and_charges,
    draw_precursor_errors,
    draw_scores,
)
from denovo.figures.gallery import Picture
from denovo.figures.thumbnail import draw_thumbnail
from denovo.io import MeasuredSpectrum
from denovo.prediction import Prediction


def answer_pictures(answers: Answers) -> Iterator[Picture]:
    """Draw what the answers of a run look like together.

    Parameters
    ----------
    answers : Answers
        All of them.

    Yields
    ------
    Picture
        One after the other; none without answers.
    """
    if not len(answers):
        return
    kind = "Probabilities" if answers.is_calibrated else "Log-probabilities"
    middle = f"median {np.median(answers.score):.3g}"
    caption = f"{kind} of the answers ({len(answers):,}): {middle}."
    if not answers.is_calibrated:
        caption += " The network was not calibrated: they rank answers, and say no more."
    yield Picture("scores", kind, caption, draw_scores(answers))
    figure = draw_accepted(answers)
    if figure is not None:
        caption = (
            "Answers whose q-value is at most a false discovery rate, estimated from the "
            "probabilities. Dots: 1%, 5% and 10%."
        )
        yield Picture("accepted", "Answers by false discovery rate", caption, figure)
    figure = draw_precursor_errors(answers)
    if figure is not None:
        yield Picture("precursor_errors", "Precursor errors", _errors_caption(answers), figure)
    caption = (
        f"Answers by length, from {answers.length.min():.0f} to {answers.length.max():.0f} "
        f"residues, and by precursor charge, from {answers.charge.min():.0f}+ to "
        f"{answers.charge.max():.0f}+."
    )
    yield Picture("lengths", "Lengths and charges", caption, draw_lengths_and_charges(answers))


def answer_picture(
    prediction: Prediction, spectrum: MeasuredSpectrum, alphabet: ResidueAlphabet
) -> Picture:
    """Draw one answer, small.

    Parameters
    ----------
    prediction : Prediction
        With an answer.
    spectrum : MeasuredSpectrum
        What it was read from.
    alphabet : ResidueAlphabet
        What it is written in.
    """
    worth = (
        f"log-probability {prediction.log_probability:.2f}"
        if prediction.probability is None
        else f"probability {prediction.probability:.3f}"
    )
    parts = [
        f"Spectrum {prediction.title} of {Path(prediction.file).name}: {worth}",
        f"charge {prediction.precursor_charge}+",
        f"precursor at m/z {prediction.precursor_mz:.4f}",
    ]
    if prediction.ppm_error is not None:
        parts.append(f"error {prediction.ppm_error:+,.1f} ppm")
    parts.append(f"{prediction.share_of_sites:.0%} of the cleavage sites seen")
    if prediction.residue_scores:
        parts.append(_least_sure(prediction))
    if prediction.ambiguous:
        parts.append(f"order unclear at {prediction.ambiguity.replace(';', ', ')}")
    figure = draw_thumbnail(prediction, spectrum, alphabet)
    return Picture("answer", prediction.peptide, ", ".join(parts) + ".", figure)


def _errors_caption(answers: Answers) -> str:
    error = answers.ppm_error[np.isfinite(answers.ppm_error)]
    middle = float(np.median(error))
    spread = float(np.median(abs(error - middle)))
    return (
        f"Precursor errors of the answers, isotope errors taken out: median {middle:+.2f} ppm "
        f"(the line), median deviation from it {spread:.2f} ppm. The largest 2% may lie outside."
    )


def _least_sure(prediction: Prediction) -> str:
    place = int(np.argmin(prediction.residue_scores))
    letter = bare_sequence(prediction.peptide)[place]
    return f"least sure residue {letter}{place + 1} ({prediction.residue_scores[place]:.2f})"
