"""Checks of a configuration before anything is built."""

import logging

from omegaconf import DictConfig, OmegaConf

from denovo.errors import InputError, check_names
from denovo.io.remote import local_copy
from denovo.sequencing.networks import load_sequencer, read_checkpoint
from denovo.sequencing.rescoring import Rescoring
from denovo.training.configuration import plain, settings_that_differ

log = logging.getLogger(__name__)

NEEDED = (
    *("residues", "data", "model", "loss", "curriculum", "optimizer"),
    *("decoder", "callbacks", "trainer"),
)
"""Groups that every run needs."""

DECISIVE = ("seed", "residues", "proteins", "data", "model", "loss", "curriculum", "optimizer")
"""Settings that a resumed run should share with the interrupted one."""


def check_settings(cfg: DictConfig) -> None:
    """Refuse a run that cannot succeed, and warn of settings that differ from the checkpoint."""
    for name in NEEDED:
        if cfg.get(name) is None:
            raise InputError(f"there is no {name}; give one of the files in conf/{name} by name")
    if cfg.curriculum.stages[-1].get("end") is None:
        raise InputError("the last stage of the curriculum must have an end, to know when to stop")
    if str(cfg.trainer.precision) in ("bf16-true", "16-true"):
        raise InputError(
            f"trainer.precision={cfg.trainer.precision} would round residue masses by up to 0.5 "
            "Da; use 32-true or bf16-mixed"
        )
    _check_length(cfg)
    _check_simulator(cfg)
    _check_partner(cfg)
    if cfg.ckpt_path:
        with local_copy(cfg.ckpt_path) as path:
            then, now = read_checkpoint(path)["denovo"]["config"], plain(cfg)
        for name in DECISIVE:
            for difference in settings_that_differ(then.get(name), now.get(name), name):
                log.warning("going on with another setting than in the checkpoint: %s", difference)


def _check_length(cfg: DictConfig) -> None:
    """Warn of peptides that the decoder cannot read to their end."""
    longest = OmegaConf.select(cfg, "data.sources.recipe.digest.max_length")
    if longest is not None and longest >= cfg.decoder.max_length:
        log.warning(
            "figures count peptides of up to %d residues as read wrongly, for answers have at most "
            "%d tokens, an N-terminal modification included; set decoder.max_length=%d",
            *(longest, cfg.decoder.max_length, longest + 1),
        )


def _check_simulator(cfg: DictConfig) -> None:
    """Refuse a loss that expects the ions of another simulator than that of the spectra."""
    of_data = OmegaConf.select(cfg, "data.sources.recipe.simulator.model")
    if of_data is not None and of_data != cfg.simulator.model:
        raise InputError(
            f"data.sources.recipe.simulator.model is {of_data}, but simulator.model, which the "
            f"spectrum loss follows, is {cfg.simulator.model}; set simulator.model alone"
        )


def _check_partner(cfg: DictConfig) -> None:
    """Refuse a partner network for the export that cannot be combined with this one."""
    check_names([cfg.rescoring.kind], list(Rescoring), "train.py", "rescoring.kind")
    if not cfg.rescoring.partner:
        return
    direction = cfg.model.get("direction", "forward")
    sequencer, _ = load_sequencer(cfg.rescoring.partner)
    if direction == sequencer.direction:
        raise InputError(
            f"rescoring.partner {cfg.rescoring.partner} reads {direction}, as model.direction "
            "does; give a checkpoint of the other direction"
        )
