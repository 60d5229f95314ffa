"""Sequence MGF files with Casanovo on one core; write the answers and the CPU time.

Run in Casanovo's environment::

    OMP_NUM_THREADS=1 python sequence_casanovo.py casanovo.ckpt answers.json test.mgf --beams 1 5
"""

import argparse
import json
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import lightning.pytorch as pl
import torch
from casanovo.config import Config
from casanovo.denovo.model_runner import ModelRunner
from train_casanovo import configuration


class Clock(pl.Callback):
    """Measure the CPU time from the first batch to the last answer, model and files loaded."""

    start = spent = 0.0

    def on_predict_start(self, *arguments: object) -> None:
        """Start the clock."""
        self.start = time.process_time()

    def on_predict_batch_end(self, *arguments: object) -> None:
        """Note the time."""
        self.spent = time.process_time() - self.start


class TimedRunner(ModelRunner):
    """Casanovo's own runner with a clock in it."""

    def initialize_trainer(self, train: bool) -> None:
        """Build the trainer and hang the clock on it."""
        super().initialize_trainer(train)
        self.clock = Clock()
        self.trainer.callbacks.append(self.clock)


def sequence(config: Config, checkpoint: Path, file: Path, folder: str) -> dict[str, object]:
    """Sequence one file."""
    start = time.process_time()
    with TimedRunner(config, str(checkpoint)) as runner:
        runner.predict([str(file)], f"{folder}/results.mztab")
        whole = time.process_time() - start
        answers = {
            psm.spectrum_id[1].removeprefix("index="): [psm.sequence, float(psm.peptide_score)]
            for psm in runner.writer.psms
        }
        # Its mzTab file names modifications by UNIMOD, which it would download.
        runner.writer = None
        return {"seconds": runner.clock.spent, "whole": whole, "answers": answers}


def main() -> None:
    """Sequence all files with each number of beams."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--max-length", type=int, default=30)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for beams in arguments.beams:
            settings = {"n_beams": beams, "predict_batch_size": arguments.batch_size}
            config = configuration(Path(folder), max_peptide_len=arguments.max_length, **settings)
            for file in arguments.files:
                row = sequence(config, arguments.checkpoint, file, folder)
                program = f"Casanovo {version('casanovo')}"
                rows.append(
                    {"program": program, "decoder": f"{beams} beams", "file": file.name} | row
                )
    arguments.output.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
