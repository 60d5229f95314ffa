"""Expected cost of the peptides that the network's own beam search finds."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, Vocabulary, ppm_error
from denovo.errors import check_at_least, check_names
from denovo.losses.precursor import make_penalty
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.typing import Bool, Float64, Int, Tensor

_SAME_MASS = 0.1
"""Largest difference in Da of two prefix masses that count as equal; two candidates that differ by
less than this everywhere are one peptide to the spectrum."""


class CandidateRisk(LossTerm):
    """Mean cost of the candidates of a beam search, weighted by their renormalised probabilities.

    Each spectrum is searched with the present weights. With ``p_k`` the probability of candidate
    ``k``, including its end, and ``c_k`` its cost, the loss is ``sum_k p_k c_k / sum_k p_k``: it
    moves probability from candidates that cost much to those that cost little, and judges whole
    answers, where cross-entropy judges one residue behind a true prefix.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    propose : callable
        A decoder, called with the network and spectra; it decides how many candidates there are.
    cost : str
        ``"prefixes"``: share of the true prefix masses, up to that of the whole peptide, that the
        candidate does not have. ``"mass"``: normalised logarithm of its precursor mass error, as
        in `PrecursorMassLoss`; it needs no labels.
    n_spectra : int
        Spectra of a batch that are searched, from its first one; a search costs several times as
        much as a training step of the same spectrum. The others count with their mean.
    loss_scale : float
        Scale in ppm of the cost ``"mass"``.

    Raises
    ------
    InputError
        If a name is unknown or a number out of range.

    References
    ----------
    Shen et al., Minimum risk training for neural machine translation, ACL 2016,
    doi:10.18653/v1/P16-1159.
    """

    needs_weight = True

    def __init__(
        self,
        vocabulary: Vocabulary,
        propose: Callable[..., Any],
        cost: str = "prefixes",
        n_spectra: int = 16,
        loss_scale: float | int = 100.0,
    ) -> None:
        super().__init__(vocabulary)
        costs = {"prefixes": self._missed_prefixes, "mass": self._mass_error}
        check_names([cost], costs, "candidate risk", "cost")
        check_at_least("n_spectra", n_spectra, 1)
        self.propose, self.n_spectra = propose, n_spectra
        self.cost_of = costs[cost]
        self.penalise = make_penalty("log", loss_scale, normalize=True)

    def attach(self, sequencer: nn.Module) -> None:
        """Set the network that is searched; its weights stay its own."""
        # In a list, so that it is no submodule.
        self._sequencer = [sequencer]

    def forward(self, logits: Tensor, batch: LabelledSpectra) -> Float64[Tensor, " batch"]:
        """Compute the risk of each spectrum; the logits of the true peptide do not enter."""
        n_searched = min(self.n_spectra, len(batch))
        index = torch.arange(n_searched, device=batch.tokens.device)
        candidates, row = self._search(batch.spectra.select(index))
        score = self._log_probability(candidates)
        with torch.no_grad():
            cost = self.cost_of(candidates, batch.tokens[row])
        highest = score.new_full((n_searched,), -torch.inf)
        highest = highest.scatter_reduce(0, row, score.detach(), "amax")
        probability = (score - highest[row]).exp()
        both = torch.stack([probability * cost, probability])
        weighted, total = both.new_zeros(2, n_searched).index_add(1, row, both)
        risk = weighted / total
        return torch.cat([risk, risk.mean().expand(len(batch) - n_searched)])

    def _search(self, spectra: Spectra) -> tuple[LabelledSpectra, Int[Tensor, " candidate"]]:
        """List the candidates of spectra, and the number of the spectrum of each."""
        (sequencer,) = self._sequencer
        was_training = sequencer.training
        found = self.propose(sequencer.eval(), spectra).candidates
        sequencer.train(was_training)
        device = spectra.mz.device
        row = torch.tensor([n for n, listed in enumerate(found) for _ in listed], device=device)
        tokens = pad_tokens([each.peptide for listed in found for each in listed]).to(device)
        return LabelledSpectra(spectra.select(row), tokens), row

    def _log_probability(self, candidates: LabelledSpectra) -> Float64[Tensor, " candidate"]:
        (sequencer,) = self._sequencer
        scores = sequencer(candidates)[-1].double().log_softmax(dim=-1)
        chosen = scores.gather(-1, candidates.tokens[..., None]).squeeze(-1)
        return torch.where(candidates.target_mask, chosen, 0.0).sum(dim=1)

    def _mass_error(
        self, candidates: LabelledSpectra, truth: Int[Tensor, "candidate length"]
    ) -> Float64[Tensor, " candidate"]:
        mass = self._masses(candidates).sum(dim=1) + WATER_MASS
        return self.penalise(ppm_error(mass, candidates.spectra.precursor_mass))

    def _missed_prefixes(
        self, candidates: LabelledSpectra, truth: Int[Tensor, "candidate length"]
    ) -> Float64[Tensor, " candidate"]:
        true = LabelledSpectra(candidates.spectra, truth)
        theirs, ours = (self._masses(each).cumsum(dim=1) for each in (true, candidates))
        is_near: Bool[Tensor, "candidate true own"]
        is_near = (theirs[:, :, None] - ours[:, None, :]).abs() < _SAME_MASS
        found = (is_near & candidates.residue_mask[:, None, :]).any(dim=2) & true.residue_mask
        return 1 - found.sum(dim=1).double() / true.n_residues

    def _masses(self, batch: LabelledSpectra) -> Float64[Tensor, "row length"]:
        masses = self.vocabulary.masses.to(batch.tokens.device)[batch.tokens]
        return torch.where(batch.residue_mask, masses, 0.0)
