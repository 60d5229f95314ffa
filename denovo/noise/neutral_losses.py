"""Neutral losses of fragments, by residue."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from denovo.chemistry import IonType, Vocabulary
from denovo.chemistry.pyteomics_mass import mass
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import Draw, Peaks, join
from denovo.spectra.fragment_matches import IONS
from denovo.typing import Bool, Float32, Int, Tensor


@dataclass(frozen=True)
class Loss:
    """Neutral molecule, and the tokens of the residues from which fragments lose it.

    ``share`` is the frequency in fragments with one of the residues, as a share of the strength;
    ``height`` is the logarithm of the intensity relative to the fragment, as mean and standard
    deviation. ``elsewhere`` and ``elsewhere_height`` are frequency and intensity of the loss from b
    ions without such a residue, relative to those with one. y ions can lose water from their
    carboxyl group, whatever their residues. ``from_precursor`` adds the loss to those of the
    unfragmented precursor, which can lose water and ammonia in any case.
    """

    formula: str
    residues: frozenset[str]
    share: float
    height: tuple[float, float]
    elsewhere: float = 0.0
    elsewhere_height: float = 1.0
    from_precursor: bool = False

    @property
    def mass(self) -> float:
        """Mass of the molecule in Da."""
        return float(mass.calculate_mass(formula=self.formula))


LOSSES = (
    Loss("H2O", frozenset("STED") | {"N[UNIMOD:7]", "Q[UNIMOD:7]"}, 1.0, (-1.9, 1.1), 0.45, 0.35),
    Loss("NH3", frozenset("RKNQ"), 1.0, (-1.9, 1.1), 0.25),
    Loss("CH4OS", frozenset({"M[UNIMOD:35]"}), 2.0, (-0.9, 0.8)),
    Loss(
        *("H3PO4", frozenset({"S[UNIMOD:21]", "T[UNIMOD:21]"}), 2.0, (-0.9, 0.8)),
        from_precursor=True,
    ),
)
"""Measured on 343 HCD spectra (docs/reference/data.md): of strong b ions 0.40 lose water if they
hold S, T, E or D and 0.19 if not; 0.36 lose ammonia with R, K, N or Q and 0.09 without; 29 of 37
fragments with oxidised methionine lose methanesulfenic acid. No measured phosphopeptides were
available. That phosphoserine and phosphothreonine lose phosphoric acid equally often, and
precursors as often as water, are assumptions. Residues after Papayannopoulos, Mass Spectrom. Rev.
14, 49 (1995), doi:10.1002/mas.1280140104."""


@lru_cache(maxsize=8)
def losses_of(
    vocabulary: Vocabulary, device: torch.device
) -> tuple[tuple[Loss, Bool[Tensor, " vocab"]], ...]:
    """List the losses that an alphabet allows, with the tokens that have each."""
    listed = []
    for loss in LOSSES:
        holds = [token in loss.residues for token in vocabulary.tokens]
        if any(holds):
            listed.append((loss, torch.tensor(holds, device=device)))
    return tuple(listed)


def losses(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the ions of `LOSSES` from b and y ions, up to two losses for each ion.

    Each spectrum draws the share of the ions that lose water or ammonia between 0 and the strength.
    """
    parents, share = annotated.parents.peaks, strength * draw.uniform()
    able = [
        (loss, torch.cat([_number(annotated, holds, ion) for ion in IONS], dim=1))
        for loss, holds in losses_of(annotated.vocabulary, parents.mz.device)
    ]
    once = [_without(annotated, parents, *each, 1, share, draw) for each in able]
    # A second loss is as frequent as the first. Water and ammonia leave from many places; a loss
    # that is specific to a residue needs two of these residues to happen twice.
    twice = [
        _without(annotated, peaks, *able[second], 2 if first == second else 1, share, draw)
        for first, peaks in enumerate(once)
        for second in range(first, len(able))
    ]
    return join([*once, *twice])


def _without(
    annotated: AnnotatedBatch,
    peaks: Peaks,
    loss: Loss,
    n_able: Int[Tensor, "batch peak"],
    time: int,
    share: Float32[Tensor, "batch 1"],
    draw: Draw,
) -> Peaks:
    """Make the peaks of ions after their first or second loss of a molecule."""
    charge = annotated.parents.charge
    n = len(charge)
    least = time if loss.elsewhere == 0 else 1
    is_able = (n_able >= least) | _is_open(loss, n, peaks.mz.device)
    often = torch.where(is_able, 1.0, loss.elsewhere) * loss.share * share
    height = draw.lognormal(*loss.height, n) * torch.where(is_able, 1.0, loss.elsewhere_height)
    lost = loss.mass / charge
    chosen = peaks.where(draw.chance(often, n))
    return Peaks((chosen.mz - lost).float(), chosen.intensity * height)


def _number(
    annotated: AnnotatedBatch, holds: Bool[Tensor, " vocab"], ion: IonType
) -> Int[Tensor, "batch site"]:
    """Count the residues of each fragment of a type that can lose a molecule."""
    there = holds[annotated.batch.tokens]
    before = there.cumsum(dim=1)[:, :-2]
    return before if ion.is_n_terminal else there.sum(dim=1, keepdim=True) - before


def _is_open(loss: Loss, n: int, device: torch.device) -> Bool[Tensor, " peak"]:
    """Mark the ions that lose a molecule whatever their residues: y ions lose water."""
    is_y = [not ion.is_n_terminal and loss.formula == "H2O" for ion in IONS]
    return torch.tensor(is_y, device=device).repeat_interleave(n // len(IONS))
