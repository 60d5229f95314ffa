"""One training run in its folder, from the start or from its last checkpoint."""

import logging
from collections.abc import Callable

from lightning.pytorch.utilities.rank_zero import rank_zero_only
from omegaconf import DictConfig

from denovo.errors import Stopped
from denovo.training.callbacks import LAST
from denovo.training.configuration import build, plain
from denovo.training.outputs import Fitted, draw_report
from denovo.training.resuming import claimed, clear, find_earlier, how_to_go_on
from denovo.training.shared_start import start_from_shared_steps
from denovo.training.signals import watch
from denovo.training.summary import print_summary

log = logging.getLogger(__name__)


def train_or_resume(
    cfg: DictConfig, fit: Callable[..., Fitted], test: Callable[[DictConfig, Fitted], float]
) -> float:
    """Train in the folder of a run, or go on with the run that lies there.

    ``fit`` trains a configuration, with further callbacks and, by the keyword ``checkpoint``, from
    a checkpoint of the same run; ``test`` writes the outputs and returns the best recall. That of a
    complete run comes from its summary, without training.
    """
    last = _last_checkpoint(cfg)
    is_first = rank_zero_only.rank == 0  # pyright: ignore[reportFunctionMemberAccess]
    with watch, claimed(cfg.run_dir, is_first):
        try:
            return _train_or_resume(cfg, last, is_first, fit, test)
        except Stopped as stopped:
            stopped.hint = how_to_go_on(cfg.run_dir, last)
            raise


def _train_or_resume(
    cfg: DictConfig,
    last: str,
    is_first: bool,
    fit: Callable[..., Fitted],
    test: Callable[[DictConfig, Fitted], float],
) -> float:
    n_steps = build(cfg.curriculum).n_steps
    earlier = find_earlier(plain(cfg), last, n_steps)
    if earlier is not None and earlier.is_complete(n_steps):
        log.info("%s holds this run, complete; resume=never trains it anew", cfg.run_dir)
        print_summary(cfg.run_dir, earlier.summary)
        draw_report(cfg.run_dir, anew=False)
        return earlier.summary["best_peptide_recall"]
    if earlier is not None:
        log.info("going on from step %d of %s", earlier.step, earlier.checkpoint)
        cfg = cfg.copy()
        cfg.ckpt_path, cfg.group = earlier.config.get("ckpt_path"), earlier.config["group"]
        return test(cfg, fit(cfg, checkpoint=earlier.checkpoint))
    if is_first:
        weights = cfg.finetune.weights if cfg.finetune else None
        clear(cfg.run_dir, last, starts=(cfg.ckpt_path, weights, cfg.rescoring.partner))
    if cfg.shared_start.until and not cfg.ckpt_path:
        cfg = start_from_shared_steps(cfg, fit)
    return test(cfg, fit(cfg))


def _last_checkpoint(cfg: DictConfig) -> str:
    """Return the path of the last checkpoint of a run, which need not exist."""
    node = cfg.callbacks.get("last")
    return build(node).path if node else f"{cfg.run_dir}/checkpoints/{LAST}"
