"""What a file of predictions says of the run that made it."""

from collections.abc import Mapping
from dataclasses import dataclass

from denovo.chemistry import ResidueAlphabet


@dataclass(frozen=True)
class RunRecord:
    """Where predictions come from.

    Parameters
    ----------
    files : tuple of str
        Spectrum files in the order in which they were read, spelled as `Prediction.file` spells
        them.
    settings : mapping of str to str
        Every setting of the run by its name.
    version : str
        Version of denovo.
    alphabet : ResidueAlphabet
        What peptides were written in.
    """

    files: tuple[str, ...]
    settings: Mapping[str, str]
    version: str
    alphabet: ResidueAlphabet
