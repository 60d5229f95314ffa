"""Evaluate a sequencer on sets of spectra."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Any

import pandas as pd
from torch import nn

from denovo.choices import Match
from denovo.data import FineTuningData
from denovo.decoding import BeamDecoder
from denovo.evaluation.answers import score_answers
from denovo.evaluation.census import Census
from denovo.evaluation.differences import differences_to
from denovo.evaluation.exposure import Exposure, exposure_of
from denovo.evaluation.figures import ScoredSet
from denovo.evaluation.proteobench import proteobench_figures
from denovo.evaluation.sets import EvaluationSet, SetKind, records_of
from denovo.metrics import q_values
from denovo.sequencing import SpectrumSequencer
from denovo.spectra.measured import Rejected
from denovo.spectra.sequencer_protocol import Sequencer

POOLED = "all"
"""Name of the score over all sets of a kind."""


@dataclass(frozen=True)
class Evaluation:
    """Scores of one sequencer.

    Parameters
    ----------
    name : str
        Name of the sequencer.
    scores : list of ScoredSet
        Simulated sets, measured sets and controls; several sets of the last two kinds are followed
        by a pooled score.
    differences : list of dict
        Result of `differences_to` the first sequencer; empty for the first one.
    exposure : Exposure or None
        Measured peptides that its training may contain.
    census : Census or None
        Fate of the entries of the files.
    notes : list of str
        One sentence for each control that could not be made, and on the rows of a file of answers.
    match : Match
        Definition of right residues.
    program : str
        Program whose file of answers was scored; empty for a network.
    """

    name: str
    scores: list[ScoredSet]
    differences: list[dict[str, Any]] = field(default_factory=list)
    exposure: Exposure | None = None
    census: Census | None = None
    notes: list[str] = field(default_factory=list)
    match: Match = Match.DEEPNOVO
    program: str = ""

    def of(self, *kinds: SetKind) -> list[ScoredSet]:
        """Return the scores of some kinds, in order."""
        return [score for score in self.scores if score.kind in kinds]

    def last(self, kind: SetKind) -> ScoredSet | None:
        """Return the pooled score of a kind, or that of its only set; None without any."""
        return next(reversed(self.of(kind)), None)

    @property
    def remarks(self) -> list[str]:
        """The sentence about its training, and the notes."""
        return [*([self.exposure.sentence] if self.exposure else []), *self.notes]

    @cached_property
    def proteobench(self) -> dict[str, Any] | None:
        """Figures of ProteoBench for all measured spectra; None by another definition."""
        last = self.last(SetKind.MEASURED) if self.match is Match.PROTEOBENCH else None
        return proteobench_figures(last.rows) if last else None

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain values."""
        return {
            "program": self.program or None,
            "match": self.match.value,
            "sets": [score.as_dict() for score in self.scores],
            "differences": self.differences,
            "training": self.exposure.as_dict() if self.exposure else None,
            "entries": self.census.as_dict() if self.census else None,
            "notes": self.notes,
            "proteobench": self.proteobench,
        }

    @property
    def rows(self) -> pd.DataFrame:
        """Rows of all sets, with the additional columns ``network``, ``set`` and ``kind``."""
        tables = []
        for score in self.scores:
            if not score.is_pooled:
                first = {"network": self.name, "set": score.name, "kind": score.kind.value}
                tables.append(
                    pd.concat([pd.DataFrame(first, score.rows.index), score.rows], axis=1)
                )
        return pd.concat(tables, ignore_index=True)


def evaluate(
    name: str,
    pipeline: SpectrumSequencer,
    sets: Sequence[EvaluationSet],
    reference: Evaluation | None = None,
    training: Mapping[str, Any] | None = None,
    census: Census | None = None,
    notes: Sequence[str] = (),
    on_spectra: Callable[[int], object] = lambda n_read: None,
    match: Match = Match.DEEPNOVO,
) -> Evaluation:
    """Sequence sets of spectra and score the answers.

    Parameters
    ----------
    name : str
        Name of the sequencer.
    pipeline : SpectrumSequencer
        Network, decoder and rescoring, or any callable with the same interface.
    sets : sequence of EvaluationSet
        Spectra with peptides.
    reference : Evaluation or None
        Evaluation of the first sequencer, for comparison.
    training : mapping or None
        Configuration of the training, to find measured peptides in its proteins; empty if the
        network is untrained, None for no search.
    census, notes
        See `Evaluation`.
    on_spectra : callable
        Called with the number of spectra scored since the last call.
    match : Match
        Definition of right residues.
    """
    scores: list[ScoredSet] = []
    for kind in SetKind:
        found = [_score(pipeline, each, on_spectra, match) for each in sets if each.kind is kind]
        scores += found if kind is SetKind.SIMULATED else with_pooled(found)
    exposure = None
    if training is not None:
        measured = [s.rows["identity"] for s in scores if s.kind is SetKind.MEASURED]
        exposure = exposure_of(training, set().union(*measured))
    differences = differences_to(reference.scores, scores) if reference else []
    return Evaluation(name, scores, differences, exposure, census, list(notes), match)


def with_pooled(scores: list[ScoredSet]) -> list[ScoredSet]:
    """Add the pooled score to several scores of one kind."""
    if len(scores) < 2:
        return scores
    rows = pd.concat([score.rows for score in scores], ignore_index=True)
    seconds = [sum(getattr(s, name) for s in scores) for name in ("seconds", "cpu_seconds")]
    return [*scores, ScoredSet(POOLED, scores[0].kind, rows, *seconds, is_pooled=True)]


def _score(
    pipeline: SpectrumSequencer,
    each: EvaluationSet,
    on_spectra: Callable[[int], object],
    match: Match,
) -> ScoredSet:
    start, cpu_start = time.perf_counter(), time.process_time()
    tables = []
    stream = (found for found in pipeline(each.read()) if not isinstance(found, Rejected))
    while part := list(islice(stream, pipeline.batch_size)):
        tables.append(
            score_answers(
                pipeline,
                [spectrum for spectrum, _ in part],
                [pipeline.prediction(*found) for found in part],
                [[candidate.peptide for candidate in answer.candidates] for _, answer in part],
                match,
            )
        )
        on_spectra(len(part))
    rows = with_q_values(pd.concat(tables, ignore_index=True))
    seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return ScoredSet(each.name, each.kind, rows, *seconds)


def with_q_values(rows: pd.DataFrame) -> pd.DataFrame:
    """Set the q-values of the answers with a probability."""
    is_answer = rows["has_answer"] & rows["probability"].notna()
    rows.loc[is_answer, "q_value"] = q_values(rows.loc[is_answer, "probability"].to_numpy())
    return rows


def compare_networks(
    before: nn.Module, after: nn.Module, decoder: BeamDecoder, data: FineTuningData, n_spectra: int
) -> list[Evaluation]:
    """Evaluate a network before and after fine-tuning on the test spectra of the run.

    Parameters
    ----------
    before, after : Module
        Networks of one vocabulary, on the CPU.
    decoder : BeamDecoder
        Decoder of the run.
    data : FineTuningData
        Data module, set up for the test.
    n_spectra : int
        Maximum number of spectra of each set.

    Returns
    -------
    list of Evaluation
        ``before``, and ``after`` with its differences to ``before``.
    """
    sets = []
    for name in data.kinds:
        batch, titles = data.sample("test", n_spectra, name)
        records = list(records_of(batch, titles, data.vocabulary))
        is_measured = name == "measured"
        kind = SetKind.MEASURED if is_measured else SetKind.SIMULATED
        label = name if is_measured else f"simulated, {name}"
        sets.append(EvaluationSet(label, kind, len(records), partial(list, records)))
    found: list[Evaluation] = []
    for name, network in (("before", before), ("after", after)):
        network.eval()
        assert isinstance(network, Sequencer)
        size = data.eval_batch_size
        pipeline = SpectrumSequencer(network, decoder, data.n_peaks, batch_size=size)
        found.append(evaluate(name, pipeline, sets, next(iter(found), None)))
    return found
