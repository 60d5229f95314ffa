"""CPU time, peak memory and size of each conversion of `denovo convert`.

python benchmarks/exchange.py [--n-rows 100000] [--keep FOLDER]

The predictions are random: distinct peptides of 7-20 residues, some with oxidised M or modified C,
charge 2 or 3, scan numbers, scores, an undetermined region and two alternatives each; 5 % of the
spectra have no peptide. Every conversion is a process of its own, start-up included.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from denovo.chemistry import PROTON_MASS, ResidueAlphabet
from denovo.io.predictions import RunRecord, write_predictions
from denovo.spectra.prediction import Alternative, ChargeSource, Prediction, Region, Status

RESIDUES = [*"ADEFGHKLNPQRSTVWY", "C[UNIMOD:4]", "M", "M[UNIMOD:35]"]
SHARE_WITHOUT_PEPTIDE = 0.05
CONVERSIONS = {
    **{name: ("in.parquet", name, None) for name in ("csv", "mztab", "pin", "fasta", "mzid")},
    "psm_utils tsv": ("in.parquet", "tsv", "psm_utils"),
    "psm_utils parquet": ("in.parquet", "parquet", "psm_utils"),
    "casanovo": ("in.parquet", "mztab", "casanovo"),
    "csv to parquet": ("in.csv", "parquet", None),
    "mztab to parquet": ("in.mztab", "parquet", None),
}


def predictions(n_rows: int) -> Iterator[Prediction]:
    """Draw predictions."""
    random = np.random.default_rng(0)
    for index in range(n_rows):
        length = int(random.integers(7, 21))
        residues = [RESIDUES[n] for n in random.integers(len(RESIDUES), size=length)]
        peptide, other = "".join(residues), "".join(reversed(residues))
        charge, mz, p = int(random.integers(2, 4)), float(random.uniform(400, 900)), random.random()
        answer = {
            "status": Status.OK,
            "peptide": peptide,
            "residue_scores": tuple(random.random(length).tolist()),
            "probability": float(p),
            "q_value": float(1 - p) / 2,
            "peptide_mz": mz + PROTON_MASS * 1e-6,
            "isotope_error": 0,
            "ppm_error": float(random.normal(0, 5)),
            "ambiguous": (Region(2, 3, ("".join(residues[1:3]), "".join(residues[2:0:-1]))),),
            "alternatives": (Alternative(other, -3.5), Alternative(other[1:] + other[0], -4.25)),
        }
        if random.random() < SHARE_WITHOUT_PEPTIDE:
            answer = {"status": Status.INFEASIBLE, "peptide": "", "residue_scores": ()}
        yield Prediction(
            file="run.mzML",
            index=index,
            native_id=f"controllerType=0 controllerNumber=1 scan={index + 1}",
            title=f"run.{index + 1}.{index + 1}.{charge}",
            scan=index + 1,
            retention_time=index / 20,
            precursor_mz=mz,
            precursor_charge=charge,
            charge_source=ChargeSource.FILE,
            log_probability=float(np.log(p)),
            site_coverage=float(random.random()),
            explained_intensity=float(random.random()),
            **answer,
        )


def write_inputs(inputs: list[Path], n_rows: int) -> None:
    """Write predictions in several formats."""
    alphabet = ResidueAlphabet("benchmark", list("ACDEFGHIKLMNPQRSTVWY"))
    run = RunRecord(("run.mzML",), {}, "0.1.0", alphabet)
    write_predictions(inputs, list(predictions(n_rows)), run)


def measure(command: list[str]) -> tuple[float, float, float]:
    """Run a command; return its CPU seconds, its duration and its largest memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024


@contextmanager
def folder_of_inputs(title: str, write: Callable[[Path, int], None]) -> Iterator[Path]:
    """Read the options of a benchmark, and write its inputs in a process of its own.

    The peak memory of that process would otherwise count in those that the benchmark starts.
    """
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--n-rows", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="folder for the files")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        writer = get_context("spawn").Process(target=write, args=(folder, arguments.n_rows))
        writer.start()
        writer.join()
        yield folder


def print_costs(commands: dict[str, list[str]]) -> None:
    """Run commands, and print a table of their costs."""
    print("| work | CPU s | duration s | peak memory MB |")
    print("|---|---:|---:|---:|")
    for name, command in commands.items():
        cpu, duration, memory = measure([sys.executable, *command])
        print(f"| {name} | {cpu:.1f} | {duration:.1f} | {memory:.0f} |", flush=True)


def write_all(folder: Path, n_rows: int) -> None:
    """Write predictions in all formats that are converted."""
    write_inputs([folder / f"in.{suffix}" for suffix in ("parquet", "csv", "mztab")], n_rows)


def main() -> None:
    """Write predictions, convert them, and print a table."""
    with folder_of_inputs(__doc__.splitlines()[0], write_all) as folder:
        print("| conversion | CPU s | duration s | peak memory MB | file MB |")
        print("|---|---:|---:|---:|---:|")
        for name, (source, suffix, format_name) in CONVERSIONS.items():
            output = folder / f"{name.replace(' ', '_')}.{suffix}"
            command = [sys.executable, "-c", "from denovo.cli import main; main()", "convert"]
            command += [str(folder / source), "--output", str(output), "--overwrite"]
            command += ["--format", format_name] if format_name else []
            cpu, duration, memory = measure(command)
            size = output.stat().st_size / 1e6
            print(
                f"| {name} | {cpu:.1f} | {duration:.1f} | {memory:.0f} | {size:.1f} |", flush=True
            )


if __name__ == "__main__":
    main()
