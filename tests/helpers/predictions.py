"""Predictions and their spectra written by hand: for tests that need no network."""

from collections.abc import Iterator

import numpy as np

from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import ChargeSource, Prediction, Region, Status

Pair = tuple[Prediction, MeasuredSpectrum]


def spectrum(index: int = 0, peptide: str | None = "PEPTIDE") -> MeasuredSpectrum:
    """PEPTIDE with y1, b2 and a peak that nothing explains."""
    return MeasuredSpectrum(
        title=f"scan {index}",
        index=index,
        line=1,
        precursor_mz=400.6873,
        precursor_charge=2,
        mz=np.array([148.0604, 200.0, 227.1026]),
        intensity=np.array([500.0, 200.0, 1000.0]),
        peptide=peptide,
        file="run.mgf",
        native_id=f"index={index}",
    )


def prediction(index: int = 0, **changes) -> Prediction:
    """What was read out of it: PEPTIDE, the first two residues in no certain order."""
    values = {
        "file": "run.mgf", "index": index, "native_id": f"index={index}",
        "title": f"scan {index}", "retention_time": 60.0 * index, "precursor_mz": 400.6873,
        "precursor_charge": 2, "charge_source": ChargeSource.FILE, "status": Status.OK,
        "peptide": "PEPTIDE", "residue_scores": (0.9, 0.8, 0.99, 0.4, 1.0, 0.97, 0.95),
        "log_probability": -1.3, "probability": 0.5, "q_value": 0.02, "peptide_mz": 400.6872,
        "isotope_error": 0, "ppm_error": 1.5, "site_coverage": 0.5, "explained_intensity": 0.88,
        "ambiguous": (Region(1, 2, ("PE", "EP")),),
    }  # fmt: skip
    return Prediction(**(values | changes))


def unanswered(index: int = 0) -> Prediction:
    """A spectrum that no peptide was found for."""
    nothing = {"peptide": "", "residue_scores": (), "probability": 0.0, "q_value": None}
    nothing |= {"peptide_mz": None, "isotope_error": None, "ppm_error": None, "ambiguous": ()}
    return prediction(index, status=Status.INFEASIBLE, **nothing)


def answered(scores: list[float]) -> Iterator[Pair]:
    """A run with these probabilities, in this order."""
    for index, score in enumerate(scores):
        yield prediction(index, probability=score, q_value=1 - score), spectrum(index)
