"""Speed and accuracy of each kind of rescoring, on simulated spectra that nothing was fitted to.

Run ``python benchmarks/rescoring.py both.safetensors`` with what `denovo export` wrote. The spectra
are those of peptides from proteins of another seed than training and calibration have, under the
noise of the last stage of the training; ``--like`` takes both from another network. Rates are CPU
time of one thread, from spectra in memory to explained answers with probabilities; the first batch,
which fills tables, is not counted.
"""

import argparse
import time

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from denovo.curriculum import Noise
from denovo.metrics import brier_score, reliability
from denovo.sequencing import SequencingSettings
from denovo.sequencing.fitting import known_spectra, noisy_batches, scored_answers
from denovo.sequencing.networks import load_model
from denovo.sequencing.rescoring import Rescoring
from denovo.spectra.prediction import Status

SEED = 104_729


def main() -> None:
    """Read the same spectra in all three ways and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--like", help="network whose recipe and noise make the spectra")
    parser.add_argument("--spectra", type=int, default=1024)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(arguments.checkpoint)
    like = load_model(arguments.like) if arguments.like else model
    source = known_spectra(model.sequencer.vocabulary, like.config, arguments.spectra, SEED)
    noise = Noise(**like.rerankers[Rescoring.FULL]["record"]["noise"])
    batches = list(noisy_batches(source, noise, model.n_peaks))
    table = Table("rescoring", "spectra / CPU s", "right", "calibration error", "Brier score")
    for kind in (Rescoring.NONE, *Rescoring.FULL.fitted):
        pipeline = SequencingSettings(rescoring=kind, device="cpu").pipeline(model)
        pipeline.answers(batches[0].spectra)
        seconds, probability, is_right = 0.0, [], []
        for batch in batches[1:]:
            start = time.process_time()
            answers = pipeline.answers(batch.spectra)
            seconds += time.process_time() - start
            verdicts = (right for _, right in scored_answers(pipeline, batch))
            for answer in answers:
                probability.append(answer.probability)
                is_right.append(next(verdicts) if answer.status is Status.OK else False)
        promised, kept = np.array(probability), np.array(is_right)
        table.add_row(
            kind.value,
            f"{len(kept) / seconds:.0f}",
            f"{kept.mean():.3f}",
            f"{reliability(promised, kept).expected_error:.3f}",
            f"{brier_score(promised, kept):.3f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
