"""Figures of the documents: measured by commands, kept as JSON, written into the text.

``docs/figures/NAME.json`` holds what one command measured: ``command``, ``commit``, ``date`` and
``figures``, each with a ``value``, perhaps an ``interval``, and a ``kind`` that says how it is
written. Text between ``<!-- figure: NAME/KEY -->`` and ``<!-- end -->`` is such a figure;
``/value`` after the key leaves the interval out. A test compares all of them.

``make figures DATA=FOLDER`` measures the files of ``benchmarks/measured_files.py`` in FOLDER anew
and fills the text; ``python benchmarks/figures.py`` fills the text alone.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measured_files import CONVERTED, faults, table

from denovo.metrics import wilson_interval

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "figures"
MARKED = re.compile(r"(<!-- figure: ([\w/.-]+) -->)(.*?)(<!-- end -->)", re.DOTALL)
_FOUR = ("casanovo.mgf", "hela.mgf", "pepnet.mgf", "proteometools.mgf")
_READ_AS = ("--sqrt-intensity", "casanovo.mgf", "--one-per-precursor", "proteometools.mgf")
_COMPARABLE = ("--comparable", "--unsupported", "skip", *_READ_AS)
_FIVE = (
    *("pepnet.mgf", "hela.mgf", "fetal_brain.mzSpecLib.txt", "hamster.msp"),
    *("elfragmentador.msp", "--unsupported", "skip"),
)
_SAMPLE = ("casanovo.mgf", "--sqrt-intensity", "casanovo.mgf")
_FAST = ("--rescoring", "none")
_UNTRAINED = ("--checkpoint", "untrained")
EVALUATIONS: dict[str, tuple[str, ...]] = {
    "measured_full": (*_FOUR, *_COMPARABLE, "--simulated", "500", "--control"),
    "measured_none": (*_FOUR, *_COMPARABLE, "--simulated", "500", "--control", *_FAST),
    "untrained_full": (*_FOUR, *_COMPARABLE, *_UNTRAINED),
    "untrained_none": (*_FOUR, *_COMPARABLE, *_UNTRAINED, *_FAST),
    "five_full": _FIVE,
    "five_none": (*_FIVE, *_FAST),
    "six_full": ("proteometools.mgf", *_FIVE),
    "six_none": ("proteometools.mgf", *_FIVE, *_FAST),
    "sample_full": _SAMPLE,
    "sample_none": (*_SAMPLE, *_FAST),
    "development_full": (
        *(*_FOUR, CONVERTED.name, "--unsupported", "skip", *_READ_AS),
        *("--match", "proteobench"),
    ),
}
"""Arguments of `denovo evaluate` by name of the JSON file."""
_SHARES = ("peptide_recall", "aa_precision", "aa_recall")
_GROUPED = ("all", "simulated_noisy")
_GROUPINGS = {"by_charge": "charge", "by_length": "length", "by_max_missing_sites": "missing"}

_MANY_SITES = 4
"""From this number of missing sites on, spectra are one group."""


def text_of(figure: Mapping[str, Any], has_interval: bool = True) -> str:
    """Write a figure as it stands in the text."""
    if "lines" in figure:
        return "\n\n{}\n\n".format("\n".join(figure["lines"]))
    value, kind = figure["value"], figure["kind"]
    if value is None:
        return "-"
    if kind == "count":
        return f"{value:,}"
    write = "{:.3f}".format if kind == "share" else _percent
    unit = "" if kind == "share" else " %"
    interval = figure.get("interval") if has_interval else None
    low_high = f" ({write(interval[0])}-{write(interval[1])}{unit})" if interval else ""
    return f"{write(value)}{unit}{low_high}"


def _percent(share: float) -> str:
    return f"{round(100 * share, 4):.2g}" if share < 0.0995 else f"{100 * share:.0f}"


def texts() -> dict[str, str]:
    """Return the text of all figures by name and key, with and without intervals."""
    found = {"measured_files/table": text_of({"lines": table()})}
    for path in sorted(FOLDER.glob("*.json")):
        for key, figure in json.loads(path.read_text("utf-8"))["figures"].items():
            name = f"{path.stem}/{key}"
            found |= {name: text_of(figure), f"{name}/value": text_of(figure, False)}
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    """Replace the text between all markers; KeyError for a figure that is not known."""
    return MARKED.sub(lambda found: f"{found[1]}{known[found[2]]}{found[4]}", text)


def pages() -> list[Path]:
    """Return the documents that may hold figures."""
    return [
        ROOT / "README.md",
        ROOT / "denovo" / "weights" / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def fill() -> None:
    """Write all figures into the documents."""
    known = texts()
    for page in pages():
        before = page.read_text("utf-8")
        after = filled(before, known)
        if after != before:
            page.write_text(after, "utf-8")
            print(f"filled  {page.relative_to(ROOT)}")


def write(name: str, command: str, figures: Mapping[str, Any]) -> None:
    """Write a file of figures, with the commit and the day."""
    described = ["git", "-C", str(ROOT), "rev-parse", "--short=8", "HEAD"]
    commit = subprocess.run(described, capture_output=True, text=True, check=True).stdout.strip()
    day = datetime.now(UTC).date().isoformat()
    content = {"command": command, "commit": commit, "date": day, "figures": figures}
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def evaluate(name: str, data: Path) -> None:
    """Run `denovo evaluate` in the folder of the measured files, and write its figures."""
    arguments = ["evaluate", *EVALUATIONS[name]]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "denovo", *arguments, "--json", str(output)]
        subprocess.run(command, cwd=data, check=True, stdout=subprocess.DEVNULL)
        (network,) = json.loads(output.read_text("utf-8"))["networks"].values()
    figures = dict(_figures(network["sets"])) | dict(_by_missing_sites(network["proteobench"]))
    write(name, " ".join(["denovo", *arguments]), figures)


def _figures(sets: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the figures of the sets of an evaluation; of controls the pooled one."""
    n_measured = sum(each["kind"] == "measured" for each in sets)
    for each in sets:
        name = each["name"].replace(", ", "_").split(".")[0]
        if each["kind"] == "control":
            if each["name"] != "all":
                continue
            name = "control"
        elif n_measured == 1 and each["kind"] == "measured":
            name = "all"
        yield f"{name}/spectra", {"value": each["n_spectra"], "kind": "count"}
        yield f"{name}/listed", {"value": each["listed"], "kind": "share"}
        for share in _SHARES:
            yield f"{name}/{share}", _with_interval(each, share, "share")
        for end in ("width", "mass"):
            error = each.get(f"expected_calibration_error_equal_{end}")
            yield f"{name}/calibration_error_{end}", {"value": error, "kind": "share"}
        for row in each["false_discovery"]:
            level = round(100 * row["level"])
            yield f"{name}/accepted_{level}", {"value": row["n_accepted"], "kind": "count"}
            yield f"{name}/wrong_{level}", _with_interval(row, "true", "percent")
        for grouping, short in _GROUPINGS.items() if name in _GROUPED else ():
            for row in each[grouping]:
                group = f"{name}/{short}_{row['group'].rstrip('+').replace(' ', '')}"
                yield f"{group}/spectra", {"value": row["n_spectra"], "kind": "count"}
                yield f"{group}/listed", {"value": row["listed"], "kind": "share"}
                yield f"{group}/peptide_recall", _with_interval(row, "peptide_recall", "share")


def _by_missing_sites(found: Mapping[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the shares of right answers, by mass as in ProteoBench, by number of missing sites."""
    groups: dict[int, list[tuple[int, float]]] = {}
    for row in found["missing_sites"] if found else ():
        n_missing = min(int(row["group"]), _MANY_SITES)
        groups.setdefault(n_missing, []).append((row["n_spectra"], row["mass"]))
    for n_missing, group in groups.items():
        n_spectra = sum(n for n, _ in group)
        n_right = round(sum(n * share for n, share in group))
        interval = wilson_interval(n_right, n_spectra)
        share = {"value": n_right / n_spectra, "interval": interval, "kind": "share"}
        yield f"all/missing_sites_{n_missing}/spectra", {"value": n_spectra, "kind": "count"}
        yield f"all/missing_sites_{n_missing}/peptide_recall", share


def _with_interval(row: Mapping[str, Any], name: str, kind: str) -> dict[str, Any]:
    ends = row[f"{name}_low"], row[f"{name}_high"]
    interval = {} if None in ends else {"interval": ends}
    return {"value": row[name], **interval, "kind": kind}


def main() -> None:
    """Measure if files are given, and fill the documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the measured files: measure anew")
    parser.add_argument("--only", nargs="+", choices=EVALUATIONS, default=[*EVALUATIONS])
    options = parser.parse_args()
    if options.data:
        if found := list(faults(options.data)):
            sys.exit("\n".join([*found, "python benchmarks/measured_files.py names the files"]))
        for name in options.only:
            if CONVERTED.name in EVALUATIONS[name] and not (options.data / CONVERTED.name).exists():
                print(f"left out  {name}: {CONVERTED.name} is not there")
                continue
            print(f"measuring  {name}", flush=True)
            evaluate(name, options.data.resolve())
    fill()


if __name__ == "__main__":
    main()
