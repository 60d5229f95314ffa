"""`denovo sim2real`, from files to figures."""

import json

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from denovo.sequencing.networks import load_model, write_exported
from tests.helpers.tiny_training import small_system, small_trainer, two_stages

# m/z of [M+2H]2+, from pyteomics.mass.calculate_mass.
PEPTIDES = {"GASPVTK": 330.1898, "PEPTLDEK": 464.7347, "SAMPLER": 402.2076}
ENTRY = "BEGIN IONS\nTITLE={0}\nPEPMASS={1}\nCHARGE=2+\nSEQ={0}\n147.113 0.5\n205.097 1\nEND IONS\n"
NOISE = {"fraction": 0.5, "noise_peaks": 5.0}


def invoke(*arguments):
    return CliRunner().invoke(app, ["sim2real", *map(str, arguments), "--threads", "1"])


@pytest.fixture
def mgf(tmp_path):
    path = tmp_path / "three.mgf"
    path.write_text("".join(ENTRY.format(*each) for each in PEPTIDES.items()))
    return path


@pytest.fixture(scope="module")
def networks(canonical, tmp_path_factory):
    """An untrained network, as a checkpoint and exported with the noise it might have had."""
    folder = tmp_path_factory.mktemp("networks")
    trainer = small_trainer(two_stages(1))
    trainer.strategy.connect(small_system(canonical))
    checkpoint, exported = folder / "small.ckpt", folder / "small.safetensors"
    trainer.save_checkpoint(checkpoint, weights_only=False)
    model = load_model(checkpoint)
    stages = [{"name": "all", "start": 0, "end": 1, "weights": {"token": 1.0}, "noise": NOISE}]
    recipe = {"exclude": ["/home/someone/left_out.mgf"]}
    config = model.config | {"curriculum": {"stages": stages}}
    config["data"] = config["data"] | {"sources": {"recipe": recipe}}
    write_exported(exported, model.sequencer, config, {}, {})
    return exported, checkpoint


def test_several_networks_are_read_compared_and_written_down_in_every_form(networks, mgf, tmp_path):
    output, page, folder = tmp_path / "a.json", tmp_path / "a.html", tmp_path / "pictures"
    both = [word for path in networks for word in ("--checkpoint", path)]
    result = invoke(
        *(mgf, *both, "--simulated", 3, "--control", "--rescoring", "joint", "--candidates", 3),
        *("--json", output, "--html", page, "--figures", folder),
    )
    assert result.exit_code == 0, result.output
    for words in ("measured, all spectra", "control: peaks exchanged", "longest silent run",
                  "left_out.mgf", "difference to the first"):  # fmt: skip
        assert words in result.stdout, words
    first, second = json.loads(output.read_text()).values()
    names = ["simulated, clean", "simulated, noisy", "three.mgf", "all"]
    # What was trained without a curriculum is shown the simulated spectra of what was.
    assert [each["name"] for each in first["sets"]] == names
    assert [each["name"] for each in second["sets"]] == names
    assert [each["n_spectra"] for each in first["sets"]] == [3] * 4
    assert [each["name"] for each in first["control"]] == ["three.mgf", "all"]
    assert [row["peptide"] for row in first["spectra"]["three.mgf"]] == list(PEPTIDES)
    assert [row["peptide"] for row in first["control_spectra"]["three.mgf"]] == list(PEPTIDES)
    assert first["difference"] == []
    assert [each["name"] for each in second["difference"]] == names
    assert all(each["peptide_recall"] == 0 for each in second["difference"])  # the same network
    assert first["training"]["excluded"] == ["left_out.mgf"]
    assert page.read_text().count("<img") == 5
    pictures = {
        "gap.png",
        *(f"{n}_{k}.png" for n in ("groups", "precision_coverage") for k in "12"),
    }
    assert {path.name for path in folder.iterdir()} == pictures


def test_without_simulated_spectra_only_files_are_read(networks, mgf, tmp_path):
    output = tmp_path / "a.json"
    result = invoke(mgf, "--checkpoint", networks[1], "--simulated", 0, "--json", output)
    assert result.exit_code == 0, result.output
    (found,) = json.loads(output.read_text()).values()
    assert [each["name"] for each in found["sets"]] == ["three.mgf", "all"]
    assert found["control"] == []
    assert "is not recorded" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--once", "other.mgf"], "other.mgf names none of the files"),
        (["--simulated", "-1"], "--simulated must be at least 0"),
        (["--checkpoint", "{checkpoint}"], "a checkpoint is given twice"),
        (["--checkpoint", "absent.ckpt"], "absent.ckpt"),
        (["--rescoring", "full"], "holds no reranker"),
    ],
)
def test_a_fault_is_one_sentence_and_nothing_is_written(
    networks, mgf, tmp_path, arguments, sentence
):
    output = tmp_path / "a.json"
    filled = [argument.format(checkpoint=networks[1]) for argument in arguments]
    result = invoke(mgf, "--checkpoint", networks[1], *filled, "--json", output)
    assert result.exit_code == 1
    assert sentence in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output
    assert not output.exists()
