"""Selected spectra of a source."""

import numpy as np

from denovo.chemistry.identity import stable_hash
from denovo.data.batches import SpectrumSource
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Int, ndarray


class ChosenSpectra:
    """Selected rows of a `SpectrumSource`, in the given order."""

    def __init__(self, source: SpectrumSource, rows: Int[ndarray, " chosen"]) -> None:
        self.source, self.rows = source, rows
        self.vocabulary, self.lengths = source.vocabulary, source.lengths[rows]

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch, as `SpectrumSource.read` describes."""
        return self.source.read(self.rows[indices])

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return names of spectra, as the source does."""
        return self.source.identifiers(self.rows[indices])


def in_hash_order(rows: Int[ndarray, " chosen"]) -> Int[ndarray, " chosen"]:
    """Sort rows of files by a hash of their number, so that the first ones are a fair sample.

    Files are in the order of their runs, and runs in that of time.
    """
    place = [stable_hash(str(row), "measured order") for row in rows.tolist()]
    return rows[np.argsort(np.array(place, np.uint64), kind="stable")]
