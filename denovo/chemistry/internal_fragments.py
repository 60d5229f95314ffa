"""Internal fragments of peptides, and their expected intensities."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn.functional import pad

from denovo.chemistry.masses import PROTON_MASS
from denovo.chemistry.vocabulary import Vocabulary
from denovo.typing import Bool, Float32, Float64, Int, Shaped, Tensor

SIZES = tuple(range(2, 10))
"""Numbers of residues of the internal fragments that are considered."""

_BASIC = "KRH"


@dataclass(frozen=True, eq=False)
class InternalStatistics:
    """Linear model of the log intensity of internal fragments.

    Parameters
    ----------
    mean : float
        Mean of the logarithm of the intensity relative to the base peak.
    between_spectra, scatter : float
        Standard deviations between spectra and within one.
    by_size : tuple of float
        Effect of each of `SIZES`.
    by_residues_before, by_residues_behind : tuple of float
        Effects of 1, 2, ... residues outside; the last entry also applies to larger numbers.
    without_base : float
        Effect of a fragment without K, R and H.
    before, first, last, behind : mapping of str to float
        Effects of the residues on both sides of both cleavages; 0 for residues not listed.
    """

    mean: float
    between_spectra: float
    scatter: float
    by_size: tuple[float, ...]
    by_residues_before: tuple[float, ...]
    by_residues_behind: tuple[float, ...]
    without_base: float
    before: Mapping[str, float]
    first: Mapping[str, float]
    last: Mapping[str, float]
    behind: Mapping[str, float]


MEASURED = InternalStatistics(
    mean=-6.3,
    between_spectra=0.9,
    scatter=1.3,
    by_size=(1.0, 0.7, 0.4, 0.0, -0.2, -0.4, -0.8, -1.1),
    by_residues_before=(0.1, 0.5, 0.1, -0.1, -0.3, -0.7),
    by_residues_behind=(0.4, 0.1, -0.2, -0.3, -0.3, 0.0),
    without_base=-0.5,
    before={"C": -0.5, "D": -0.3, "G": -0.4, "K": 0.6, "L": 0.5, "P": -0.3, "R": -0.9}
    | {"T": 0.3, "V": 0.7},
    first={"C": 0.4, "E": -0.3, "H": 0.3, "K": -0.4, "M": -0.3, "P": 1.3, "R": -1.3, "T": 0.3},
    last={"D": 0.3, "E": 0.3, "G": -0.5, "K": 0.4, "L": 0.3, "M": -0.4, "P": -0.4, "Q": 0.4}
    | {"R": -0.8, "S": -0.4, "W": 0.4},
    behind={"C": -0.3, "D": -0.5, "H": -0.4, "L": 0.5, "P": 0.3, "R": -0.8, "V": 0.5, "Y": 0.4},
)
"""Rounded from fits to about 12,000 internal fragments of 343 measured HCD spectra
(``benchmarks/internal_fragments.py``, docs/reference/data.md). The mean is set so that simulated
spectra show as many. Effects of residues below 0.25 are left out."""


@dataclass(frozen=True)
class InternalFragments:
    """Internal fragments of peptides by size and first residue.

    Parameters
    ----------
    mz : Tensor [batch, size, start], float64
        m/z in Th of the singly charged fragment of the b type.
    log_height : Tensor [batch, size, start], float32
        Expected logarithm of the intensity relative to the base peak.
    is_there : Tensor [batch, size, start], bool
        False where a fragment would contain a terminus or exceed the peptide.
    """

    mz: Float64[Tensor, "batch size start"]
    log_height: Float32[Tensor, "batch size start"]
    is_there: Bool[Tensor, "batch size start"]

    @classmethod
    def of(
        cls,
        tokens: Int[Tensor, "batch length"],
        is_residue: Bool[Tensor, "batch length"],
        vocabulary: Vocabulary,
        statistics: InternalStatistics = MEASURED,
    ) -> "InternalFragments":
        """List the internal fragments of peptides.

        Parameters
        ----------
        tokens : Tensor [batch, length], int64
            Peptides from the N-terminus.
        is_residue : Tensor [batch, length], bool
            False at EOS, padding and modifications of the N-terminus.
        vocabulary : Vocabulary
            Masses of the tokens.
        statistics : InternalStatistics
            Model of the intensities.
        """
        n = tokens.shape[1]
        end = _ends(n, tokens.device)
        last, behind = (end - 1).clamp(max=n - 1), end.clamp(max=n - 1)
        number = is_residue.cumsum(dim=1)
        n_before = number - is_residue.long()
        n_behind = number[:, -1:, None] - number[:, last]
        is_there = (is_residue & (n_before > 0))[:, None] & (end < n) & (n_behind > 0)
        masses = vocabulary.masses.to(tokens.device)[tokens]
        effects = _effects(vocabulary, statistics, tokens.device)
        n_bases = cls.span(pad(effects.is_basic[tokens].cumsum(dim=1), (1, 0)))
        before, first, *others = effects.of_neighbour[:, tokens]
        left = before.roll(1, dims=1) + first + _look_up(statistics.by_residues_before, n_before)
        right = others[0][:, last] + others[1][:, behind]
        right = right + _look_up(statistics.by_residues_behind, n_behind)
        base = torch.where(n_bases > 0, 0.0, statistics.without_base)
        log_height = left[:, None] + right + base + effects.by_size[:, None] + statistics.mean
        mz = cls.span(pad(masses.cumsum(dim=1), (1, 0))) + PROTON_MASS
        return cls(mz, log_height, is_there)

    @property
    def end(self) -> Int[Tensor, "size start"]:
        """Position after the last residue of each fragment, in tokens."""
        return _ends(self.mz.shape[2], self.mz.device)

    @staticmethod
    def span(sums: Shaped[Tensor, "batch place"]) -> Shaped[Tensor, "batch size start"]:
        """Convert cumulative sums over tokens into sums over each fragment."""
        n = sums.shape[1] - 1
        return sums[:, _ends(n, sums.device).clamp(max=n)] - sums[:, None, :-1]


@dataclass(frozen=True)
class _Effects:
    of_neighbour: Float32[Tensor, "4 vocab"]
    is_basic: Bool[Tensor, " vocab"]
    by_size: Float32[Tensor, " size"]


@lru_cache(maxsize=8)
def _effects(
    vocabulary: Vocabulary, statistics: InternalStatistics, device: torch.device
) -> _Effects:
    # Modified residues have the effects of bare ones; I was measured together with L.
    letters = [token[0].replace("I", "L") for token in vocabulary.tokens]
    places = statistics.before, statistics.first, statistics.last, statistics.behind
    rows = [[effect.get(letter, 0.0) for letter in letters] for effect in places]
    is_basic = torch.tensor([letter in _BASIC for letter in letters], device=device)
    by_size = torch.tensor(statistics.by_size, device=device)
    return _Effects(torch.tensor(rows, device=device), is_basic, by_size)


def _ends(n: int, device: torch.device) -> Int[Tensor, "size start"]:
    return torch.arange(n, device=device) + torch.tensor(SIZES, device=device)[:, None]


def _look_up(effect: tuple[float, ...], n_residues: Int[Tensor, "*shape"]) -> Tensor:
    """Look up the effect of 1, 2, ... residues; the last entry also applies to larger numbers."""
    table = torch.tensor(effect, device=n_residues.device)
    return table[(n_residues - 1).clamp(0, len(effect) - 1)]
