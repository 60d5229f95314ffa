"""Make a network ready to be passed on: calibrated, described, and without any pickle."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from denovo.decoding import DecoderKind
from denovo.errors import InputError
from denovo.sequencing.fitting import fit_calibrations
from denovo.sequencing.networks import TrainedModel, load_model, write_exported
from denovo.sequencing.reranking import fit_rerankers
from denovo.sequencing.rescoring import Rescoring
from denovo.spectra.protocol import Sequencer

EXPORTED = "model.safetensors"
"""Name of the exported network in the folder of a run."""
ORIGIN = ("steps", "seconds", "spectra", "best_peptide_recall", "store_hash", "versions")
"""What an exported network tells of its training, of what the summary of a run says."""

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

    Probabilities are fitted for each decoder, and for each kind of rescoring what chooses between
    candidates.

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
    others : sequence of str or Path
        More checkpoints, of networks that read together with this one, such as from the C-terminus.
        The one that reads forward is written first, and reads where only one does.
    rescoring : Rescoring or str
        The most that rerankers are fitted for.

    Returns
    -------
    TrainedModel
        What was written, read back.

    Raises
    ------
    InputError
        If a checkpoint cannot be read, the files cannot be written, the networks do not go
        together, or too few answers are right for probabilities to be fitted to.
    """
    if n_calibration < 0:
        raise InputError(
            f"the number of spectra for calibration must be at least 0, got {n_calibration}"
        )
    model, *more = (load_model(path) for path in (checkpoint, *others))
    networks = [each for loaded in (model, *more) for each in (loaded, *loaded.others)]
    networks.sort(key=lambda network: network.sequencer.direction != "forward")
    sequencers, config = _reading_together(networks), networks[0].config
    calibrations: States = {}
    rerankers: States = {}
    if n_calibration:
        kind = Rescoring(rescoring)
        calibrations, rerankers = _fitted(sequencers, config, n_calibration, kind, _Parts(on_batch))
    told = model.record or _of_run(Path(checkpoint))
    origin = {"exported_by": f"denovo {version('denovo')}", **told, **(record or {})}
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


def _fitted(
    sequencers: Sequence[Sequencer],
    config: Mapping[str, Any],
    n_spectra: int,
    kind: Rescoring,
    parts: "_Parts",
) -> tuple[States, States]:
    """Fit probabilities for each decoder, and what chooses for each kind of rescoring."""
    calibrations = fit_calibrations(sequencers[0], config, n_spectra, parts.first)
    # A list holds several candidates to learn from, so half as many spectra do.
    rerankers = fit_rerankers(
        sequencers,
        config,
        -(-n_spectra // 2),
        kind=kind,
        on_batch=parts.second,
    )
    return (
        {name: calibration.state() for name, calibration in calibrations.items()},
        {name: reranker.state() for name, reranker in rerankers.items()},
    )


def _of_run(checkpoint: Path) -> dict[str, Any]:
    """Return what the summary beside a checkpoint tells of its training, if there is one."""
    try:
        summary = json.loads((checkpoint.parent.parent / "summary.json").read_text())
        return {key: summary[key] for key in ORIGIN if key in summary}
    except (OSError, ValueError, TypeError):
        return {}


def _reading_together(networks: Sequence[TrainedModel]) -> list[Sequencer]:
    """Return the sequencers of networks that agree on residues and peaks, one per direction."""
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


class _Parts:
    """Tells the progress of two parts as that of a whole."""

    def __init__(self, on_batch: Callable[[int, int], None] | None) -> None:
        self.on_batch, self.n_first = on_batch or (lambda done, total: None), 0

    def first(self, done: int, total: int) -> None:
        """Tell how far the calibrations are: one pass over the spectra for each decoder."""
        self.n_first = total
        self.on_batch(done, total + total // (2 * len(DecoderKind)))

    def second(self, done: int, total: int) -> None:
        """Tell how far the rerankers are: one pass over half of the spectra."""
        self.on_batch(self.n_first + done, self.n_first + total)
