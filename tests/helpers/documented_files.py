"""Small files of the names that the documents use, for `tests/run_documented_commands.py`."""

import gzip
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from pyteomics import mgf, proforma

from tests.helpers.searched import Found, write_sage
from tests.io.samples import mzml, mzml_spectrum

SMALL = (
    "size.n_peptides=500 size.n_proteins=60 size.steps_per_stage=2 size.batch_size=16 "
    "size.val_spectra=8 size.test_spectra=8 size.d_state=48 size.d_scorer=24 size.d_model=32 "
    "size.d_refinement=32 size.n_layers=1 trainer.log_every_n_steps=1 calibration_spectra=0 "
    "rescoring=none logger=csv data.sources.processes=1"
)
"""Settings of a training of twenty seconds."""
_N_SPECTRA = 110
_SPECTRA = ("run", "annotated", "test", "a", "b", "labelled", "other")
_COMMANDS = (
    f"denovo train +experiment=curriculum {SMALL} run_dir=runs/one",
    f"denovo train +experiment=curriculum {SMALL} model.direction=backward run_dir=runs/backward",
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
    mine = "# @package _global_\ndefaults:\n  - override /curriculum: none\nname: mine\n"
    (folder / "my_conf/experiment/mine.yaml").write_text(mine)
    with mgf.read(str(folder / "example.mgf"), use_index=False) as reader:
        entries = [entry for entry, _ in zip(reader, range(_N_SPECTRA), strict=False)]
    written, found = [], []
    for number, entry in enumerate(entries):
        scan, (mz, *_) = 1234 + number, entry["params"]["pepmass"]
        charge = int(entry["params"]["charge"][0])
        text = mzml_spectrum(
            number, entry["m/z array"].tolist(), entry["intensity array"].tolist(), charge=charge
        )
        text = text.replace('value="400.5"', f'value="{mz}"')
        written.append(text.replace(f"scan={number + 1}", f"scan={scan}"))
        found.append(_found(entry["params"]["seq"], scan, charge))
        entry["params"]["title"] = f"scan {scan}"
    for name in _SPECTRA:
        (folder / f"{name}.mzML").write_text(mzml(*written))
        mgf.write(entries, str(folder / f"{name}.mgf"), file_mode="w")
    write_sage(folder, found)


def _found(peptide: str, scan: int, charge: int) -> Found:
    residues, _ = proforma.parse(peptide)
    modified = [
        (place, tags[0].name, tags[0].mass)
        for place, (_, tags) in enumerate(residues, start=1)
        if tags
    ]
    return Found(scan, re.sub(r"\[.*?\]", "", peptide), charge, tuple(modified))
