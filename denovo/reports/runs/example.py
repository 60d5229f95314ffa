"""Example spectra with what a sequencer made of them, kept in a run folder as ``examples.json``."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from denovo.errors import InputError
from denovo.io.files import write_text

EXAMPLES = "examples.json"
EXAMPLE_HEADINGS = ("answer", "truth", "read", "error (ppm)", "log-probability", "spectrum")
"""Columns of every table of examples, see `Example.row`."""


@dataclass(frozen=True)
class ReadResidue:
    """One residue of a prediction.

    Parameters
    ----------
    name : str
        Name in the alphabet, such as ``"M[UNIMOD:35]"``.
    mass : float
        Its monoisotopic mass in Da.
    is_right : bool
        Whether the true peptide has a residue of this mass between the same cleavage sites.
    log_probability : float or None
        What the sequencer gave it; None in a refinement trace.
    """

    name: str
    mass: float
    is_right: bool
    log_probability: float | None = None


@dataclass(frozen=True)
class Refinement:
    """What a sequencer with several refinement steps would answer after one of them.

    Parameters
    ----------
    residues : tuple of ReadResidue
        The most probable token of each position, up to the end of the peptide.
    ppm_error : float
        Signed error of the expected mass of these positions, in ppm.
    """

    residues: tuple[ReadResidue, ...]
    ppm_error: float


@dataclass(frozen=True)
class Example:
    """A validation spectrum, its peptide, and what was read out of it.

    Parameters
    ----------
    identifier : str
        What the source calls the spectrum.
    mz, intensity : tuple of float
        Peaks as the sequencer saw them: m/z in Th ascending, intensity relative to the base peak.
    precursor_mz : float
        In Th.
    precursor_charge : int
        Charge of the precursor.
    peptide : tuple of str
        The truth, names in the alphabet.
    residues : tuple of ReadResidue
        The prediction.
    log_probability : float
        Of the whole prediction, its end included.
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
        """What a table says of it, in the order of `EXAMPLE_HEADINGS`."""
        answer = "right" if self.is_right else "wrong"
        read = self.prediction or "nothing"
        return answer, self.truth, read, self.ppm_error, self.log_probability, self.identifier


@dataclass(frozen=True)
class ExampleSet:
    """The examples of a run.

    Parameters
    ----------
    step : int
        Optimizer steps after which they were read.
    spectra : str
        What was shown: ``"clean"`` or ``"noisy"`` validation spectra.
    examples : tuple of Example
        Right ones first.
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
    """Read ``examples.json`` of a run folder.

    Parameters
    ----------
    run_dir : str or Path
        Folder of the run.

    Returns
    -------
    ExampleSet
        Without examples if the run has left none.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = Path(run_dir) / EXAMPLES
    if not path.is_file():
        return ExampleSet(0, "clean", ())
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        examples = tuple(_example(entry) for entry in content["examples"])
        return ExampleSet(int(content["step"]), str(content["spectra"]), examples)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged: {error}; delete it to do without examples") from error


def _example(entry: dict[str, Any]) -> Example:
    steps = [Refinement(_residues(e["residues"]), e["ppm_error"]) for e in entry["refinements"]]
    lists = {key: tuple(entry[key]) for key in ("mz", "intensity", "peptide")}
    residues = _residues(entry["residues"])
    return Example(**{**entry, **lists, "residues": residues, "refinements": tuple(steps)})


def _residues(entries: list[dict[str, Any]]) -> tuple[ReadResidue, ...]:
    return tuple(ReadResidue(**entry) for entry in entries)
