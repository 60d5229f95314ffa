"""The public files of measured spectra behind the figures, and a way to get them.

``python benchmarks/measured_files.py`` prints the table of the documents. ``--check FOLDER``
compares the files of a folder with their SHA-256; ``--fetch FOLDER`` downloads those that are
missing from GitHub, and is the only option that uses the network. No file is in this repository.
"""

import argparse
import hashlib
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class MeasuredFile(NamedTuple):
    """A public file, named as the commands of the documents name it."""

    name: str
    repository: str
    path: str
    commit: str
    licence: str
    sha256: str

    @property
    def url(self) -> str:
        """Address of the file at its commit."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{self.path}"


FILES = (
    MeasuredFile(
        "casanovo.mgf",
        "Noble-Lab/casanovo",
        "sample_data/sample_preprocessed_spectra.mgf",
        "7112962a",
        "Apache-2.0",
        "8e0df940632be956f0e2a6bb079d6ae4a3ba25bb299d7be8e0d7cb361d4bccad",
    ),
    MeasuredFile(
        "hela.mgf",
        "instadeepai/winnow",
        "examples/example_data/spectra.mgf",
        "3c0f551e",
        "Apache-2.0",
        "00bc26451564ad491bb594fcc57c3c353fb5378ba6c79b3d525eb5009411416f",
    ),
    MeasuredFile(
        "pepnet.mgf",
        "lkytal/PepNet",
        "train.mgf",
        "1ef0de5e",
        "LGPL",
        "f8fa01be48f45e94135d4c5c006703e6670f01320d21ed4ffd9e0ff915040d0f",
    ),
    MeasuredFile(
        "proteometools.mgf",
        "spectra-cluster/spectra-cluster",
        "src/test/resources/kuester_test.mgf",
        "563d30b2",
        "Apache-2.0",
        "14fae24f963eaae7e70326f60b6a6526c43904f44ecdb2f85900b5b73b38026a",
    ),
    MeasuredFile(
        "fetal_brain.mzSpecLib.txt",
        "HUPO-PSI/mzSpecLib",
        "examples/SpectraST/fetal_brain_tiny.mzSpecLib.txt",
        "e9765111",
        "Apache-2.0",
        "b335fde64a6eb24da7ae60bfc53c04ed124a840ba8ca9685348a64a138a758e9",
    ),
    MeasuredFile(
        "hamster.msp",
        "HUPO-PSI/mzspeclib-py",
        "examples/chinese_hamster_hcd_selected_head.msp",
        "490eba1b",
        "Apache-2.0",
        "079b0cdbc201577f3301bce75b7bc0fdb8a41993ddf56ad3fbf82fafbef5e49f",
    ),
    MeasuredFile(
        "elfragmentador.msp",
        "jspaezp/elfragmentador",
        "tests/data/FTMS_HCD_20_annotated_2019-11-12_filtered.msp",
        "412c05bf",
        "Apache-2.0",
        "ac6a98b31fcd59fe8fbf3391ab3017b85ebd4be23ba52a5bff19b9352f264af9",
    ),
)

CONVERTED = MeasuredFile(
    "massivekb_human_hcd.mgf",
    "compomics/ms2pip",
    "tests/test_data/massivekb_selected_500.mgf",
    "f9c3f71e",
    "Apache-2.0",
    "0a7d33b48b1d56d1121a1f9e62c2475d12d592a4d81de27e0259d82711191967",
)
"""Made from the file at this address, as the documents describe; not fetched."""


def table() -> list[str]:
    """Write the table of the documents."""
    rows = [
        f"| `{file.name}` | {file.repository} | `{file.path}` | `{file.commit}` | {file.licence} "
        f"| `{file.sha256[:12]}` |"
        for file in (*FILES, CONVERTED)
    ]
    heading = "| file | repository on GitHub | path | commit | licence | SHA-256, first 12 |"
    return [heading, "|---|---|---|---|---|---|", *rows]


def faults(folder: Path) -> Iterator[str]:
    """Yield a sentence for each file that is missing or differs."""
    for file in FILES:
        path = folder / file.name
        if not path.is_file():
            yield f"{path} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
            yield f"{path} differs from {file.path} of {file.repository} at {file.commit}"


def fetch(folder: Path) -> None:
    """Download the files that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        path = folder / file.name
        if not path.exists():
            print(f"{path}  {file.url}")
            with urllib.request.urlopen(file.url, timeout=60) as answer:
                path.write_bytes(answer.read())


def main() -> None:
    """Print the table, or check or fetch the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=Path, metavar="FOLDER")
    parser.add_argument("--fetch", type=Path, metavar="FOLDER", help="uses the network")
    options = parser.parse_args()
    if options.fetch:
        fetch(options.fetch)
    folder = options.check or options.fetch
    if folder is None:
        print("\n".join(table()))
    elif found := list(faults(folder)):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
