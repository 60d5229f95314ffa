"""De novo peptide sequencing, trained on predicted spectra."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from denovo.sequencing.api import Model, Results, spectrum

__version__ = "0.2.0"
__all__ = ["Model", "Results", "load", "spectrum"]


def load(checkpoint: Any = None) -> "Model":
    """Load a trained network for sequencing from Python.

    Parameters
    ----------
    checkpoint : str, Path or None
        A ``.ckpt`` file of ``train.py``, or a network that ``denovo export`` wrote; None for the
        network that comes with the package.

    Returns
    -------
    Model
        Its `sequence` reads files and spectra.

    Raises
    ------
    InputError
        If the file is missing, damaged, from elsewhere, or would need unpickling.
    """
    from denovo.sequencing.api import Model

    return Model.load(checkpoint)


def __getattr__(name: str) -> Any:
    # torch and what stands on it take seconds to load; `import denovo` alone does not need them.
    if name in ("Model", "Results", "spectrum"):
        from denovo.sequencing import api

        return getattr(api, name)
    raise AttributeError(f"module 'denovo' has no attribute {name!r}")
