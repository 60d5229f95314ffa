"""Small files of the names that the documents use, for `tests/run_documented_commands.py`."""

import gzip
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyteomics import mgf, proforma

from tests.helpers.searched import Found, write_sage
from tests.io.samples import mzml, mzml_spectrum

SMALL = (
    "size.n_peptides=500 size.n_proteins=60 size.steps_per_stage=2 size.batch_size=16 "
    "size.val_spectra=8 size.test_spectra=8 size.d_state=48 size.d_scorer=24 size.d_model=32 "
    "size.d_refinement=32 size.n_layers=1 trainer.log_every_n_steps=1 calibration_spectra=0 "
    "rescoring=none logger=csv"
)
"""Settings of a training of twenty seconds."""
_N_SPECTRA = 110
_SPECTRA = (("run", "annotated", "test", "a", "labelled"), ("b", "other"))
"""Names of files of the first spectra of tutorial 1, and of the next ones, of other peptides."""
_FIRST_SCAN = 1234
_MINE = """# @package _global_
defaults:
  - override /curriculum: none
  - override /loss: token
name: mine
"""
_COMMANDS = (
    f"denovo train +experiment=curriculum {SMALL} run_dir=runs/one",
    f"denovo train -m +experiment=curriculum {SMALL} loss_scale=10,100 hydra.sweep.dir=runs/sweep",
    "denovo sequence run.mzML --output all.parquet --output casanovo.mztab",
    "denovo sequence example.mgf --rescoring none --output example.parquet",
    "denovo sequence run.mzML --rescoring none --output run.csv",
)


def write_files(folder: Path, run: Callable[[str, Path], tuple[int, str]]) -> None:
    """Write spectra, proteins, search results, predictions and runs into a folder.

    ``run`` executes a command in a folder and returns its status and text.
    """
    script = Path(__file__).parents[2] / "docs/tutorials/example.py"
    commands = (f"{sys.executable} {script}", *_COMMANDS)
    for number, command in enumerate(commands):
        status, text = run(command, folder)
        assert status == 0, f"{command}: {text[-3000:]}"
        if number == 0:
            _write_inputs(folder)
    for name in ("best.ckpt", "last.ckpt"):
        shutil.copy(folder / "runs/one/checkpoints" / name, folder / name)
    for suffix in (".safetensors", ".json"):
        shutil.copy(folder / f"runs/one/model{suffix}", folder / f"my_network{suffix}")


def _write_inputs(folder: Path) -> None:
    proteins = (folder / "example.fasta").read_text()
    for name in ("human.fasta", "proteome.fasta", "contaminants.fasta"):
        (folder / name).write_text(proteins)
    (folder / "human.fasta.gz").write_bytes(gzip.compress(proteins.encode()))
    (folder / "my_conf/experiment").mkdir(parents=True)
    (folder / "my_conf/experiment/mine.yaml").write_text(_MINE)
    with mgf.read(str(folder / "example.mgf"), use_index=False) as reader:
        entries = list(reader)
    for number, names in enumerate(_SPECTRA):
        chosen = entries[number * _N_SPECTRA : (number + 1) * _N_SPECTRA]
        for scan, entry in enumerate(chosen, start=_FIRST_SCAN):
            entry["params"]["title"] = f"scan {scan}"
        for name in names:
            (folder / f"{name}.mzML").write_text(
                mzml(*map(_mzml_entry, chosen, range(len(chosen))))
            )
            mgf.write(chosen, str(folder / f"{name}.mgf"), file_mode="w")
    searched = [entry["params"] for entry in entries[:_N_SPECTRA]]
    found = (
        _found(each["seq"], scan, int(each["charge"][0]))
        for scan, each in enumerate(searched, start=_FIRST_SCAN)
    )
    write_sage(folder, list(found))


def _mzml_entry(entry: dict[str, Any], number: int) -> str:
    arrays = (entry[name].tolist() for name in ("m/z array", "intensity array"))
    mz, charge = entry["params"]["pepmass"][0], int(entry["params"]["charge"][0])
    text = mzml_spectrum(number, *arrays, charge=charge).replace('value="400.5"', f'value="{mz}"')
    return text.replace(f"scan={number + 1}", f"scan={_FIRST_SCAN + number}")


def _found(peptide: str, scan: int, charge: int) -> Found:
    residues, _ = proforma.parse(peptide)
    modified = [
        (place, tags[0].name, tags[0].mass)
        for place, (_, tags) in enumerate(residues, start=1)
        if tags
    ]
    return Found(scan, re.sub(r"\[.*?\]", "", peptide), charge, tuple(modified))
