"""The probability that a network gives to peptides that another one found."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from denovo.decoding import Answer, Readable
from denovo.spectra import LabelledSpectra, Spectra, pad_tokens
from denovo.typing import Float, Int, Tensor, ndarray


@runtime_checkable
class Judge(Readable, Protocol):
    """A sequencer that scores whole peptides at once, as it does in training."""

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "step batch length vocab"]:
        """Compute the logits of every position, each from the residues read before it."""
        ...


@torch.no_grad()
def score_peptides(
    sequencer: Judge,
    spectra: Spectra,
    row: Int[ndarray, " candidate"],
    peptides: Sequence[Sequence[int]],
    batch_size: int = 256,
) -> list[Answer]:
    """Score peptides as a beam search would have if it had found them.

    Parameters
    ----------
    sequencer : Judge
        The network, in evaluation mode, where the spectra are.
    spectra : Spectra
        The batch.
    row : array [candidate], int64
        Spectrum of each peptide.
    peptides : sequence of sequence of int
        Tokens from the N-terminus, without EOS.
    batch_size : int
        Peptides scored side by side; those of one length share a batch.

    Returns
    -------
    list of Answer
        One for each peptide.
    """
    scored: list[Answer | None] = [None] * len(peptides)
    order = np.argsort([len(peptide) for peptide in peptides], kind="stable")
    device = spectra.mz.device
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        tokens = pad_tokens([list(peptides[number]) for number in chosen]).to(device)
        batch = LabelledSpectra(spectra.select(torch.from_numpy(row[chosen]).to(device)), tokens)
        logits = sequencer.forward(batch)[-1]
        chosen_logits = logits.float().log_softmax(dim=-1).gather(2, tokens[..., None])[..., 0]
        values = chosen_logits.masked_fill(~batch.target_mask, 0.0).cpu()
        totals = values.sum(dim=1).tolist()
        for number, of_tokens, total in zip(chosen.tolist(), values.tolist(), totals, strict=True):
            peptide = list(peptides[number])
            scored[number] = Answer(peptide, of_tokens[: len(peptide)], total)
    return [answer for answer in scored if answer is not None]
