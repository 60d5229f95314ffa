"""Example spectra with their answers, stored in a run folder as ``examples.json``."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from denovo.errors import InputError
from denovo.io.files import write_text

EXAMPLES = "examples.json"
EXAMPLE_HEADINGS = ("result", "truth", "answer", "error (ppm)", "log-probability", "spectrum")
"""Columns of tables of examples, see `Example.row`."""


@dataclass(frozen=True)
class ReadResidue:
    """One residue of a prediction.

    Parameters
    ----------
    name : str
        Name in the alphabet, such as ``"M[UNIMOD:35]"``.
    mass : float
        Monoisotopic mass in Da.
    is_right : bool
        Whether the true peptide has a residue of this mass between the same cleavage sites.
    log_probability : float or None
        Log-probability of the residue; None in a refinement trace.
    """

    name: str
    mass: float
    is_right: bool
    log_probability: float | None = None


@dataclass(frozen=True)
class Refinement:
    """Answer of a sequencer after one of several refinement steps.

    Parameters
    ----------
    residues : tuple of ReadResidue
        Most probable token of each position, up to the end of the peptide.
    ppm_error : float
        Signed error of the expected mass of these positions, in ppm.
    """

    residues: tuple[ReadResidue, ...]
    ppm_error: float


@dataclass(frozen=True)
class Example:
    """A validation spectrum with its peptide and its answer.

    Parameters
    ----------
    identifier : str
        Name of the spectrum in its source.
    mz, intensity : tuple of float
        Peaks in the input of the sequencer: m/z in Th ascending, intensity of the base peak 1.
    precursor_mz : float
        Precursor m/z in Th.
    precursor_charge : int
        Charge of the precursor.
    peptide : tuple of str
        True residues, names in the alphabet.
    residues : tuple of ReadResidue
        Predicted residues.
    log_probability : float
        Log-probability of the prediction, including its end.
    ppm_error : float
        Signed error of the mass of the prediction, in ppm.
    is_right : bool
        Whether the prediction is the peptide, by mass matching.
    refinements : tuple of Refinement
        One per refinement step; empty for a sequencer with a single one.
    """

    identifier: str
    mz: tuple[float, ...]
    intensity: tuple[float, ...]
    precursor_mz: float
    precursor_charge: int
    peptide: tuple[str, ...]
    residues: tuple[ReadResidue, ...]
    log_probability: float
    ppm_error: float
    is_right: bool
    refinements: tuple[Refinement, ...] = ()

    @property
    def prediction(self) -> str:
        """The prediction in ProForma."""
        return "".join(residue.name for residue in self.residues)

    @property
    def truth(self) -> str:
        """The peptide in ProForma."""
        return "".join(self.peptide)

    @property
    def row(self) -> tuple[str | float, ...]:
        """Cells of a table, in the order of `EXAMPLE_HEADINGS`."""
        result = "right" if self.is_right else "wrong"
        answer = self.prediction or "no residue"
        return result, self.truth, answer, self.ppm_error, self.log_probability, self.identifier


@dataclass(frozen=True)
class ExampleSet:
    """The examples of a run.

    Parameters
    ----------
    step : int
        Optimizer steps of the network that gave the answers.
    spectra : str
        ``"clean"`` or ``"noisy"`` validation spectra.
    examples : tuple of Example
        Examples, right ones first.
    """

    step: int
    spectra: str
    examples: tuple[Example, ...]


def write_examples(run_dir: str | Path, examples: ExampleSet) -> None:
    """Write ``examples.json`` into a run folder.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_text(Path(run_dir) / EXAMPLES, json.dumps(asdict(examples)) + "\n")


def read_examples(run_dir: str | Path) -> ExampleSet:
    """Read ``examples.json`` of a run folder; the set is empty without such a file.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = Path(run_dir) / EXAMPLES
    if not path.is_file():
        return ExampleSet(0, "clean", ())
    try:
        return TypeAdapter(ExampleSet).validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise InputError(
            f"{path} is damaged: {place}: {fault['msg']}; delete it to do without examples"
        ) from error
