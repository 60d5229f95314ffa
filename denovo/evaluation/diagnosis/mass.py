"""Expected precursor masses of one batch: probabilities, masses, errors, slopes of the loss."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from denovo.chemistry import FIRST_RESIDUE, Vocabulary, ppm_error
from denovo.losses import PrecursorMassLoss, expected_residue_masses
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


@dataclass(frozen=True)
class PositionTrace:
    """Tokens, probabilities and masses in Da at one position of a peptide.

    ``special_probability`` is that of PAD, SOS, EOS and UNK; ``expected_mass`` is the mean under
    the distribution over residues; both masses are 0 at the end. Prefixes are their running sums.
    """

    true: str
    top: str
    probability: float
    true_probability: float
    special_probability: float
    true_mass: float
    expected_mass: float
    true_prefix: float
    expected_prefix: float


@dataclass(frozen=True)
class MassTrace:
    """Expected and measured precursor mass of one spectrum.

    Parameters
    ----------
    title, peptide : str
        Name of the spectrum, and its peptide in ProForma.
    charge : int
        Charge of the precursor.
    positions : tuple of PositionTrace
        Residues from the N-terminus, followed by the end token.
    expected_mass, precursor_mass : float
        Neutral masses in Da, the second as measured.
    error_da, error_ppm : float
        Signed error, positive if the expected mass is too large.
    loss, slope : float
        Precursor mass loss, and its derivative by the absolute error in the unit of the loss.
    """

    title: str
    peptide: str
    charge: int
    positions: tuple[PositionTrace, ...]
    expected_mass: float
    precursor_mass: float
    error_da: float
    error_ppm: float
    loss: float
    slope: float

    @property
    def share_right(self) -> float:
        """Share of the positions, end included, whose true token is the most probable one."""
        return sum(p.true == p.top for p in self.positions) / len(self.positions)

    @property
    def special_probability(self) -> float:
        """Mean probability of special tokens at residue positions."""
        residues = self.positions[:-1]
        return sum(p.special_probability for p in residues) / len(residues)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def trace_masses(
    logits: Float[Tensor, "step batch length vocab"],
    batch: LabelledSpectra,
    loss: PrecursorMassLoss,
    titles: Sequence[str],
) -> list[MassTrace]:
    """Compute the expected precursor mass of every spectrum of a batch.

    Parameters
    ----------
    logits : Tensor [step, batch, length, vocab]
        Teacher-forced output of the sequencer; the last refinement step is used.
    batch : LabelledSpectra
        Spectra and their peptides.
    loss : PrecursorMassLoss
        Definition of error, loss and slope.
    titles : sequence of str
        Names of the spectra.
    """
    logits = logits.detach()
    error = loss.error(logits, batch)
    # The slope at zero error is the limit from the right, because of the kink at 0.
    size = error.detach().abs().clamp(min=1e-9).requires_grad_()
    value = loss.penalise(size)
    (slope,) = torch.autograd.grad(value.sum(), size)
    residue_masses = expected_residue_masses(logits[-1], batch.residue_mask, loss.vocabulary)
    water = loss.vocabulary.peptide_mass([])
    traces = []
    for row, title in enumerate(titles):
        positions = _positions(
            logits[-1, row], batch.tokens[row], residue_masses[row], loss.vocabulary
        )
        mass = torch.tensor(positions[-1].expected_prefix + water, dtype=torch.float64)
        measured = batch.spectra.precursor_mass[row]
        traces.append(
            MassTrace(
                title,
                loss.vocabulary.decode(batch.tokens[row].tolist()),
                int(batch.spectra.precursor_charge[row]),
                positions,
                float(mass),
                float(measured),
                float(mass - measured),
                float(ppm_error(mass, theoretical=measured)),
                float(value.detach()[row]),
                float(slope[row]),
            )
        )
    return traces


def _positions(
    logits: Float[Tensor, "length vocab"],
    tokens: Tensor,
    residue_masses: Float64[Tensor, " length"],
    vocabulary: Vocabulary,
) -> tuple[PositionTrace, ...]:
    probabilities = logits.double().softmax(dim=-1)
    best, top = probabilities.max(dim=-1)
    special = probabilities[:, :FIRST_RESIDUE].sum(dim=-1)
    true_masses = vocabulary.masses[tokens]
    n_positions = int((tokens >= FIRST_RESIDUE).sum()) + 1  # and the end
    return tuple(
        PositionTrace(
            vocabulary.tokens[int(tokens[i])],
            vocabulary.tokens[int(top[i])],
            float(best[i]),
            float(probabilities[i, tokens[i]]),
            float(special[i]),
            float(true_masses[i]),
            float(residue_masses[i]),
            float(true_masses[: i + 1].sum()),
            float(residue_masses[: i + 1].sum()),
        )
        for i in range(n_positions)
    )
