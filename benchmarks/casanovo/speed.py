"""Speed of Casanovo and denovo on one core, on the same file and in turns.

Run in denovo's environment, with the interpreter of Casanovo's::

    python speed.py --casanovo casanovo-venv/bin/python casanovo.ckpt denovo.ckpt test.mgf

A round sequences the file with each decoder of each program, one after the other. What counts are
CPU seconds, which other load changes little, and ratios of one round. ``decoding`` runs from
spectra in memory to peptides, ``whole`` from the file to peptides, without the start of Python and
without what loading the network costs denovo; Casanovo's holds it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
REFERENCE = "denovo, beam 5, constrained"


def seconds(python: str, script: str, *arguments: str) -> list[dict[str, object]]:
    """Run one program on one core and return its rows."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "answers.json")
        checkpoint, *rest = arguments
        command = [python, str(HERE / script), checkpoint, str(output), *rest]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment, capture_output=True)
        rows = json.loads(output.read_text())
    name = script.removeprefix("sequence_").removesuffix(".py")
    return [
        {"name": f"{name}, {row['decoder']}", "decoding": row["seconds"], "whole": row["whole"]}
        for row in rows
    ]


def main() -> None:
    """Measure in turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("casanovo_checkpoint")
    parser.add_argument("denovo_checkpoint")
    parser.add_argument("file")
    parser.add_argument("--casanovo", required=True, help="Python with Casanovo in it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", default="64", help="of denovo")
    parser.add_argument("--casanovo-batch-size", default="8", help="small ones pad less")
    parser.add_argument("--max-length", default="22", help="longest peptide Casanovo may write")
    arguments = parser.parse_args()
    n_spectra = Path(arguments.file).read_text().count("BEGIN IONS")
    size = ["--batch-size", arguments.batch_size]
    theirs = ["--batch-size", arguments.casanovo_batch_size, "--max-length", arguments.max_length]
    rows = []
    for number in range(arguments.rounds):
        for python, script, checkpoint, more in (
            (arguments.casanovo, "sequence_casanovo.py", arguments.casanovo_checkpoint, theirs),
            (sys.executable, "sequence_denovo.py", arguments.denovo_checkpoint, size),
        ):
            found = seconds(python, script, checkpoint, arguments.file, *more)
            rows += [row | {"round": number} for row in found]
    table = Table("decoder", "decoding, spectra/s", "CPU time, ratio", "whole, spectra/s", "ratio")
    frames = [pd.DataFrame(rows).pivot(index="round", columns="name", values=key) for key in
              ("decoding", "whole")]  # fmt: skip
    for name in dict.fromkeys(row["name"] for row in rows):
        cells = []
        for frame in frames:
            ratio = frame[name] / frame[REFERENCE]
            spread = f"{ratio.median():.2f} ({ratio.min():.2f}-{ratio.max():.2f})"
            cells += [f"{n_spectra / frame[name].median():.1f}", spread]
        table.add_row(name, *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
