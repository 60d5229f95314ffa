"""What fine-tuning on other files brings: each file is read by networks tuned on all the others.

python benchmarks/tuned_on_others.py casanovo.mgf hela.mgf pepnet.mgf proteometools.mgf \
    --sqrt-intensity casanovo.mgf --one-per-precursor proteometools.mgf \
    [--folder tuned] [--settings data.measured_share=1.0 ...]

Both networks of the package are tuned by `+experiment=finetune` and exported together. The file
that is left out is ``data.val``, whose peptides fine-tuning does not train on, measured or
simulated. Differences are those of the same spectra, with the 95 % interval of a bootstrap over
peptides. A network that FOLDER holds is not trained again; a second call goes on with a first one.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from denovo.choices import DEFAULT_NETWORK
from denovo.evaluation import (
    EvaluationSet,
    ScoredSet,
    Unsupported,
    differences_to,
    evaluate,
    measured_sets,
)
from denovo.evaluation.evaluation import with_pooled
from denovo.io.frames import write_spectra
from denovo.reports.table import Table, print_tables
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks import load_model
from denovo.training.program_files import training_program

DIRECTIONS = "forward", "backward"
RESCORINGS = "none", "full"
_QUIET = "logger=none", "~callbacks.progress", "data.sources.processes=1"


def tune(folder: Path, left_out: Path, others: Sequence[Path], settings: Sequence[str]) -> Path:
    """Tune both networks on the other files, and return the file that holds the two."""
    more = ["calibration_spectra=0"]
    for direction in DIRECTIONS:
        run = folder / left_out.stem / direction
        values = {
            "ckpt_path": DEFAULT_NETWORK,
            "finetune.direction": direction,
            "data.train": "[{}]".format(",".join(f"'{path}'" for path in others)),
            "data.val": f"'{left_out}'",
            "run_dir": f"'{run}'",
            "store_dir": f"'{folder / 'stores'}'",
        }
        command = [sys.executable, str(training_program()), "+experiment=finetune"]
        command += [f"{name}={value}" for name, value in values.items()]
        output = folder / f"{left_out.stem}_{direction}.log"
        with output.open("w") as log:
            print(f"tuning  {output}", flush=True)
            subprocess.run(
                [*command, *more, *_QUIET, *settings], stdout=log, stderr=log, check=True
            )
        more = [f"rescoring.partner='{run / 'model.safetensors'}'"]
    return folder / left_out.stem / DIRECTIONS[-1] / "model.safetensors"


def read(network: Path | None, rescoring: str, sets: Sequence[EvaluationSet]) -> list[ScoredSet]:
    """Read the sets with a network; None is that of the package."""
    pipeline = SequencingSettings(rescoring=rescoring, device="cpu").pipeline(load_model(network))
    return [score for score in evaluate("", pipeline, sets).scores if not score.is_pooled]


def n_trained(network: Path) -> int:
    """Return the number of measured spectra that a network was tuned on."""
    summary = json.loads((network.parent / "summary.json").read_text("utf-8"))
    return summary["data"]["n_measured"]["train"]


def rows_of(
    rescoring: str, before: Sequence[ScoredSet], after: Sequence[ScoredSet]
) -> list[tuple[str, ...]]:
    """Write a row of text for each file, and one for all of them."""
    before, after = with_pooled([*before]), with_pooled([*after])
    found = []
    for old, new, change in zip(before, after, differences_to(before, after), strict=True):
        shares = [
            f"{old.rows['is_right'].mean():.3f} -> {new.rows['is_right'].mean():.3f}",
            *(_signed(change, name) for name in ("peptide_recall", "aa_precision")),
        ]
        counts = f"+{change['gained']} -{change['lost']}"
        found.append((rescoring, old.name, f"{change['n_spectra']}", *shares, counts))
    return found


def _signed(change: dict[str, Any], name: str) -> str:
    value, low, high = (change[f"{name}{end}"] for end in ("", "_low", "_high"))
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})"


def main() -> None:
    """Tune and read file by file, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", help="annotated files, of different peptides")
    parser.add_argument("--folder", type=Path, default=Path("tuned"), help="of the networks")
    parser.add_argument("--rescoring", nargs="+", choices=RESCORINGS, default=RESCORINGS)
    parser.add_argument("--settings", nargs="*", default=[], help="further ones of the training")
    for name in ("--sqrt-intensity", "--one-per-precursor"):
        parser.add_argument(name, action="append", default=[], help="as in `denovo evaluate`")
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    sets, _ = measured_sets(
        options.files,
        SequencingSettings(device="cpu").pipeline(load_model()).vocabulary,
        Unsupported.SKIP,
        one_per_precursor=options.one_per_precursor,
        sqrt_intensity=options.sqrt_intensity,
    )
    paths = [folder / f"{Path(each.name).stem}.parquet" for each in sets]
    for each, path in zip(sets, paths, strict=True):
        write_spectra(path, each.read())
    networks = [tune(folder, path, sorted({*paths} - {path}), options.settings) for path in paths]
    changes, peptides = [], []
    for rescoring in options.rescoring:
        before = read(None, rescoring, sets)
        after = [
            read(network, rescoring, [each])[0]
            for network, each in zip(networks, sets, strict=True)
        ]
        changes += rows_of(rescoring, before, after)
        peptides = [score.rows["identity"] for score in before]
    trained = []
    for each, network, own in zip(sets, networks, peptides, strict=True):
        others = [peptide for found in peptides if found is not own for peptide in found]
        shared = sum(map({*own}.__contains__, others))
        trained.append((each.name, f"{len(others)}", f"{shared}", f"{n_trained(network)}"))
    headings = ("file left out", "spectra of the others", "of its peptides", "trained on")
    figures = "spectra", "peptide recall", "change", "AA precision: change", "gained, lost"
    spectra = Table(headings, tuple(trained), "Spectra that are trained on")
    change = Table(("rescoring", "file left out", *figures), tuple(changes), "Change", n_text=2)
    print_tables([spectra, change])


if __name__ == "__main__":
    main()
