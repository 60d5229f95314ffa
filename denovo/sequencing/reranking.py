"""Fit of rerankers to simulated spectra with known peptides, and set-up of a rescorer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from denovo.decoding import make_candidate_decoder
from denovo.metrics import match_residues
from denovo.sequencing.fitting import calibration_batches, validation_record
from denovo.sequencing.networks import fragment_tolerance_of
from denovo.sequencing.rescoring import (
    CandidateLists,
    ListTable,
    Reranker,
    Rescorer,
    Rescoring,
    Similarity,
)
from denovo.simulation import Ms2pipSimulator, leading_model
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.typing import Bool, Float64, ndarray

_N_FOLDS = 3


def fit_rerankers(
    sequencers: Sequence[Sequencer],
    config: Mapping[str, Any],
    n_spectra: int = 1500,
    n_candidates: int = 16,
    kind: Rescoring = Rescoring.FULL,
    on_batch: Callable[[int, int], None] | None = None,
) -> dict[str, Reranker]:
    """Fit a reranker for each kind of rescoring.

    Spectra and noise are those of `fit_calibrations`. The recorded reliability is that of
    cross-validation in three folds; the returned reranker is fitted to all lists.
    """
    if not kind.fitted:
        return {}
    vocabulary = sequencers[0].vocabulary
    batches, record = calibration_batches(vocabulary, config, n_spectra)
    decoder = make_candidate_decoder(n_candidates, n_candidates)
    simulator = Ms2pipSimulator(simulator_of(config))
    tolerance = fragment_tolerance_of(config)
    similarities = {Rescoring.JOINT: None, Rescoring.FULL: Similarity(simulator, vocabulary)}
    rescorers = {
        each: Rescorer(sequencers, decoder, None, similarities[each], n_candidates, tolerance)
        for each in kind.fitted
    }
    tables, is_right = _tables(rescorers, batches, on_batch)
    record |= {"n_candidates": n_candidates, "simulator": simulator.model}
    return {
        each.value: _fit(rescorer.names, tables[each], is_right, record)
        for each, rescorer in rescorers.items()
    }


def _tables(
    rescorers: Mapping[Rescoring, Rescorer],
    batches: Sequence[LabelledSpectra],
    on_batch: Callable[[int, int], None] | None,
) -> tuple[dict[Rescoring, ListTable], Bool[ndarray, " candidate"]]:
    """Collect the features of all candidates for each kind, and which of them are right."""
    first = next(iter(rescorers.values()))
    masses = first.vocabulary.masses.numpy()
    tables: dict[Rescoring, list[ListTable]] = {each: [] for each in rescorers}
    labels = []
    for number, batch in enumerate(batches):
        # The lists are the same for all kinds.
        lists = first.lists(batch.spectra, first.decoder(first.sequencers[0], batch.spectra))
        labels.append(are_right(lists, batch, masses))
        for each, rescorer in rescorers.items():
            tables[each].append(rescorer.table(lists, batch.spectra))
        if on_batch is not None:
            on_batch(number + 1, len(batches))
    joined = {each: ListTable.join(parts) for each, parts in tables.items()}
    return joined, np.concatenate(labels)


def are_right(
    lists: CandidateLists, batch: LabelledSpectra, masses: Float64[ndarray, " vocab"]
) -> Bool[ndarray, " candidate"]:
    """Return which candidates match the true peptide, residue by residue, by mass."""
    rows = zip(batch.tokens, batch.residue_mask, strict=True)
    truths = [masses[tokens[mask].numpy()] for tokens, mask in rows]
    return np.array(
        [
            match_residues(masses[peptide], truths[row]).all()
            for row, peptide in zip(lists.row.tolist(), lists.peptides, strict=True)
        ],
        dtype=np.bool_,
    )


def simulator_of(config: Mapping[str, Any]) -> str:
    """Return the (most frequent) MS2PIP model of a training; HCDch2 if it had none."""
    return leading_model(config.get("simulator", {}).get("model", "HCDch2"))


def _fit(
    names: Sequence[str],
    table: ListTable,
    is_right: Bool[ndarray, " candidate"],
    record: Mapping[str, Any],
) -> Reranker:
    """Fit to all lists, and record the reliability of cross-validation."""
    fold = np.arange(table.n_lists) % _N_FOLDS
    probability = np.zeros(len(is_right))
    for number in range(_N_FOLDS):
        is_out = fold == number
        others = table.select(~is_out), is_right[~is_out[table.row]]
        fitted = Reranker.fit(names, *others, record)
        probability[is_out[table.row]] = fitted.probabilities(table.select(is_out))
    chosen = np.lexsort((-probability, table.row))
    chosen = chosen[np.unique(table.row[chosen], return_index=True)[1]]
    figures = validation_record(probability[chosen], is_right[chosen], table.n_lists)
    figures["share_listed"] = len(np.unique(table.row[is_right])) / table.n_lists
    return Reranker.fit(names, table, is_right, {**record, **figures})
