"""Read a set of spectra that lies in memory, and put every answer beside the truth."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from denovo.chemistry import Vocabulary
from denovo.data import prepare_batch
from denovo.metrics import fragmentation, judge_peptides, match_residues
from denovo.peptides.identity import identity
from denovo.sequencing import Candidate, SpectrumSequencer
from denovo.sim2real.sets import SpectrumSet, peptides_in
from denovo.spectra import LabelledSpectra

COVERING = ("b", "y", "b2", "y2")
"""A peak of any of these ions breaks a silent run."""
_BATCH = 64
_SEED = 0


def answers_to(
    pipeline: SpectrumSequencer,
    spectra: SpectrumSet,
    on_spectra: Callable[[int], object] = lambda n_read: None,
) -> pd.DataFrame:
    """Read all spectra of a set.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Networks, decoder, rescoring.
    spectra : SpectrumSet
        Those of similar length share a batch.
    on_spectra : callable
        Told after each batch how many spectra were in it.

    Returns
    -------
    DataFrame
        A row for each spectrum, in the order of the source: ``title``, ``peptide``,
        ``prediction``, ``log_probability``, ``probability``; ``identity`` of the peptide (bare,
        I = L); ``charge``; ``silent_run``, the most cleavage sites of the true peptide in a row
        without a peak of `COVERING`; ``n_candidates`` and whether the truth ``is_listed`` among
        them; what `judge_peptides` says. A prediction that does not count as an answer, as
        nothing that was found agrees with the precursor, is one here, of probability 0.
    """
    source = spectra.source
    rows: list[dict[str, Any]] = [{} for _ in range(len(source))]
    guesses: list[list[int]] = [[] for _ in rows]
    truths: list[list[int]] = [[] for _ in rows]
    order = np.argsort(source.lengths, kind="stable")
    for number, start in enumerate(range(0, len(order), _BATCH)):
        indices = order[start : start + _BATCH]
        known = source.read(indices)
        batch = prepare_batch(
            known, spectra.noise, _SEED + number, pipeline.n_peaks, source.vocabulary
        )
        candidates = pipeline.candidates(batch.spectra)
        described = _described(pipeline, batch, candidates)
        titles = source.identifiers(indices)
        for index, title, row, candidate, tokens, mask in zip(
            *(indices.tolist(), titles, described, candidates, batch.tokens, batch.residue_mask),
            strict=True,
        ):
            rows[index] = {"title": title, **row}
            guesses[index], truths[index] = candidate.answer.peptide, tokens[mask].tolist()
        on_spectra(len(indices))
    judged = judge_peptides(guesses, truths, source.vocabulary)
    return pd.concat([pd.DataFrame(rows), judged], axis=1)


def _described(
    pipeline: SpectrumSequencer, batch: LabelledSpectra, candidates: Sequence[Candidate]
) -> list[dict[str, Any]]:
    vocabulary = pipeline.vocabulary
    seen = fragmentation(batch, vocabulary, COVERING, pipeline.explain.tolerance)
    truths = peptides_in(batch.tokens.tolist(), vocabulary)
    probabilities = pipeline.probabilities(candidates)
    return [
        {
            "peptide": truth,
            "prediction": vocabulary.decode(candidate.answer.peptide),
            "log_probability": candidate.answer.log_probability,
            "probability": probability,
            "identity": identity(truth),
            "charge": candidate.charge,
            "silent_run": silent_run,
            "n_candidates": 1 + len(candidate.others),
            "is_listed": _is_listed(candidate, vocabulary.encode(truth), vocabulary),
        }
        for candidate, probability, truth, silent_run in zip(
            candidates, probabilities, truths, seen.longest_silent_run.tolist(), strict=True
        )
    ]


def _is_listed(candidate: Candidate, truth: Sequence[int], vocabulary: Vocabulary) -> bool:
    """Tell whether one of the candidates is the truth, residue by residue, by mass."""
    masses = vocabulary.masses.numpy()
    true = masses[list(truth)]
    return any(
        match_residues(masses[list(answer.peptide)], true).all()
        for answer in (candidate.answer, *candidate.others)
    )
