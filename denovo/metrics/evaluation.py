"""All figures of decoded peptides in one metric."""

from collections.abc import Sequence

import torch
from torchmetrics import Metric

from denovo.chemistry import WATER_MASS, Vocabulary, ppm_error
from denovo.metrics.peptide import PeptideMetrics
from denovo.metrics.precursor import PpmErrorMetrics
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


class EvaluationMetrics(Metric):
    """Peptide metrics, decoded and soft precursor errors, and special-token probability.

    No figure depends on a loss weight, so the figures of different stages can be compared.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    """

    full_state_update = False
    special: Tensor
    n_spectra: Tensor

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._masses = vocabulary.masses
        self.peptides = PeptideMetrics(vocabulary)
        self.decoded_error = PpmErrorMetrics()
        self.soft_error = PpmErrorMetrics(prefix="soft_")
        for name, dtype in {"special": torch.float64, "n_spectra": torch.int64}.items():
            self.add_state(name, default=torch.zeros((), dtype=dtype), dist_reduce_fx="sum")

    def update(
        self,
        predicted: Sequence[Sequence[int]],
        expected_mass: Float64[Tensor, " batch"],
        special_probability: Float[Tensor, " batch"],
        batch: LabelledSpectra,
    ) -> None:
        """Add a batch.

        Parameters
        ----------
        predicted : sequences of int sequences
            Residue tokens of each decoded peptide, without EOS; may be empty.
        expected_mass : Tensor [batch], float64
            Neutral mass expected from the distributions along the decoded path, in Da.
        special_probability : Tensor [batch]
            Mean probability of special tokens along it.
        batch : LabelledSpectra
            Spectra with the true peptides.
        """
        targets = [
            row[row_mask].tolist()
            for row, row_mask in zip(batch.tokens.cpu(), batch.residue_mask.cpu(), strict=True)
        ]
        self.peptides.update(predicted, targets)
        observed = batch.spectra.precursor_mass
        # Relative to the measured mass, as in the precursor loss, so that training and validation
        # log the same quantity.
        self.decoded_error.update(ppm_error(self._decoded_mass(predicted, observed), observed))
        self.soft_error.update(ppm_error(expected_mass, observed))
        self.special += special_probability.double().sum()
        self.n_spectra += len(batch)

    def _decoded_mass(
        self, predicted: Sequence[Sequence[int]], like: Float64[Tensor, " batch"]
    ) -> Float64[Tensor, " batch"]:
        sums = [float(self._masses[list(p)].sum()) if p else torch.nan for p in predicted]
        return torch.tensor(sums, dtype=torch.float64, device=like.device) + WATER_MASS

    def compute(self) -> dict[str, Tensor]:
        """Return all figures by name; see the metrics it consists of."""
        figures = self.peptides.compute() | self.decoded_error.compute() | self.soft_error.compute()
        figures["special_token_probability"] = self.special / self.n_spectra.clamp(min=1)
        return {name: value.float() for name, value in figures.items()}

    def by_length(self) -> list[dict[str, float | int]]:
        """Return the peptide figures of each length; see `PeptideMetrics.by_length`."""
        return self.peptides.by_length()

    def reset(self) -> None:
        """Reset the metric and its parts."""
        super().reset()
        for part in (self.peptides, self.decoded_error, self.soft_error):
            part.reset()
