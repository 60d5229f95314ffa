"""Loading of trained networks from checkpoints and exported files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from denovo.chemistry import Tolerance
from denovo.choices import DEFAULT_NETWORK, NETWORKS
from denovo.errors import check_names
from denovo.sequencing.networks.building import build_sequencer, fragment_tolerance_of
from denovo.sequencing.networks.checkpoint import network_settings, read_checkpoint
from denovo.sequencing.networks.exported import SUFFIX, name_prefix, read_exported

_WEIGHTS = Path(__file__).parents[2] / "weights"
_FILES = {"hcd": "denovo", "free-cysteine": "free_cysteine", "untrained": "spectrum_graph"}
"""Files of networks that are called otherwise."""


def packaged(name: str) -> Path:
    """Return the path of a network of the package, a key of `denovo.choices.NETWORKS`."""
    return _WEIGHTS / f"{_FILES.get(name, name)}{SUFFIX}"


SHIPPED = packaged(DEFAULT_NETWORK)
"""The default network."""

_SEQUENCER = "sequencer."


@dataclass(frozen=True)
class TrainedModel:
    """A trained network with its configuration, calibrations and further networks.

    Parameters
    ----------
    path : Path
        File that it was loaded from.
    sequencer : Module
        In evaluation mode, on the CPU.
    config : dict
        Configuration of the network and its training, see `NetworkSettings`.
    calibrations : dict
        State of a `Calibration` for each kind of decoder; empty if none was fitted.
    record : dict
        Origin of the network; empty unless it was exported.
    others : tuple of TrainedModel
        Further networks for rescoring, such as one that reads from the C-terminus.
    rerankers : dict
        State of a `Reranker` for each kind of rescoring; empty if none was fitted.
    """

    path: Path
    sequencer: nn.Module
    config: dict[str, Any]
    calibrations: dict[str, dict[str, Any]]
    record: dict[str, Any]
    others: tuple["TrainedModel", ...] = ()
    rerankers: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def sequencers(self) -> tuple[nn.Module, ...]:
        """All networks; the first is used without rescoring."""
        return (self.sequencer, *(other.sequencer for other in self.others))

    @property
    def n_peaks(self) -> int:
        """Number of most intense peaks that the network is shown."""
        return int(self.config["data"]["n_peaks"])

    @property
    def fragment_tolerance(self) -> Tolerance:
        """How far from an ion the network expects its peak."""
        return fragment_tolerance_of(self.config)


def load_model(path: str | Path | None = None) -> TrainedModel:
    """Load a checkpoint of a training, an exported network, or one of the package.

    Only tensors and plain values are unpickled, and only sequencers and alphabets of this package
    are built, so that a downloaded file cannot run code.

    Parameters
    ----------
    path : str, Path or None
        A ``.ckpt`` file of a training, one of the two files of an exported network, or the name of
        a network of the package, a key of `denovo.choices.NETWORKS`, also where a file or folder is
        called so; None for the first of these.

    Returns
    -------
    TrainedModel
        The network.

    Raises
    ------
    InputError
        If a file is missing, damaged, of another program, or needs unpickling of other types.
    """
    path = Path(DEFAULT_NETWORK if path is None else path).expanduser()
    if str(path) in NETWORKS:
        path = packaged(str(path))
    elif not path.suffix and len(path.parts) == 1 and not path.exists():
        check_names([str(path)], NETWORKS, f"there is no file {path}", "network of the package")
    if path.suffix in (SUFFIX, ".json"):
        return _exported(path)
    checkpoint = read_checkpoint(path)
    settings = network_settings(checkpoint, path)
    weights = {
        name.removeprefix(_SEQUENCER): value
        for name, value in checkpoint["state_dict"].items()
        if name.startswith(_SEQUENCER)
    }
    sequencer = build_sequencer(settings, checkpoint["denovo"]["vocabulary"], weights, path)
    return TrainedModel(path, sequencer, settings.plain(), {}, {})


def _exported(path: Path) -> TrainedModel:
    weights, description = read_exported(path)
    networks = [description.config, *description.others]
    table = description.vocabulary.plain()
    sequencer, *others = (
        build_sequencer(settings, table, of_network, path)
        for settings, of_network in zip(networks, _parted(weights, len(networks)), strict=True)
    )
    plain = description.plain()
    return TrainedModel(
        path,
        sequencer,
        plain["config"],
        plain["calibrations"],
        plain["record"],
        tuple(
            TrainedModel(path, other, config, {}, {})
            for other, config in zip(others, plain["others"], strict=True)
        ),
        plain["rerankers"],
    )


def _parted(weights: dict[str, Tensor], n_networks: int) -> list[dict[str, Tensor]]:
    """Split weights by the prefixes of the networks."""
    parts = []
    for number in range(n_networks - 1, 0, -1):
        prefix = name_prefix(number)
        own = [name for name in weights if name.startswith(prefix)]
        parts.append({name.removeprefix(prefix): weights.pop(name) for name in own})
    return [weights, *parts[::-1]]


def load_sequencer(path: str | Path) -> tuple[nn.Module, dict[str, Any]]:
    """Load the first network and its configuration; see `load_model`."""
    model = load_model(path)
    return model.sequencer, model.config
