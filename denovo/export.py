"""Make a network ready to be passed on: calibrated, described, and without any pickle."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from denovo.checkpoint import TrainedModel, load_model, write_exported
from denovo.decoding import Readable
from denovo.errors import InputError
from denovo.sequencing import fit_calibrations

EXPORTED = "model.safetensors"
"""Name of the exported network in the folder of a run."""


def export_checkpoint(
    checkpoint: str | Path,
    output: str | Path,
    n_calibration: int = 3000,
    on_batch: Callable[[int, int], None] | None = None,
    record: Mapping[str, Any] | None = None,
) -> TrainedModel:
    """Calibrate the network of a checkpoint and write it as safetensors and JSON.

    Parameters
    ----------
    checkpoint : str or Path
        What training wrote, or an exported network to be calibrated anew.
    output : str or Path
        The ``.safetensors`` file; a ``.json`` file goes beside it.
    n_calibration : int
        Simulated spectra that probabilities are fitted to; 0 leaves the network uncalibrated.
    on_batch : callable or None
        See `fit_calibrations`.
    record : mapping or None
        Plain values on where the network comes from, kept in the JSON file.

    Returns
    -------
    TrainedModel
        What was written, read back.

    Raises
    ------
    InputError
        If the checkpoint cannot be read, the files cannot be written, or too few answers are right
        for probabilities to be fitted to.
    """
    if n_calibration < 0:
        raise InputError(
            f"the number of spectra for calibration must be at least 0, got {n_calibration}"
        )
    model = load_model(checkpoint)
    assert isinstance(model.sequencer, Readable)
    states = {}
    if n_calibration:
        fitted = fit_calibrations(model.sequencer, model.config, n_calibration, on_batch)
        states = {kind: calibration.state() for kind, calibration in fitted.items()}
    origin = {"exported_by": f"denovo {version('denovo')}", **model.record, **(record or {})}
    write_exported(output, model.sequencer, model.config, states, origin)
    return load_model(output)
