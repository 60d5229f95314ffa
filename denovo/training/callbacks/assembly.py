"""`assemble`: the list of callbacks of a training, in the order in which they run."""

from collections.abc import Iterable

from lightning.pytorch.callbacks import Callback, LearningRateMonitor

from denovo.curriculum import Curriculum
from denovo.training.callbacks.curriculum import CurriculumCallback
from denovo.training.callbacks.history import StageHistory
from denovo.training.callbacks.last_checkpoint import LastCheckpoint
from denovo.training.callbacks.pace import Pace


def assemble(
    configured: Iterable[Callback], curriculum: Curriculum, has_logger: bool
) -> list[Callback]:
    """Add the callbacks that every training has to those of the configuration.

    The last checkpoint comes first: what the others do at the start of a step belongs to that step.
    The learning rate monitor is left out without a logger, where Lightning refuses it.
    """
    chosen = [c for c in configured if has_logger or not isinstance(c, LearningRateMonitor)]
    last = [callback for callback in chosen if isinstance(callback, LastCheckpoint)]
    others = [callback for callback in chosen if not isinstance(callback, LastCheckpoint)]
    own = [CurriculumCallback(curriculum), StageHistory(curriculum), Pace()]
    return [*last, *own, *others]
