"""Log figures at the step they belong to."""

from collections.abc import Mapping

import lightning as L


def log_now(trainer: L.Trainer, values: Mapping[str, float]) -> None:
    """Hand figures to every logger, under the step that is being taken.

    What goes through ``LightningModule.log`` is written at the next logging interval, and then
    again and again at each one that follows, until a new value replaces it: good for what is known
    at every step, wrong for what is measured now and then.

    Parameters
    ----------
    trainer : Trainer
        In a training step.
    values : mapping of str to float
        Figures by name.
    """
    for logger in trainer.loggers:
        logger.log_metrics(dict(values), step=trainer.global_step)
