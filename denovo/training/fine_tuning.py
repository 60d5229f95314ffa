"""Start of fine-tuning: weights of another training, or its own interrupted run."""

import logging
from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf
from torch import nn

from denovo.choices import DEFAULT_NETWORK
from denovo.errors import InputError
from denovo.models import transfer_weights
from denovo.sequencing.fitting import last_noise
from denovo.sequencing.networks import TrainedModel, load_model, network_settings, read_checkpoint
from denovo.training.configuration import is_on_command_line, plain
from denovo.training.program_files import config_directory

log = logging.getLogger(__name__)

_DEFAULTS = {
    "residues": ("residues/common.yaml",),
    "variable_modifications": ("residues/common.yaml",),
    "peptides": ("peptides/tryptic.yaml",),
    "simulator": ("simulator/hcdch2.yaml",),
    "noise": ("noise/none.yaml", "noise/measured.yaml"),
}
"""Files of the values that ``+experiment=finetune`` has where nothing else sets them."""


def prepare_config(cfg: DictConfig) -> DictConfig:
    """Set what the network in ``ckpt_path`` decides.

    That is ``model``, ``data.n_peaks``, ``fragment_tolerance`` and ``finetune.weights``, and what
    `_take_training` takes over. A ``.ckpt`` file that fine-tuning itself wrote is resumed,
    optimizer and step included. Any other file provides weights alone, and ``ckpt_path`` is null in
    the returned copy.
    """
    if not cfg.ckpt_path:
        raise InputError(
            "fine-tuning needs weights to start from; give ckpt_path=FILE.ckpt, FILE.safetensors "
            f"or the name of a network of the package, such as {DEFAULT_NETWORK}"
        )
    if not cfg.data.get("train"):
        raise InputError("fine-tuning needs spectra with peptides; give data.train=FILE.mgf")
    weights = own = _own_start(str(cfg.ckpt_path))
    if own is None:
        weights = str(cfg.ckpt_path)
    model = network_of(load_model(str(weights)), cfg.finetune.direction)
    changed = cfg.copy()
    OmegaConf.set_struct(changed, False)
    # Merging would keep settings of another kind of network. Hydra builds the object of this node:
    # the schema of files lets nothing in but the name of a sequencer and bounded plain values.
    changed.model = {**model.config["model"], "_convert_": "all"}
    changed.data.n_peaks = model.n_peaks
    changed.fragment_tolerance = str(model.fragment_tolerance)
    _take_training(changed, model.config, str(weights))
    changed.finetune.weights = weights
    changed.ckpt_path = cfg.ckpt_path if own else None
    return changed


def _take_training(cfg: DictConfig, config: Mapping[str, Any], path: str) -> None:
    """Simulate as a network was trained, but for what the command line or an experiment sets."""
    before, taken = plain(cfg), []
    for name, value in _of_training(config).items():
        if is_on_command_line(name) or before[name] != _default(name):
            continue
        _refuse_references(value, path)
        cfg[name] = {**before[name], **value} if name == "peptides" else value
        taken += [name] if plain(cfg)[name] != before[name] else []
    if taken:
        log.info("as in the training of the network: %s", ", ".join(taken))


def _default(name: str) -> Any:
    """Return the default of one of `_DEFAULTS`."""
    files = [OmegaConf.load(config_directory() / file) for file in _DEFAULTS[name]]
    found = plain(OmegaConf.merge(*files))  # pyright: ignore[reportArgumentType]
    return found[name] if name in found else {k: v for k, v in found.items() if k != "defaults"}


def _of_training(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return alphabet, peptides, simulator and noise of a training, as far as they are recorded."""
    recipe = config["data"].get("sources", {}).get("recipe", {})
    digest, precursors = recipe.get("digest"), recipe.get("precursors")
    if not (digest and precursors and config.get("simulator") and config.get("curriculum")):
        return {}
    of_charges = {k: precursors[k] for k in ("charges", "limit_charges") if k in precursors}
    return {
        "residues": config["residues"],
        "variable_modifications": precursors.get("modifications", {}),
        "peptides": {k: v for k, v in {**digest, **of_charges}.items() if k != "_target_"},
        "simulator": {"model": config["simulator"]["model"]},
        "noise": vars(last_noise(config)),
    }


def _refuse_references(value: object, path: str) -> None:
    """Refuse text that OmegaConf would replace: a network is a stranger's file."""
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for entry in value:
            _refuse_references(entry, path)
    elif isinstance(value, str) and ("${" in value or value == "???"):
        raise InputError(f"{path}: {value[:80]!r} has a meaning to Hydra; expected plain text")


def load_start_weights(cfg: DictConfig, sequencer: nn.Module) -> None:
    """Load the weights that `prepare_config` has found; see `transfer_weights` for new residues."""
    trained = network_of(load_model(str(cfg.finetune.weights)), cfg.finetune.direction).sequencer
    initialise_from = transfer_weights(sequencer, trained, cfg.finetune.initialise_from)
    for name, source in initialise_from.items():
        log.info("the new residue %s starts as a copy of %s", name, source)
    missing = [token for token in _tokens(trained) if token not in _tokens(sequencer)]
    if missing:
        log.warning(
            "the network forgets residues that are not in the alphabet: %s", ", ".join(missing)
        )


def network_of(model: TrainedModel, direction: str | None) -> TrainedModel:
    """Choose the network of a reading direction; None chooses the main network."""
    networks = (model, *model.others)
    wanted = [each for each in networks if direction in (None, each.sequencer.direction)]
    if not wanted:
        found = ", ".join(str(each.sequencer.direction) for each in networks)
        raise InputError(
            f"{model.path} has no network that reads {direction}; set finetune.direction={found}"
        )
    return wanted[0]


def _tokens(sequencer: nn.Module) -> tuple[str, ...]:
    return sequencer.vocabulary.tokens  # pyright: ignore[reportReturnType, reportAttributeAccessIssue]


def _own_start(path: str) -> str | None:
    """Return the start of a checkpoint that fine-tuning wrote; None for any other file."""
    if not path.endswith(".ckpt"):
        return None
    settings = network_settings(read_checkpoint(path), path).finetune
    return settings.weights if settings else None
