"""Fuzz every reader of spectrum files, guided by coverage: `python tests/faults/fuzz_readers.py`.

Needs atheris (`pip install atheris`). Any exception but `InputError`, any spectrum outside its
documented ranges, and any file that takes longer than `_SECONDS_PER_FILE` is a finding; it is
written to the folder of findings, one file for each place in the code that failed, and the run
goes on. Findings that were mended are kept in ``tests/faults/findings``, which a test reads.
"""

import argparse
import atexit
import hashlib
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["denovo.io"]):
    from denovo.errors import InputError
    from denovo.io import open_spectra

from tests.faults.spectrum_rules import broken_rule
from tests.io.damages import FORMATS, good

_SECONDS_PER_FILE = 5
TOKENS = (
    *(b"PEPMASS=", b"CHARGE=", b"RTINSECONDS=", b"SCANS=", b"SEQ=", b"TITLE=", b"BEGIN IONS"),
    *(b"END IONS", b"Name: ", b"Num peaks: ", b"Mods=", b"Comment: ", b"Charge: ", b"MW: "),
    *(b"<Peaks>", b"<Spectrum=", b"MS:1000041|charge state=", b"zlib", b"<binary>", b"</spectrum>"),
    *(b"MS:1000523", b"MS:1000521", b"MS:1002312", b"MS:1000574", b"MS:1000744", b"MS:1000827"),
    *(b'precision="32"', b'compressionType="none"', b'centroided="0"', b"precursorMz", b"nan"),
    *(b"inf", b"1e999", b"-1", b"2+ and 3+", b"\x1f\x8b\x08", b"<!ENTITY a 'b'>", b"\xff\xfe"),
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


def harness(findings: Findings, folder: Path) -> Callable[[bytes], None]:
    """Make the function that atheris calls: the first byte chooses the format."""
    counts = {"files": 0, "spectra": 0, "rejected": 0}
    atexit.register(lambda: sys.stderr.write(f"{counts}, {len(findings.places)} findings\n"))

    def read(data: bytes) -> None:
        if len(data) < 2:
            return
        form = FORMATS[data[0] % len(FORMATS)]
        path = folder / f"input.{form}"
        path.write_bytes(data[1:])
        counts["files"] += 1
        signal.alarm(_SECONDS_PER_FILE)
        try:
            for record in open_spectra(path):
                counts["rejected" if hasattr(record, "reason") else "spectra"] += 1
                if rule := broken_rule(record):
                    raise AssertionError(rule)
        except InputError:
            pass
        except Exception as error:
            findings.add(data[1:], form, error)
        finally:
            signal.alarm(0)

    return read


def main() -> None:
    """Fuzz for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, form in enumerate(FORMATS):
            (corpus / form).write_bytes(bytes([number]) + good(form).encode())
        words = Path(folder) / "words"
        lines = ("".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS)
        words.write_text("".join(f'"{line}"\n' for line in lines))
        signal.signal(signal.SIGALRM, _time_out)
        read = harness(Findings(options.findings), Path(folder))
        arguments = [f"-seed={options.seed}", f"-dict={words}", "-max_len=16384", "-rss_limit_mb=0"]
        arguments += [f"-max_total_time={options.seconds}", "-print_final_stats=1", "-verbosity=0"]
        atheris.Setup([sys.argv[0], str(corpus), *arguments], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
