"""Where the time of decoding goes: CPU time of each part of the evidence sequencer and the search.

Run ``python benchmarks/inference_profile.py CHECKPOINT``. The spectra are those of
``benchmarks/decoding.py``. Each part includes the parts indented under it. Watching costs a little
itself: rates are for comparing parts, those of decoders stand in ``benchmarks/decoding.py``.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from decoding import batches_of
from rich.console import Console
from rich.table import Table

from denovo.decoding import BeamDecoder, GreedyDecoder, MassConstraint, beam
from denovo.decoding.hypotheses import Hypotheses
from denovo.decoding.pruning import MassLimit, Overshoot
from denovo.models.evidence import EvidenceSequencer, FragmentEvidence, PeakLookup, sequencer
from denovo.models.evidence.lookahead import Lookahead
from denovo.models.evidence.scorer import CandidateScorer
from denovo.sequencing.networks import load_sequencer
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.sequencer_protocol import Sequencer

PARTS = (
    ("first look at the spectra", EvidenceSequencer, "initial_state"),
    ("search", beam, "beam_search"),
    ("  next residue", EvidenceSequencer, "next_residue_logits"),
    ("    distinct prefixes", sequencer, "distinct_prefixes"),
    ("    evidence", FragmentEvidence, "forward"),
    ("      peaks near ions", PeakLookup, "near"),
    ("      look-ahead, with its peaks", Lookahead, "forward"),
    ("      remaining mass", FragmentEvidence, "_write_remaining"),
    ("    reading of the prefix", EvidenceSequencer, "_read_prefix"),
    ("    reading of the choice", EvidenceSequencer, "_read_choice"),
    ("    recurrent step", EvidenceSequencer, "_gru_step"),
    ("    scores of the candidates", CandidateScorer, "of_rows"),
    ("  hypotheses extended", Hypotheses, "extend"),
    ("  overshoot", Overshoot, "forbidden"),
    ("  mass limit", MassLimit, "forbidden"),
    ("answers written", BeamDecoder, "_decoded"),
)


class Watch:
    """CPU seconds and calls of each part, from when it is made."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        for part, owner, name in PARTS:
            setattr(owner, name, self._watched(part, getattr(owner, name)))

    def _watched(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            result = function(*args, **kwargs)
            self.seconds[part] += time.process_time() - start
            self.calls[part] += 1
            return result

        return watched

    def clear(self) -> None:
        """Forget what was seen."""
        self.seconds.clear()
        self.calls.clear()


def show(
    watch: Watch, name: str, decoder: BeamDecoder, model: Sequencer, batches: list[LabelledSpectra]
) -> None:
    """Decode all batches, and print a row for each part."""
    for _ in range(2):  # the first time warms up
        watch.clear()
        start = time.process_time()
        for batch in batches:
            decoder(model, batch.spectra)
        seconds = time.process_time() - start
    n_spectra = sum(len(batch) for batch in batches)
    table = Table(f"{name}: {n_spectra / seconds:.0f} spectra/s", "µs/spectrum", "share", "calls")
    for part, _, _ in PARTS:
        if watch.calls[part]:
            spent = watch.seconds[part]
            share, calls = f"{spent / seconds:.1%}", str(watch.calls[part])
            table.add_row(part, f"{spent / n_spectra * 1e6:.0f}", share, calls)
    Console(width=110).print(table)


def main() -> None:
    """Profile greedy decoding, a beam, and a beam under the mass constraint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("overrides", nargs="*", help="settings of store and noise")
    parser.add_argument("--spectra", type=int, default=512)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--width", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model, _ = load_sequencer(arguments.checkpoint)
    assert isinstance(model, Sequencer)
    batches = batches_of(arguments, model.vocabulary)
    watch = Watch()
    for name, decoder in {
        "greedy": GreedyDecoder(),
        "beam": BeamDecoder(arguments.width),
        "beam, constrained": BeamDecoder(arguments.width, constraint=MassConstraint()),
    }.items():
        show(watch, name, decoder, model, batches)


if __name__ == "__main__":
    main()
