"""From a Hydra configuration to objects, and from faults to sentences."""

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.errors import HydraException, InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from denovo.errors import InputError


def config_directory() -> Path:
    """Return the folder of the configuration files, in a checkout or in an installed package."""
    package = Path(__file__).parent
    installed = package / "conf"
    return installed if installed.is_dir() else package.parent / "conf"


def plain(config: DictConfig) -> dict[str, Any]:
    """Resolve a configuration to plain dicts, lists, strings and numbers."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def build(config: DictConfig | dict[str, Any], /, **arguments: Any) -> Any:
    """Instantiate a node, and let an `InputError` of its constructor through as it is.

    Parameters
    ----------
    config : DictConfig or dict
        A node with ``_target_``.
    **arguments : Any
        Handed to the constructor beside what the node says.

    Returns
    -------
    Any
        The object.

    Raises
    ------
    InputError
        If the constructor found the values at fault.
    """
    try:
        if "_target_" not in config or config.get("_partial_"):
            return instantiate(config)
        # Hydra would pass the arguments through a copy of the configuration; they are objects.
        make = instantiate(config, _partial_=True)
        return make(**arguments)
    except (InstantiationException, TypeError) as error:
        cause = _root_cause(error)
        if isinstance(cause, InputError):
            raise cause from None
        if isinstance(cause, TypeError) and "unexpected keyword" in str(cause):
            raise InputError(f"the settings do not fit {config['_target_']}: {cause}") from error
        raise


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def quiet_libraries() -> None:
    """Keep advertisements and warnings about deliberate choices of this program off the console."""
    for name in ("lightning", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Reading a batch takes a hundredth of a training step, so no process is spent on it.
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    # The batch plan goes on from the step of the checkpoint, with nothing to restore.
    warnings.filterwarnings("ignore", ".*your dataloader is not resumable.*")
    # The evaluation metrics gather themselves over the ranks.
    warnings.filterwarnings("ignore", ".*sync_dist=True.*")
    # A resumed run writes where the interrupted one wrote.
    warnings.filterwarnings("ignore", "Checkpoint directory .* exists and is not empty")
    # Lightning uses a spelling that torch has deprecated.
    warnings.filterwarnings("ignore", ".*isinstance.treespec, LeafSpec.*")


@contextmanager
def faults_as_sentences() -> Iterator[None]:
    """Turn faults of the input into one sentence on standard error and exit status 1.

    Covers `InputError`, configuration errors, and a disk that is full or cannot be written.
    Everything else is a fault of the program and keeps its traceback.
    """
    try:
        yield
    except InputError as error:
        message = str(error)
    except InstantiationException:
        raise
    except (HydraException, OmegaConfBaseException) as error:
        message = str(error).splitlines()[0]
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        message = f"{error.filename or 'the output'}: {error.strerror}; check space and permissions"
    else:
        return
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    raise SystemExit(1)
