"""Faults of the input end with one sentence on standard error, status 1 and no traceback."""

import os
import subprocess
import sys

import pytest

from denovo.errors import exit_with_message
from train import train

MGF = "BEGIN IONS\nTITLE=odd one\nPEPMASS=400.2\nCHARGE=2+\nSEQ={}\n100.0 1.0\nEND IONS\n"


def sentence_of(capsys, config):
    with pytest.raises(SystemExit) as stopped, exit_with_message():
        train(config)
    assert stopped.value.code == 1
    # A progress bar may stand above it.
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("error: ")
    return message


@pytest.mark.parametrize(
    ("overrides", "mentions"),
    [
        (["proteins=fasta", "proteins.path=nowhere.fasta"], ["nowhere.fasta"]),
        (["loss_scale=0"], ["loss_scale", "positive", "0"]),
        (["loss_scale=-5"], ["loss_scale", "positive", "-5"]),
        (["curriculum.stages.0.terms.spectrum.width_da=null"], ["tokens", "got None"]),
        (["curriculum.stages.0.terms.spectrum.width_da=0"], ["precursor_0.2", "positive"]),
        (["data.sources.recipe.simulator.model=TMT"], ["TMT", "set simulator.model alone"]),
        (["penalty=lgo"], ["unknown penalty 'lgo'", "did you mean log?"]),
        (["size.batch_size=100000"], ["fewer than one batch of 100000"]),
        (["size.steps_per_stage=2", "curriculum.stages.3.start=3.5"], ["precursor_0.4", "gap"]),
        (["curriculum.stages.3.start=2"], ["precursor_0.4", "overlap"]),
        (["curriculum.stages.2.weights.precursor=-1"], ["precursor_0.3", "-1"]),
        (["+curriculum.stages.2.colour=red"], ["precursor_0.3", "colour"]),
        (["loss=token"], ["spectrum"]),
        (["data.sources.recipe.digest.min_length=95", "data.sources.recipe.digest.max_length=95"],
         ["no peptide of 95-95 residues"]),
        (["data=annotated"], ["data.train=FILE.mgf"]),
        (["data=annotated", "data.train=nowhere.mgf", "data.val=nowhere.mgf"], ["nowhere.mgf"]),
        (["model.ions=[b,q]"], ["'q'"]),
        (["model.direction=up"], ["'up'"]),
        (["ckpt_path=nowhere.ckpt"], ["nowhere.ckpt"]),
        (["rescoring.partner=nowhere.ckpt"], ["nowhere.ckpt"]),
        (["rescoring.kind=ful"], ["rescoring.kind 'ful'", "did you mean full?"]),
        (["+model.colour=red"], ["colour"]),
        (["~model"], ["no model", "conf/model"]),
        (["optimizer.lr=abc"], ["the optimizer does not take lr='abc'"]),
        (["proteins=fasta"], ["proteins.path is not set; give proteins.path=VALUE"]),
    ],
)  # fmt: skip
def test_a_fault_of_the_settings_is_one_sentence(composed, capsys, overrides, mentions):
    message = sentence_of(capsys, composed(*overrides))
    for mention in mentions:
        assert mention in message


def test_an_unwritable_folder_is_named(composed, capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    config = composed(f"store_dir={tmp_path / 'file' / 'stores'}")
    assert "file" in sentence_of(capsys, config)


def test_a_residue_outside_the_alphabet_is_named(composed, capsys, tmp_path):
    file = tmp_path / "a.mgf"
    file.write_text(MGF.format("PEPS[Phospho]K"))
    message = sentence_of(
        capsys, composed("data=annotated", f"data.train={file}", f"data.val={file}")
    )
    assert all(mention in message for mention in ("a.mgf", "odd one", "Phospho"))


@pytest.mark.parametrize(
    ("change", "mention"),
    [("residues=canonical", "another alphabet"), ("size.d_state=24", "model of another shape")],
)
def test_a_checkpoint_that_does_not_fit_is_named(composed, capsys, trained, change, mention):
    checkpoint = trained[0] / "checkpoints" / "last.ckpt"
    before = checkpoint.read_bytes()
    assert mention in sentence_of(capsys, composed(change, f"ckpt_path={checkpoint}"))
    assert checkpoint.read_bytes() == before


def test_the_metrics_of_another_run_are_not_overwritten(composed, capsys, tmp_path):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "metrics.csv").write_text("step,train/loss\n")
    assert "another run" in sentence_of(capsys, composed())
    assert (tmp_path / "metrics" / "metrics.csv").read_text() == "step,train/loss\n"


# What is typed wrongly is found in the same place as any unknown setting: tests/training/.
@pytest.mark.parametrize("override", ["colour=red", "loss_scale=0"])
@pytest.mark.slow
def test_the_program_itself_exits_without_a_traceback(root, tmp_path, override):
    result = subprocess.run(
        [sys.executable, "train.py", f"hydra.run.dir={tmp_path / 'run'}", override],
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    assert override.split("=")[0] in result.stderr
    assert not (tmp_path / "run").exists()
