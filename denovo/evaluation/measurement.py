"""Everything that is measured of one sequencer, and of several beside each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from denovo.data import SpectrumSource
from denovo.evaluation.exposure import Exposure, exposure_of
from denovo.evaluation.set_scores import SetScore, score_sets
from denovo.evaluation.sets import Kind, SpectrumSet, control_sets, measured_as_sets, simulated_sets
from denovo.metrics import paired_difference
from denovo.sequencing import SpectrumSequencer

_KEYS = ["title", "peptide", "charge", "copy"]


def differences_to(
    reference: Sequence[SetScore], scores: Sequence[SetScore]
) -> list[dict[str, Any]]:
    """Compare each set with the same set as another sequencer has read it.

    Parameters
    ----------
    reference, scores : sequence of SetScore
        All sets, read by the one and by the other.

    Returns
    -------
    list of dict
        For each set that both have read, controls aside: ``name``, ``kind``, what
        `paired_difference` says of the spectra that both have (an alphabet may lack some), and the
        same with each peptide counting once in ``by_peptide``.
    """
    first = {(score.kind, score.name): score for score in reference}
    found = []
    for score in scores:
        other = first.get((score.kind, score.name))
        if other is None or score.kind is Kind.CONTROL:
            continue
        both = _numbered(score.rows).merge(_numbered(other.rows), on=_KEYS, suffixes=("", "_"))
        if len(both) == 0:
            continue
        ours = pd.DataFrame({name: both[name] for name in _COMPARED})
        theirs = pd.DataFrame({name: both[f"{name}_"] for name in _COMPARED})
        tables = ours, theirs, both["identity"].tolist()
        found.append(
            {
                "name": score.name,
                "kind": score.kind.value,
                **paired_difference(*tables),
                "by_peptide": paired_difference(*tables, is_averaged=True),
            }
        )
    return found


_COMPARED = ("n_matched", "n_predicted", "n_true", "is_right")


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Tell spectra apart by a number where nothing else does."""
    return rows.assign(copy=rows.groupby(_KEYS[:-1]).cumcount())


_JUDGED = ["charge", "silent_run", "n_candidates", "is_listed", "n_matched", "n_predicted"]
_ANSWERED = ["title", "peptide", "prediction", "log_probability", "probability"]
_COLUMNS = [*_ANSWERED, *_JUDGED, "n_true", "is_right"]
"""What is written down of each spectrum."""


@dataclass(frozen=True)
class Contender:
    """Something that reads spectra, under a name.

    Parameters
    ----------
    name : str
        What it is called in tables.
    pipeline : SpectrumSequencer
        What reads: a network with its decoder, or anything else in that shape.
    config : mapping
        The configuration of a training: simulated spectra are drawn as there. If empty, they are of
        tryptic peptides, and without noise.
    training : mapping
        The configuration of its own training; empty where there was none.
    """

    name: str
    pipeline: SpectrumSequencer
    config: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measurement:
    """How well a contender reads.

    Parameters
    ----------
    name : str
        That of the contender.
    scores : list of SetScore
        Of all sets, and pooled.
    exposure : Exposure
        What its training may have seen of the measured peptides.
    notes : list of str
        What could not be measured, a sentence each.
    differences : list of dict
        What `differences_to` says of it and the first contender; empty for that one.
    """

    name: str
    scores: list[SetScore]
    exposure: Exposure
    notes: list[str]
    differences: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[SetScore]:
        """Return the scores of sets of some kinds, in order."""
        return [score for score in self.scores if score.kind in kinds]

    def named(self, kind: Kind, name: str) -> SetScore | None:
        """Return one score, or None if there is none."""
        return next((score for score in self.of(kind) if score.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        """Return all figures, and a record of every spectrum, as plain values."""
        own = [score for score in self.scores if not score.is_pooled]
        groups = {
            "spectra": [score for score in own if score.kind is not Kind.CONTROL],
            "control_spectra": [score for score in own if score.kind is Kind.CONTROL],
        }
        return {
            "sets": [s.as_dict() for s in self.scores if s.kind is not Kind.CONTROL],
            "control": [s.as_dict() for s in self.scores if s.kind is Kind.CONTROL],
            "difference": self.differences,
            "training": self.exposure.as_dict(),
            "notes": self.notes,
            **{
                key: {score.name: _records(score.rows) for score in scores}
                for key, scores in groups.items()
            },
        }


def sets_for(
    contender: Contender,
    measured: Mapping[str, SpectrumSource],
    n_simulated: int = 500,
    has_control: bool = False,
) -> tuple[list[SpectrumSet], list[str]]:
    """Gather what a contender is to read.

    Parameters
    ----------
    contender : Contender
        Says how its simulated spectra are drawn.
    measured : mapping of str to SpectrumSource
        Measured spectra with peptides, by the name of their set.
    n_simulated : int
        Simulated spectra; 0 for none.
    has_control : bool
        Whether the measured sets are read once more with peaks exchanged.

    Returns
    -------
    sets : list of SpectrumSet
        All of them.
    notes : list of str
        A sentence for each control that cannot be had.
    """
    sets = simulated_sets(contender.pipeline.vocabulary, contender.config, n_simulated)
    sets += measured_as_sets(measured)
    controls, notes = control_sets(sets) if has_control else ([], [])
    return [*sets, *controls], notes


def measure(
    contender: Contender,
    sets: Sequence[SpectrumSet],
    notes: Sequence[str] = (),
    reference: Measurement | None = None,
    on_spectra: Callable[[int], object] = lambda n_read: None,
) -> Measurement:
    """Score a contender.

    Parameters
    ----------
    contender : Contender
        What reads.
    sets, notes
        From `sets_for`.
    reference : Measurement or None
        The first contender, to which this one is compared.
    on_spectra : callable
        Told after each batch how many spectra were in it.
    """
    scores = score_sets(contender.pipeline, sets, on_spectra)
    measured = [set(score.rows["identity"]) for score in scores if score.kind is Kind.MEASURED]
    return Measurement(
        contender.name,
        scores,
        exposure_of(contender.training, set().union(*measured)),
        list(notes),
        differences_to(reference.scores, scores) if reference else [],
    )


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return pd.DataFrame(rows[_COLUMNS]).to_dict("records")
