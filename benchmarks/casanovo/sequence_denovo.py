"""Sequence MGF files with denovo on one core; write the answers and the CPU time.

Run with one thread (``OMP_NUM_THREADS=1``)::

    python benchmarks/casanovo/sequence_denovo.py denovo.ckpt answers.json test.mgf
"""

import argparse
import json
import re
import time
from pathlib import Path

import numpy as np
import torch

import denovo
from denovo.curriculum import Noise
from denovo.data import AnnotatedSpectra, prepare_batch
from denovo.decoding import BeamDecoder, GreedyDecoder, MassConstraint
from denovo.sequencing.networks import load_sequencer

DECODERS = {
    "greedy": lambda: GreedyDecoder(),
    "beam 5, constrained": lambda: BeamDecoder(5, constraint=MassConstraint("20 ppm")),
}


def main() -> None:
    """Sequence all files with each decoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--batch-size", type=int, default=64)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sequencer, config = load_sequencer(arguments.checkpoint)
    vocabulary, n_peaks = sequencer.vocabulary, config["data"]["n_peaks"]
    names = {key: entry["name"] for key, entry in config["residues"]["modifications"].items()}
    rows = []
    for name, make in DECODERS.items():
        for file in arguments.files:
            start = time.process_time()
            source = AnnotatedSpectra(file, vocabulary)
            decoder, answers = make(), {}
            begin = time.process_time()
            # Masses are known before sequencing, lengths are not.
            order = np.argsort(source.read(np.arange(len(source))).spectra.precursor_mass.numpy())
            for rows_of in np.array_split(order, max(len(order) // arguments.batch_size, 1)):
                batch = prepare_batch(source.read(rows_of), Noise(), seed=0, n_peaks=n_peaks)
                decoded = decoder(sequencer, batch.spectra)
                scores = decoded.log_probability.tolist()
                for row, peptide, score in zip(rows_of, decoded.peptides, scores, strict=True):
                    text = re.sub(r"UNIMOD:\d+", lambda m: names[m[0]], vocabulary.decode(peptide))
                    answers[str(row)] = [text, score]
            end = time.process_time()
            rows.append(
                {"program": f"denovo {denovo.__version__}", "decoder": name, "file": file.name}
                | {"seconds": end - begin, "whole": end - start, "answers": answers}
            )
    arguments.output.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
