"""Faults of the input end with one sentence on standard error, status 1 and no traceback."""

import os
import subprocess
import sys

import pytest

SMALL = (
    "logger=csv", "~callbacks.progress", "scale.n_peptides=200", "scale.n_proteins=12",
    "scale.batch_size=4", "scale.steps_per_stage=1", "data.sources.processes=1",
)  # fmt: skip


def run(root, tmp_path, *overrides, small=SMALL):
    return subprocess.run(
        [sys.executable, "train.py", *small, f"hydra.run.dir={tmp_path / 'run'}",
         f"store_dir={tmp_path / 'stores'}", *overrides],
        cwd=root, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def assert_one_sentence(result, *mentions):
    assert result.returncode != 0
    assert "Traceback" not in result.stdout + result.stderr
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.stderr
    for mention in mentions:
        assert mention in errors[0]


@pytest.mark.parametrize(
    ("overrides", "mentions"),
    [
        (["proteins=fasta", "proteins.path=nowhere.fasta"], ["nowhere.fasta"]),
        (["loss_scale=0"], ["loss_scale", "positive", "0"]),
        (["loss_scale=-5"], ["loss_scale", "positive", "-5"]),
        (["scale.batch_size=100000"], ["fewer than one batch of 100000"]),
        (["curriculum.stages.3.start=3.5"], ["precursor_0.4", "gap"]),
        (["curriculum.stages.2.weights.precursor=-1"], ["precursor_0.3", "-1"]),
        (["+curriculum.stages.2.colour=red"], ["precursor_0.3", "colour"]),
        (["loss=token"], ["spectrum"]),
        (["data.sources.recipe.digest.min_length=60", "data.sources.recipe.digest.max_length=60"],
         ["peptides"]),
        (["data=annotated"], ["data.train=FILE.mgf"]),
        (["model.ions=[b,q]"], ["'q'"]),
        (["model.direction=up"], ["'up'"]),
        (["ckpt_path=nowhere.ckpt"], ["nowhere.ckpt"]),
        (["+model.colour=red"], ["colour"]),
    ],
)  # fmt: skip
def test_a_fault_of_the_settings_is_one_sentence(root, tmp_path, overrides, mentions):
    small = [s for s in SMALL if not ("data=annotated" in overrides and s.startswith("data."))]
    assert_one_sentence(run(root, tmp_path, *overrides, small=small), *mentions)


def test_an_unknown_key_is_named(root, tmp_path):
    result = run(root, tmp_path, "colour=red")
    assert result.returncode != 0
    assert "colour" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unwritable_folder_is_named(root, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = run(root, tmp_path, f"store_dir={tmp_path / 'file' / 'stores'}")
    assert_one_sentence(result, "file")


def test_a_residue_outside_the_alphabet_is_named(root, tmp_path):
    (tmp_path / "a.mgf").write_text(
        "BEGIN IONS\nTITLE=odd one\nPEPMASS=400.2\nCHARGE=2+\nSEQ=PEPS[Phospho]K\n100.0 1.0\nEND IONS\n"
    )
    result = run(
        root, tmp_path, "data=annotated", f"data.train={tmp_path / 'a.mgf'}",
        f"data.val={tmp_path / 'a.mgf'}", small=[s for s in SMALL if not s.startswith("data.")],
    )  # fmt: skip
    assert_one_sentence(result, "a.mgf", "odd one", "Phospho")
