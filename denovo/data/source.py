"""What every source of training and test spectra offers, whether predicted or measured."""

from typing import Protocol, runtime_checkable

from denovo.chemistry import Vocabulary
from denovo.spectra import LabelledSpectra
from denovo.typing import Int, ndarray


@runtime_checkable
class SpectrumSource(Protocol):
    """Labelled spectra that can be read in any order: read-only, and safe to share with workers."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The table that the tokens of this source are numbered by."""
        ...

    @property
    def lengths(self) -> Int[ndarray, " spectra"]:
        """Residues of each peptide, without a modification of its N-terminus."""
        ...

    def __len__(self) -> int:
        """Return how many spectra there are."""
        ...

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch.

        Parameters
        ----------
        indices : array [batch], int64
            Which spectra, from 0, in any order and with repetition.

        Returns
        -------
        LabelledSpectra
            Peaks in ascending m/z, padded to the longest spectrum of the batch; intensity relative
            to the base peak; canonical tokens.
        """
        ...

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return what to call each spectrum in a report, such as its title."""
        ...
