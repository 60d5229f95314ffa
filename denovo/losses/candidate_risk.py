"""Expected cost over the peptides that the network's own beam lists."""

from collections.abc import Callable
from typing import Any

import torch

from denovo.chemistry import WATER_MASS, Vocabulary, ppm_error
from denovo.errors import check_names
from denovo.losses.precursor import make_penalty
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra, pad_tokens
from denovo.typing import Bool, Float, Float64, Tensor

_SAME_SITE = 0.1
"""Greatest distance in Da of two prefix masses that count as one cleavage site."""


def site_error(
    candidates: LabelledSpectra, truth: LabelledSpectra, vocabulary: Vocabulary
) -> Float64[Tensor, " candidate"]:
    """Compute the share of the true cleavage sites and the mass that a candidate misses."""
    mine, is_mine = _prefix_masses(candidates, vocabulary)
    true, is_true = _prefix_masses(truth, vocabulary)
    near = (mine[:, None, :] - true[:, :, None]).abs() < _SAME_SITE
    found = (near & is_mine[:, None, :]).any(dim=2) & is_true
    return 1 - found.sum(dim=1) / is_true.sum(dim=1)


def _prefix_masses(
    batch: LabelledSpectra, vocabulary: Vocabulary
) -> tuple[Float64[Tensor, "row length"], Bool[Tensor, "row length"]]:
    masses = vocabulary.masses.to(batch.tokens.device)[batch.tokens]
    return (masses * batch.residue_mask).cumsum(dim=1), batch.residue_mask


class CandidateRisk(LossTerm):
    """Mean cost of the peptides in the beam, weighted by their renormalised probabilities.

    Minimum risk training (Shen et al., ACL 2016, doi:10.18653/v1/P16-1159), with the penalty of the
    mass error of each candidate as its cost, or the share of the true cleavage sites it misses.
    """

    is_costly = True

    def __init__(
        self,
        vocabulary: Vocabulary,
        propose: Callable[[Any, Any], Any],
        cost: str = "mass",
        n_spectra: int = 16,
        loss_scale: float = 100.0,
    ) -> None:
        super().__init__(vocabulary)
        check_names([cost], ("mass", "sites"), "candidate risk", "cost")
        self.propose, self.cost, self.n_spectra = propose, cost, n_spectra
        self.penalise = make_penalty("log", loss_scale, normalize=True)
        self.bound: list[Any] = []

    def bind(self, sequencer: Any) -> None:
        """Set the network whose beam is searched, without owning its weights."""
        self.bound = [sequencer]

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        (sequencer,) = self.bound
        n_spectra = min(self.n_spectra, len(batch))
        few = batch.spectra.select(torch.arange(n_spectra))
        with torch.no_grad():
            found = self.propose(sequencer, few).candidates
        rows = torch.tensor([row for row, listed in enumerate(found) for _ in listed])
        tokens = pad_tokens([each.peptide for listed in found for each in listed])
        listed = LabelledSpectra(few.select(rows), tokens)
        scores = sequencer.forward(listed)[-1].float().log_softmax(dim=-1)
        chosen = scores.gather(-1, tokens[..., None]).squeeze(-1)
        score = torch.where(listed.target_mask, chosen, 0.0).sum(dim=1).double()
        share = score.exp() / torch.zeros(n_spectra, dtype=torch.float64).index_add(
            0, rows, score.exp()
        )[rows].clamp(min=1e-300)
        if self.cost == "mass":
            mass = self.vocabulary.masses[tokens].sum(dim=1) + WATER_MASS
            cost = self.penalise(ppm_error(mass, listed.spectra.precursor_mass))
        else:
            truth = LabelledSpectra(listed.spectra, batch.tokens[rows])
            cost = site_error(listed, truth, self.vocabulary)
        risk = torch.zeros(n_spectra, dtype=torch.float64).index_add(0, rows, share * cost)
        # The mean over the batch is the mean over the spectra that were searched.
        whole = torch.zeros(len(batch), dtype=torch.float64)
        return whole.index_add(0, torch.arange(n_spectra), risk) * (len(batch) / n_spectra)
