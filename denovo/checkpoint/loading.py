"""Load a trained network from whatever form it has on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from denovo.checkpoint.building import build_sequencer
from denovo.checkpoint.exported import SUFFIX, read_exported
from denovo.checkpoint.training import read_checkpoint

_SEQUENCER = "sequencer."


@dataclass(frozen=True)
class TrainedModel:
    """A trained network and what goes with it.

    Parameters
    ----------
    path : Path
        Where it was read from.
    sequencer : Module
        In evaluation mode, on the CPU.
    config : dict
        The configuration it was trained with; of an exported network the parts that describe it.
    calibrations : dict
        State of a `Calibration` for each kind of decoder; empty where none was fitted.
    record : dict
        Where the network comes from; empty unless it was exported.
    """

    path: Path
    sequencer: nn.Module
    config: dict[str, Any]
    calibrations: dict[str, dict[str, Any]]
    record: dict[str, Any]

    @property
    def n_peaks(self) -> int:
        """Most intense peaks of a spectrum that it is shown."""
        return int(self.config["data"]["n_peaks"])


def load_model(path: str | Path) -> TrainedModel:
    """Load a checkpoint of a training, or an exported network.

    Nothing is unpickled but tensors and plain values, and nothing is built but sequencers and
    alphabets of this package, so that a downloaded file cannot run code.

    Parameters
    ----------
    path : str or Path
        A ``.ckpt`` file that training wrote, or one of the two files of an exported network.

    Returns
    -------
    TrainedModel
        The network.

    Raises
    ------
    InputError
        If a file is missing, damaged, from elsewhere, or would need unpickling.
    """
    path = Path(path).expanduser()
    if path.suffix in (SUFFIX, ".json"):
        weights, description = read_exported(path)
        config = description["config"]
        sequencer = build_sequencer(config, description["vocabulary"], weights, path)
        record = description.get("record", {})
        return TrainedModel(path, sequencer, config, description["calibrations"], record)
    checkpoint = read_checkpoint(path)
    config = checkpoint["denovo"]["config"]
    weights = {
        name.removeprefix(_SEQUENCER): value
        for name, value in checkpoint["state_dict"].items()
        if name.startswith(_SEQUENCER)
    }
    sequencer = build_sequencer(config, checkpoint["denovo"]["vocabulary"], weights, path)
    return TrainedModel(path, sequencer, config, {}, {})


def load_sequencer(path: str | Path) -> tuple[nn.Module, dict[str, Any]]:
    """Load a network alone, with its configuration; see `load_model`."""
    model = load_model(path)
    return model.sequencer, model.config
