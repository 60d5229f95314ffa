"""A long run of `denovo sequence` on a terminal: time, memory, and its estimates of the time left.

Run ``python benchmarks/long_run.py --spectra 100000``. The spectra are those of ``performance.py``;
the run uses all cores. For some shares of the file it prints the end that the progress bar
predicted, and how far it was off, relative to the time that was left. Linux alone.
"""

import argparse
import os
import pty
import re
import select
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import torch
from performance import Usage, write_mgf

from denovo.sequencing.networks import load_model

_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_BAR = re.compile(r"sequencing \S+ +(\d+)% [^%]*?(\d+):(\d\d):(\d\d)\s*$")
_SHARES = (5, 20, 50, 80)


class Estimate(NamedTuple):
    """What the progress bar showed: share of the file in %, and seconds from start to end."""

    share: int
    at: float
    end: float


def watch(process: int, terminal: int, usage: Usage) -> Iterator[Estimate]:
    """Read the terminal of a process until it ends; yields what its progress bar shows."""
    start = time.perf_counter()
    while True:
        usage.look()
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            shown = os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the terminal of an ended process
            break
        if not shown:
            break
        at = time.perf_counter() - start
        for line in _STYLE.sub("", shown).replace("\r", "\n").splitlines():
            if found := _BAR.search(line):
                share, hours, minutes, seconds = map(int, found.groups())
                yield Estimate(share, at, at + hours * 3600 + minutes * 60 + seconds)
    _, status = os.waitpid(process, 0)
    if status:
        sys.exit("denovo sequence failed")


def main() -> None:
    """Simulate, sequence, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spectra", type=int, default=100_000)
    n_spectra = parser.parse_args().spectra
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        file = write_mgf(Path(folder) / "spectra.mgf", load_model(), n_spectra)
        output = Path(folder) / "out.parquet"
        command = [sys.executable, "-m", "denovo", "sequence", str(file), "--output", str(output)]
        start = time.perf_counter()
        process, terminal = pty.fork()
        if process == 0:
            os.environ |= {"OMP_NUM_THREADS": "1", "COLUMNS": "160", "TERM": "xterm"}
            os.execv(command[0], command)
        usage = Usage(psutil.Process(process))
        estimates = list(watch(process, terminal, usage))
        wall = time.perf_counter() - start
    done = next(each.at for each in estimates if each.share == 100)
    print(f"{n_spectra:,} spectra in {wall:,.0f} s: {n_spectra / wall:.1f} spectra/s")
    print(f"CPU {usage.seconds:,.0f} s, at most {usage.largest:,.0f} MiB in all processes")
    for share in _SHARES:
        seen = next(each for each in estimates if each.share >= share)
        off = (seen.end - done) / (done - seen.at)
        print(f"at {share} %, after {seen.at:,.0f} s: end at {seen.end:,.0f} s, off by {off:+.1%}")


if __name__ == "__main__":
    main()
