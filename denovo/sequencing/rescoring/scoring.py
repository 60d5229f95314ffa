"""Log-probabilities of given peptides under a network."""

from collections.abc import Sequence

import numpy as np
import torch

from denovo.chemistry import EOS, SOS
from denovo.decoding import Candidate
from denovo.spectra.batch import Spectra
from denovo.spectra.protocol import Sequencer
from denovo.typing import Int, ndarray


@torch.no_grad()
def score_peptides(
    sequencer: Sequencer,
    spectra: Spectra,
    row: Int[ndarray, " candidate"],
    peptides: Sequence[Sequence[int]],
    batch_size: int = 512,
) -> list[Candidate]:
    """Score peptides exactly as a beam search that finds them; ``row`` is the spectrum of each."""
    if not peptides:
        return []
    scored: dict[int, Candidate] = {}
    order = np.argsort([len(peptide) for peptide in peptides], kind="stable")
    step = 1 if sequencer.direction == "forward" else -1
    start_state = sequencer.initial_state(spectra)
    device = spectra.mz.device
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        read = [[*list(peptides[number])[::step], EOS] for number in chosen]
        tokens = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(each, device=device) for each in read],
            batch_first=True,
            padding_value=EOS,
        )
        state = start_state.select(torch.from_numpy(row[chosen]).to(device))
        last, columns = torch.full_like(tokens[:, 0], SOS), []
        for position in range(tokens.shape[1]):
            logits, state = sequencer.next_residue_logits(state, last)
            last = tokens[:, position]
            log_probability = logits.float().log_softmax(dim=-1)
            columns.append(log_probability.gather(1, last[:, None])[:, 0])
        values = torch.stack(columns, dim=1).cpu()
        for number, of_tokens in zip(chosen.tolist(), values.tolist(), strict=True):
            peptide = list(peptides[number])
            of_read = of_tokens[: len(peptide) + 1]
            scored[number] = Candidate(peptide, of_read[:-1][::step], sum(of_read))
    return [scored[number] for number in range(len(peptides))]
