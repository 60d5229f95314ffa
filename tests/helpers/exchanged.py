"""Predictions of several files, with modifications and masses that agree, to be converted."""

from pathlib import Path

from pyteomics import mass

from denovo.chemistry import PROTON_MASS, bare_sequence
from denovo.io.exchange import Source, choose_formats, read_source, write_outputs
from denovo.spectra.prediction import Alternative, Prediction
from tests.helpers.mapped import write_answers
from tests.helpers.predictions import prediction, unanswered

MASSES = {
    "UNIMOD:1": 42.010565,
    "UNIMOD:4": 57.021464,
    "UNIMOD:5": 43.005814,
    "UNIMOD:35": 15.994915,
    "UNIMOD:385": -17.026549,
    "Formula:C8H10N2": 134.084398,
}
THERMO = "controllerType=0 controllerNumber=1 scan=1201"


def answer(index: int, peptide: str, charge: int = 2, **changes) -> Prediction:
    """An answer whose theoretical m/z is that of its peptide."""
    neutral = mass.calculate_mass(bare_sequence(peptide))
    neutral += sum(peptide.count(f"[{name}]") * value for name, value in MASSES.items())
    known = {"peptide_mz": neutral / charge + PROTON_MASS, "ambiguous": ()}
    known |= {"residue_scores": tuple(0.5 for _ in bare_sequence(peptide))}
    return prediction(index, peptide=peptide, precursor_charge=charge, **(known | changes))


ANSWERS = [
    answer(0, "PEPTIDE", scan=17, title="µ \"x\"\ty'", probability=0.75),
    answer(1, "[UNIMOD:5]-[UNIMOD:385]-QEM[UNIMOD:35]C[UNIMOD:4]K", 3, retention_time=None),
    answer(3, "[UNIMOD:1]-AC[UNIMOD:4]K", file="b.mzML", native_id=THERMO, scan=1201, title=""),
    answer(4, "PEPTIDE", file="b.mzML", native_id="scan=7", scan=7, q_value=None, title="spectrum",
           alternatives=(Alternative("PEPTLDE", -2.5), Alternative("EPPTLDE"))),
]  # fmt: skip
PREDICTIONS = [*ANSWERS[:2], unanswered(2), *ANSWERS[2:]]


def source_of(folder: Path, predictions: list[Prediction] | None = None) -> Source:
    """Write predictions to a file and read it."""
    return read_source(write_answers(folder / "in.parquet", predictions or PREDICTIONS))


def written(source: Source, path: Path, *formats) -> Path:
    """Convert predictions to one file."""
    write_outputs(source, choose_formats([path], formats))
    return path
