"""`denovo diagnose`, as people type it."""

import json

import pytest
import torch
from typer.testing import CliRunner

from denovo.cli import app
from tests.helpers.tiny_training import small_system, small_trainer, two_stages

UNTRAINED = ("--set", "model=transformer", "--set", "model.d_model=16", "--n-spectra", 2)
SPECTRUM = """BEGIN IONS
TITLE=measured
PEPMASS={mz}
CHARGE=2+
SEQ={peptide}
147.113 0.5
205.097 1.0
END IONS
"""


def invoke(*arguments):
    return CliRunner().invoke(app, ["diagnose", *map(str, arguments)])


def sentence_of(*arguments):
    """Run a command that must fail with one sentence."""
    result = invoke(*arguments)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    return error


@pytest.fixture(scope="module")
def checkpoint(canonical, tmp_path_factory):
    """A network as training saves it, not trained."""
    path = tmp_path_factory.mktemp("network") / "small.ckpt"
    system = small_system(canonical)
    trainer = small_trainer(two_stages())
    trainer.strategy.connect(system)
    trainer.save_checkpoint(path, weights_only=True)
    return path


@pytest.fixture
def mgf(tmp_path):
    """Two spectra with the m/z of [M+2H]2+, from pyteomics.mass.calculate_mass."""
    path = tmp_path / "measured.mgf"
    entries = {"GASPVTK": 323.182, "PEPTIDEK": 464.735}
    path.write_text("".join(SPECTRUM.format(peptide=p, mz=mz) for p, mz in entries.items()))
    return path


def test_a_batch_is_traced_to_error_and_loss(mgf, checkpoint, tmp_path):
    output = tmp_path / "trace.json"
    result = invoke("mass", mgf, "--checkpoint", checkpoint, "--spectrum", 2, "--json", output)
    assert result.exit_code == 0, result.output
    assert "spectrum 2: PEPTLDEK, charge 2" in result.stdout
    assert "<eos>" in result.stdout
    assert "penalty log with loss_scale 100 ppm: loss" in result.stdout
    first, second = json.loads(output.read_text())
    assert first["peptide"] == "GASPVTK"
    assert f"{second['error_da']:+.4f} Da" in result.stdout
    assert second["precursor_mass"] == pytest.approx((464.735 - 1.007276) * 2, abs=1e-3)


def test_an_untrained_network_reads_predicted_spectra(tmp_path):
    output = tmp_path / "trace.json"
    result = invoke("mass", *UNTRAINED, "--penalty", "clamp", "--json", output)
    assert result.exit_code == 0, result.output
    assert "an untrained network" in result.stdout
    traces = json.loads(output.read_text())
    assert len(traces) == 2
    # Shipped settings divide by the scale: a clamp that has lost its slope stands at 1.
    assert all((t["loss"], t["slope"]) == (1, 0) for t in traces if abs(t["error_ppm"]) > 100)


def test_members_are_set_side_by_side_without_a_network(tmp_path):
    plot, output = tmp_path / "family.svg", tmp_path / "family.json"
    result = invoke("gradients", "--plot", plot, "--json", output)
    assert result.exit_code == 0, result.output
    assert "552.55" in result.stdout  # the logarithm at 25,000 ppm
    assert "dead, a loss without any gradient: clamp" in result.stdout
    assert "clamp: exactly 0" in plot.read_text()
    found = json.loads(output.read_text())
    assert "batch" not in found
    assert {row["member"] for row in found["members"]} >= {"log", "clamp", "huber"}


def test_members_are_compared_on_a_batch(mgf, checkpoint, tmp_path):
    output = tmp_path / "family.json"
    result = invoke("gradients", mgf, "--checkpoint", checkpoint, "--json", output)
    assert result.exit_code == 0, result.output
    rows = {row["member"]: row for row in json.loads(output.read_text())["batch"]}
    assert rows["clamp"]["gradient_norm"] == 0 < rows["log"]["gradient_norm"]
    assert rows["clamp"]["dead_share"] == 1


def test_the_vocabulary_agrees_with_pyteomics_and_the_checkpoint(checkpoint):
    for options in ((), ("--set", "residues=canonical"), ("--checkpoint", checkpoint)):
        result = invoke("vocabulary", *options)
        assert result.exit_code == 0, result.output
        assert "57.021464" in result.stdout
        assert ("stored" in result.stdout) == ("--checkpoint" in options)
        assert "differs" not in result.stdout


@pytest.mark.parametrize("rolled", ["tokens", "masses"])
def test_a_checkpoint_with_a_shifted_table_is_caught(checkpoint, tmp_path, rolled):
    content = torch.load(checkpoint, weights_only=True)
    table = content["denovo"]["vocabulary"][rolled]
    content["denovo"]["vocabulary"][rolled] = table[-3:] + table[:-3]
    path = tmp_path / "shifted.ckpt"
    torch.save(content, path)
    message = sentence_of("vocabulary", "--checkpoint", path)
    assert message.startswith("error: the masses or names of ")


def test_a_picture_of_an_unknown_kind_is_refused_before_anything_is_printed(tmp_path):
    result = invoke("gradients", "--plot", tmp_path / "family.gif")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: --plot must end in one of .png, .svg, .pdf, got ")
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "mention"),
    [
        (("mass", "--penalty", "lug", *UNTRAINED), "did you mean log?"),
        (("mass", "--spectrum", 3, *UNTRAINED), "--spectrum must lie between 1 and 2, got 3"),
        (("mass", "--n-spectra", 0), "--n-spectra must be at least 1"),
        (("mass", "--checkpoint", "nowhere.ckpt"), "nowhere.ckpt"),
        (("mass", "nowhere.mgf", *UNTRAINED), "nowhere.mgf"),
        (("mass", "--checkpoint", "a.ckpt", "--set", "model=evidence"), "give one of the two"),
        (("mass", "--set", "colour=red"), "colour"),
        (("mass", "--set", "simulator.model=TTOF5600"), "HCDch2, HCD2019, TMT"),
        (("gradients", "--loss-scale", 0), "--loss-scale must be positive, got 0"),
        (("mass", "--loss-scale", -1), "--loss-scale must be positive, got -1"),
        (("vocabulary", "--checkpoint", "nowhere.ckpt"), "nowhere.ckpt"),
    ],
)
def test_bad_input_is_one_sentence(arguments, mention):
    assert mention in sentence_of(*arguments)
