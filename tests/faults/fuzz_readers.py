"""Fuzz the readers of `denovo.io`, guided by coverage: `python tests/faults/fuzz_readers.py`.

Needs atheris (`pip install atheris`). Every reader gets an equal part of the time, in a process of
its own. Any exception but `InputError`, any record that breaks a rule, any file that takes longer
than `_SECONDS_PER_FILE`, and the end of the process are a finding; it is written to the folder of
findings, one file for each place in the code that failed, and the run goes on. Findings that were
mended are kept in ``tests/faults/findings``, which a test reads.
"""

import argparse
import hashlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["denovo.io"]):
    from denovo.errors import InputError
    from denovo.io import open_spectra
    from denovo.io.predictions import RunRecord, read_predictions, write_predictions
    from denovo.io.predictions.columns import NAMES, from_texts, to_texts
    from denovo.io.predictions.extended import read_settings

from tests.conftest import load_vocabulary
from tests.faults.spectrum_rules import broken_rule
from tests.helpers.predictions import prediction, unanswered
from tests.io.damages import FORMATS, good

PREDICTIONS = ("csv", "mztab", "parquet")
_SECONDS_PER_FILE = 5
TOKENS = (
    *(b"PEPMASS=", b"CHARGE=", b"RTINSECONDS=", b"SCANS=", b"SEQ=", b"TITLE=", b"BEGIN IONS"),
    *(b"END IONS", b"Name: ", b"Num peaks: ", b"Mods=", b"Comment: ", b"Charge: ", b"MW: "),
    *(b"<Peaks>", b"<Spectrum=", b"MS:1000041|charge state=", b"zlib", b"<binary>", b"</spectrum>"),
    *(b"MS:1000523", b"MS:1000521", b"MS:1002312", b"MS:1000574", b"MS:1000744", b"MS:1000827"),
    *(b'precision="32"', b'compressionType="none"', b'centroided="0"', b"precursorMz", b"nan"),
    *(b"inf", b"1e999", b"-1", b"2+ and 3+", b"\x1f\x8b\x08", b"<!ENTITY a 'b'>", b"\xff\xfe"),
    *(b"MTD\tms_run[1]-location\t", b"PSH\t", b"PSM\t", b"null", b"infeasible", b"PAR1", b'""'),
)
"""Words of the formats, which chance alone would seldom write."""


class Findings:
    """Inputs that broke a rule, one for each place that failed.

    Parameters
    ----------
    folder : Path
        Where they are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, data: bytes, form: str, error: BaseException) -> None:
        """Write an input, unless one that failed at the same place is there."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} {last.filename}:{last.lineno}"
        if place in self.places:
            return
        self.places.add(place)
        digest = hashlib.sha256(data).hexdigest()[:12]
        (self.folder / f"{digest}.{form}").write_bytes(data)
        sys.stderr.write(f"finding {digest}.{form}: {place}: {error}\n")


def _time_out(*_: object) -> None:
    raise TimeoutError(f"longer than {_SECONDS_PER_FILE} s")


def read_spectra(path: Path) -> Iterator[str]:
    """Yield the kind of every record of a spectrum file."""
    for record in open_spectra(path):
        if rule := broken_rule(record):
            raise AssertionError(rule)
        yield "rejected" if hasattr(record, "reason") else "spectra"


def read_answers(path: Path) -> Iterator[str]:
    """Yield a word for every prediction of a file; each is written and read as the same."""
    read_settings(path)
    for answer in read_predictions(path):
        texts = to_texts(answer)
        if to_texts(from_texts(dict(zip(NAMES, texts, strict=True)))) != texts:
            raise AssertionError(f"{answer} is not read as it is written")
        yield "predictions"


def write_seed(path: Path) -> None:
    """Write a good file in the format of its suffix."""
    form = path.name.partition(".")[2]
    if form in FORMATS:
        path.write_text(good(form))
        return
    run = RunRecord(("run.mgf",), {"a": "b"}, "0", load_vocabulary("common").alphabet)
    write_predictions([path], [prediction(0), unanswered(1)], run)


def harness(form: str, findings: Findings, path: Path, seconds: int) -> Callable[[bytes], None]:
    """Make the function that atheris calls; it ends the process after a time."""
    read = read_spectra if form in FORMATS else read_answers
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds

    def try_file(data: bytes) -> None:
        if time.monotonic() > end:
            sys.stderr.write(f"{form}: {dict(counts)}, {len(findings.places)} findings\n")
            sys.stderr.flush()
            os._exit(0)  # atheris leaves no way to return
        path.write_bytes(data)
        counts["files"] += 1
        signal.alarm(_SECONDS_PER_FILE)
        try:
            for kind in read(path):
                counts[kind] += 1
        except InputError:
            counts["refused"] += 1
        except Exception as error:
            findings.add(data, form, error)
        finally:
            signal.alarm(0)

    return try_file


def fuzz(form: str, findings: Path, folder: Path, seconds: int, seed: int) -> None:
    """Fuzz one reader, and end the process."""
    corpus, words = folder / "corpus", folder / "words"
    corpus.mkdir()
    write_seed(corpus / f"seed.{form}")
    lines = ("".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS)
    words.write_text("".join(f'"{line}"\n' for line in lines))
    signal.signal(signal.SIGALRM, _time_out)
    try_file = harness(form, Findings(findings), folder / f"input.{form}", seconds)
    arguments = [f"-seed={seed}", f"-dict={words}", "-max_len=16384", "-rss_limit_mb=0"]
    arguments += [f"-artifact_prefix={findings}/{form}-", "-verbosity=0"]
    atheris.Setup([sys.argv[0], str(corpus), *arguments], try_file)
    atheris.Fuzz()


def main() -> None:
    """Fuzz readers one after the other."""
    readers = (*FORMATS, *PREDICTIONS)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3600, help="of all readers together")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--readers", nargs="+", choices=readers, default=readers)
    options = parser.parse_args()
    share = options.seconds // len(options.readers)
    for reader in options.readers:
        with tempfile.TemporaryDirectory() as folder:
            arguments = (reader, options.findings, Path(folder), share, options.seed)
            process = multiprocessing.get_context("fork").Process(target=fuzz, args=arguments)
            process.start()
            process.join()
        if process.exitcode:
            sys.stderr.write(f"finding: the process of {reader} ended: {process.exitcode}\n")


if __name__ == "__main__":
    main()
