"""Random tensors of the shapes that the parts of the noise need."""

import torch

from denovo.typing import Bool, Float32, Float64, Tensor


class Draw:
    """Random numbers for one batch, on its device.

    Parameters
    ----------
    generator : torch.Generator
        Source of randomness. Equal seeds give equal numbers.
    n_rows : int
        Spectra in the batch.
    """

    def __init__(self, generator: torch.Generator, n_rows: int) -> None:
        self._generator, self._n_rows = generator, n_rows

    def uniform(self, n_columns: int = 1) -> Float32[Tensor, "batch column"]:
        """Draw from [0, 1); by default one number for each spectrum."""
        shape = self._n_rows, n_columns
        return torch.rand(shape, generator=self._generator, device=self._generator.device)

    def normal(self, n_columns: int = 1) -> Float32[Tensor, "batch column"]:
        """Draw from the standard normal distribution."""
        shape = self._n_rows, n_columns
        return torch.randn(shape, generator=self._generator, device=self._generator.device)

    def lognormal(self, mean: float, sigma: float, n_columns: int) -> Float32[Tensor, "batch _"]:
        """Draw exponentials of normal variates of this mean and standard deviation."""
        return self.normal(n_columns).mul_(sigma).add_(mean).exp_()

    def integers(self, n_columns: int, high: int | Tensor) -> Tensor:
        """Draw whole numbers from 0 to before ``high``, which may differ between columns."""
        return (self.uniform(n_columns) * high).long()

    def choice(self, odds: Float64[Tensor, " choice"], n_columns: int) -> Tensor:
        """Draw numbers of choices, each as often as its odds, which may add up to anything."""
        upper = odds.cumsum(dim=0)
        return torch.bucketize(self.uniform(n_columns).double() * upper[-1], upper[:-1])

    def chance(self, probability: float | Tensor, n_columns: int = 1) -> Bool[Tensor, "batch _"]:
        """Draw True with a probability, which may differ between spectra and columns."""
        return self.uniform(n_columns) < probability
