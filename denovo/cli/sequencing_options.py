"""How spectra are to be sequenced, as options that several subcommands share."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import DecoderKind, Rescoring
from denovo.errors import InputError
from denovo.sequencing.settings import SequencingSettings

DEFAULTS = SequencingSettings()
DECODER = DecoderKind(DEFAULTS.decoder)
RESCORING = Rescoring(DEFAULTS.rescoring)
CHARGES = ",".join(map(str, DEFAULTS.charges))
ISOTOPE_ERRORS = ",".join(map(str, DEFAULTS.isotope_errors))

CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        help="Checkpoint of train.py, or a network that denovo export wrote; the one that comes "
        "with denovo by default."
    ),
]
DecoderOption = Annotated[
    DecoderKind,
    typer.Option(help="constrained keeps to the precursor mass; beam and greedy do not."),
]
BeamWidthOption = Annotated[
    int, typer.Option(help="Hypotheses kept per spectrum; without effect on greedy decoding.")
]
ToleranceOption = Annotated[
    str, typer.Option(help="Of the precursor mass, such as '20 ppm' or '0.02 Da'.")
]
IsotopeErrorsOption = Annotated[
    str, typer.Option(help="Isotopic peaks that may have been taken for the monoisotopic one.")
]
ChargesOption = Annotated[str, typer.Option(help="Charges tried where a file states none.")]
BatchSizeOption = Annotated[int, typer.Option(help="Spectra read side by side.")]
IntensityPowerOption = Annotated[
    float, typer.Option(help="2 undoes a square root stored in the files.")
]
FragmentToleranceOption = Annotated[
    str, typer.Option(help="Within which a peak counts as an ion of the answer.")
]
AlternativesOption = Annotated[int, typer.Option(help="Other peptides listed for each spectrum.")]
RescoringOption = Annotated[
    Rescoring,
    typer.Option(help="Who decides between candidates: the network, all networks, or MS2PIP too."),
]
CandidatesOption = Annotated[
    int, typer.Option("--candidates", help="Candidates of a spectrum that rescoring looks at.")
]
DeviceOption = Annotated[
    str, typer.Option(help="auto takes a GPU if there is one; or cpu, cuda, cuda:1, mps.")
]
ThreadsOption = Annotated[
    int,
    typer.Option(help="CPU threads. More speed large networks up, and slow busy machines down."),
]
N_THREADS = 1
"""What a step of a beam multiplies is so small that threads mostly wait for each other: on two
quiet cores a second one saved a sixth of the time, on busy ones it cost fifteen times as much."""


def sequencing_settings(
    decoder: DecoderKind = DECODER,
    beam_width: int = DEFAULTS.beam_width,
    tolerance: str = DEFAULTS.tolerance,
    isotope_errors: str = ISOTOPE_ERRORS,
    charges: str = CHARGES,
    batch_size: int = DEFAULTS.batch_size,
    intensity_power: float = DEFAULTS.intensity_power,
    fragment_tolerance: str = DEFAULTS.fragment_tolerance,
    alternatives: int = DEFAULTS.alternatives,
    rescoring: Rescoring = RESCORING,
    n_candidates: int = DEFAULTS.n_candidates,
    device: str = DEFAULTS.device,
) -> SequencingSettings:
    """Turn options as they are typed into settings.

    Parameters
    ----------
    isotope_errors, charges : str
        Whole numbers, parted by commas: ``"0,1"``.
    decoder, beam_width, tolerance, batch_size, intensity_power, fragment_tolerance, alternatives, \
rescoring, n_candidates, device
        See `SequencingSettings`; checked when the pipeline is made.

    Raises
    ------
    InputError
        If what should be a list of whole numbers is none.
    """
    return SequencingSettings(
        decoder=decoder,
        beam_width=beam_width,
        tolerance=tolerance,
        isotope_errors=whole_numbers(isotope_errors, "--isotope-errors"),
        charges=whole_numbers(charges, "--charges"),
        batch_size=batch_size,
        intensity_power=intensity_power,
        fragment_tolerance=fragment_tolerance,
        alternatives=alternatives,
        rescoring=rescoring,
        n_candidates=n_candidates,
        device=device,
    )


def whole_numbers(text: str, option: str) -> tuple[int, ...]:
    """Read whole numbers parted by commas, each once.

    Parameters
    ----------
    text : str
        What was typed.
    option : str
        Where, for the message.

    Raises
    ------
    InputError
        If there is anything else, or nothing.

    Examples
    --------
    >>> whole_numbers("2,3", "--charges")
    (2, 3)
    """
    parts = text.split(",")
    if not all(re.fullmatch(r"\s*[+-]?[0-9]{1,6}\s*", part) for part in parts):
        raise InputError(
            f"{option} must be whole numbers parted by commas, such as 0,1, got {text!r}"
        )
    return tuple(dict.fromkeys(int(part) for part in parts))


def use_threads(threads: int) -> None:
    """Compute on so many threads of the CPU.

    Raises
    ------
    InputError
        If it is not a positive number, or more than the cores that this process may use.
    """
    if threads < 1:
        raise InputError(f"--threads must be at least 1, got {threads}")
    if threads > (n_cores := _n_cores()):
        raise InputError(
            f"--threads must be at most {n_cores}, the number of cores available, got {threads}"
        )
    import torch  # late: takes seconds, and errors in options are to be shown at once

    torch.set_num_threads(threads)


def _n_cores() -> int:
    """Count the cores that this process may use; those of the computer where that is not known."""
    with suppress(AttributeError):  # macOS and Windows have no affinity
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
