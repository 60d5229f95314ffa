"""Export of trained networks: calibration, description, safetensors files."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from denovo import __version__
from denovo.decoding import DecoderKind
from denovo.errors import InputError
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.fitting import fit_calibrations
from denovo.sequencing.networks import TrainedModel, load_model, write_exported
from denovo.sequencing.reranking import fit_rerankers
from denovo.sequencing.rescoring import Reranker, Rescoring
from denovo.spectra.sequencer_protocol import Sequencer

EXPORTED = "model.safetensors"
"""Name of the exported network in the folder of a run."""
ORIGIN = ("steps", "spectra", "best_peptide_recall", "store_hash", "versions")
"""What an exported network says of its training, out of the summary of a run; no times, so that the
same training gives the same bytes."""

States = dict[str, dict[str, Any]]


def export_checkpoint(
    checkpoint: str | Path,
    output: str | Path,
    n_calibration: int = 3000,
    on_batch: Callable[[int, int], None] | None = None,
    record: Mapping[str, Any] | None = None,
    others: Sequence[str | Path] = (),
    rescoring: Rescoring | str = Rescoring.FULL,
) -> TrainedModel:
    """Calibrate the network of a checkpoint and write it as safetensors and JSON.

    Probabilities are fitted for each decoder, and a reranker for each kind of rescoring.

    Parameters
    ----------
    checkpoint : str or Path
        Checkpoint of a training, or an exported network to calibrate again.
    output : str or Path
        The ``.safetensors`` file; a ``.json`` file is written next to it.
    n_calibration : int
        Number of simulated spectra for the fits; 0 leaves the network uncalibrated.
    on_batch : callable or None
        See `fit_calibrations`.
    record : mapping or None
        Plain values on the origin of the network, stored in the JSON file.
    others : sequence of str or Path
        Checkpoints of further networks for rescoring, such as one that reads from the C-terminus.
        The forward network is written first and is the one used without rescoring.
    rescoring : Rescoring or str
        Most complete kind of rescoring to fit a reranker for.

    Returns
    -------
    TrainedModel
        The exported network, read back.

    Raises
    ------
    InputError
        If a checkpoint cannot be read, the files cannot be written, the networks are incompatible,
        or too few answers are right for a fit.
    """
    if n_calibration < 0:
        raise InputError(
            f"the number of spectra for calibration must be at least 0, got {n_calibration}"
        )
    model, *more = (load_model(path) for path in (checkpoint, *others))
    networks = [each for loaded in (model, *more) for each in (loaded, *loaded.others)]
    networks.sort(key=lambda network: network.sequencer.direction != "forward")
    sequencers, config = _compatible_sequencers(networks), networks[0].config
    calibrations: States = {}
    rerankers: States = {}
    if n_calibration:
        kind, progress = Rescoring(rescoring), _Progress(on_batch)
        calibrations = _states(
            fit_calibrations(sequencers[0], config, n_calibration, progress.first)
        )
        # Each spectrum has several candidates, so half the number of spectra is enough.
        n_spectra = -(-n_calibration // 2)
        rerankers = _states(
            fit_rerankers(sequencers, config, n_spectra, kind=kind, on_batch=progress.second)
        )
    known = model.record or _run_record(Path(checkpoint))
    origin = {"exported_by": f"denovo {__version__}", **known, **(record or {})}
    write_exported(
        output,
        networks[0].sequencer,
        config,
        calibrations,
        origin,
        others=[(other.sequencer, other.config) for other in networks[1:]],
        rerankers=rerankers,
    )
    return load_model(output)


def _states(fitted: Mapping[str, Calibration] | Mapping[str, Reranker]) -> States:
    return {kind: each.state() for kind, each in fitted.items()}


def _run_record(checkpoint: Path) -> dict[str, Any]:
    """Return the `ORIGIN` entries of the summary of the run of a checkpoint, if there is one."""
    try:
        summary = json.loads((checkpoint.parent.parent / "summary.json").read_text())
        return {key: summary[key] for key in ORIGIN if key in summary}
    except (OSError, ValueError, TypeError):
        return {}


def _compatible_sequencers(networks: Sequence[TrainedModel]) -> list[Sequencer]:
    """Return the sequencers; refuses different residues or peaks, and a repeated direction."""
    first = networks[0]
    sequencers: list[Sequencer] = []
    for network in networks:
        sequencer = network.sequencer
        assert isinstance(sequencer, Sequencer)
        if sequencers and sequencer.vocabulary != sequencers[0].vocabulary:
            raise InputError(
                f"{network.path} and {first.path} were trained with different alphabets; networks "
                "that read together need the same residues="
            )
        if network.n_peaks != first.n_peaks:
            raise InputError(
                f"{network.path} is shown {network.n_peaks} peaks and {first.path} "
                f"{first.n_peaks}; networks that read together need the same data.n_peaks"
            )
        if sequencer.direction in [other.direction for other in sequencers]:
            raise InputError(
                f"{network.path} reads {sequencer.direction}, as another network does; give one "
                "checkpoint of model.direction=forward and one of model.direction=backward"
            )
        sequencers.append(sequencer)
    return sequencers


class _Progress:
    """Reports the progress of calibrations and rerankers as one."""

    def __init__(self, on_batch: Callable[[int, int], None] | None) -> None:
        self.on_batch, self.n_first = on_batch or (lambda done, total: None), 0

    def first(self, done: int, total: int) -> None:
        """Report the calibrations: one pass over the spectra for each decoder."""
        self.n_first = total
        self.on_batch(done, total + total // (2 * len(DecoderKind)))

    def second(self, done: int, total: int) -> None:
        """Report the rerankers: one pass over half of the spectra."""
        self.on_batch(self.n_first + done, self.n_first + total)
