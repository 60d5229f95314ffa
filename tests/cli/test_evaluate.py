"""The `denovo` command, from files to files."""

import csv
import json

import pytest
import torch
from typer.testing import CliRunner

from denovo.cli import app
from denovo.sequencing.networks import load_model, write_exported
from denovo.training.callbacks import CurriculumCallback
from tests.helpers.calibrations import fixed_calibration
from tests.helpers.tiny_training import train_small, two_stages

ENTRY = """BEGIN IONS
TITLE={title}
PEPMASS={mz}
CHARGE=2+
SEQ={peptide}
147.113 0.5
205.097 1.0
376.2 0.25
END IONS
"""
# m/z of [M+2H]2+, from pyteomics.mass.calculate_mass.
GOOD = {"GASPVTK": 323.182, "PEPTIDEK": 464.735}
SMALL_STORE = ("size.n_peptides=60", "size.n_proteins=10", "data.sources.processes=1")


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def sentence_of(*arguments):
    """Run a command that must fail with one sentence."""
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert result.stderr.splitlines()[-1] == errors[0]
    return errors[0]


def listing(result):
    """Take what stands below the progress bar."""
    return result.stdout[result.stdout.index("store  ") :].splitlines()


def entry(peptide, mz=323.182):
    return ENTRY.format(title=f"scan of {peptide}", mz=mz, peptide=peptide)


@pytest.fixture(scope="module")
def checkpoint(canonical, tmp_path_factory):
    """What a training of four steps leaves."""
    path = tmp_path_factory.mktemp("trained") / "small.ckpt"
    curriculum = two_stages(2)
    trainer = train_small(canonical, curriculum, [CurriculumCallback(curriculum)])
    trainer.save_checkpoint(path, weights_only=False)
    return path


@pytest.fixture
def mgf(tmp_path):
    path = tmp_path / "good.mgf"
    path.write_text("".join(entry(peptide, mz) for peptide, mz in GOOD.items()))
    return path


@pytest.fixture(scope="module")
def calibrated(checkpoint, tmp_path_factory):
    """The same network with probabilities, all of them 0.5."""
    model = load_model(checkpoint)
    state = fixed_calibration(0.0).state()
    path = tmp_path_factory.mktemp("exported") / "model.safetensors"
    write_exported(path, model.sequencer, model.config, {"greedy": state}, {})
    return path


def test_evaluation_writes_figures_and_predictions(checkpoint, mgf, tmp_path):
    figures, rows = tmp_path / "figures.json", tmp_path / "rows.csv"
    result = invoke(
        *("evaluate", mgf, "--checkpoint", checkpoint, "--beam-width", 1),
        *("--json", figures, "--csv", rows),
    )
    assert result.exit_code == 0, result.output
    content = json.loads(figures.read_text(), parse_constant=pytest.fail)
    assert content["settings"]["decoder"] == "constrained"
    network = content["networks"][str(checkpoint)]
    (report,) = network["sets"]
    assert (report["name"], report["kind"]) == ("good.mgf", "measured")
    assert report["n_spectra"] == network["entries"]["n_entries"] == 2
    assert report["spectra_per_second"] > 0
    assert report["brier_score"] is None
    assert all(0 <= report[name] <= 1 for name in ("aa_precision", "peptide_recall"))
    with rows.open() as file:
        written = list(csv.DictReader(file))
    assert [row["title"] for row in written] == [f"scan of {peptide}" for peptide in GOOD]
    # I and L weigh the same, so what is compared has L for both.
    assert [row["annotation"] for row in written] == list(GOOD)
    assert [row["peptide"] for row in written] == ["GASPVTK", "PEPTLDEK"]
    for row in written:
        assert len(row["residues_right"]) == len([s for s in row["residue_scores"].split(",") if s])
    for name in ("AA precision", "peptide recall", "by length", "by precursor charge",
                 "by modification", "by site coverage", "missing sites in a row",
                 "Fate of all entries", "is not recorded"):  # fmt: skip
        assert name in result.stdout


def test_probabilities_have_their_error_and_their_pictures(calibrated, mgf, tmp_path):
    output, page = tmp_path / "figures.json", tmp_path / "page.html"
    curve = tmp_path / "curve.svg"
    result = invoke(
        *("evaluate", mgf, "--checkpoint", calibrated, "--json", output, "--html", page),
        *("--plot", curve, "--decoder", "greedy"),
    )
    assert result.exit_code == 0, result.output
    (network,) = json.loads(output.read_text())["networks"].values()
    (report,) = network["sets"]
    share = report["peptide_precision"]
    assert report["expected_calibration_error_equal_width"] == pytest.approx(abs(0.5 - share))
    assert report["brier_score"] == pytest.approx(0.25)
    assert "wrong, estimated" in result.stdout
    assert curve.read_text().startswith("<?xml")
    assert "expected calibration error" in page.read_text().lower()


NOISE = {"noisy_fraction": 0.5, "noise_peaks": 5.0}


@pytest.fixture(scope="module")
def noisy(checkpoint, tmp_path_factory):
    """The same network, exported with the noise that it might have been trained with."""
    model = load_model(checkpoint)
    stages = [{"name": "all", "start": 0, "end": 1, "weights": {"token": 1.0}, "noise": NOISE}]
    recipe = {"exclude": ["/home/someone/left_out.mgf"]}
    config = model.config | {"curriculum": {"stages": stages}}
    config["data"] = config["data"] | {"sources": {"recipe": recipe}}
    path = tmp_path_factory.mktemp("noisy") / "noisy.safetensors"
    write_exported(path, model.sequencer, config, {}, {})
    return path


def test_several_networks_and_all_kinds_of_sets_are_compared(noisy, checkpoint, tmp_path):
    path, output, folder = tmp_path / "four.mgf", tmp_path / "a.json", tmp_path / "pictures"
    peptides = {"GASPVTK": 330.1898, "PEPTLDEK": 464.7347, "SAMPLER": 402.2076, "SGK": 146.0768}
    path.write_text("".join(entry(peptide, mz) for peptide, mz in peptides.items()))
    result = invoke(
        *("evaluate", path, "--checkpoint", noisy, "--checkpoint", checkpoint),
        *("--simulated", 3, "--control", "--comparable", "--rescoring", "joint"),
        *("--candidates", 3, "--json", output, "--plot", folder),
    )
    assert result.exit_code == 0, result.output
    for words in ("control: shuffled peaks", "left_out.mgf", "difference to the first",
                  "spectra that were not selected | 1"):  # fmt: skip
        assert words in result.stdout, words
    first, second = json.loads(output.read_text())["networks"].values()
    names = ["simulated, clean", "simulated, noisy", "four.mgf"]
    # What was trained without a curriculum is shown the simulated spectra of what was.
    for network in (first, second):
        assert [each["name"] for each in network["sets"]] == [*names, "four.mgf"]
        assert [each["n_spectra"] for each in network["sets"]] == [3] * 4
    assert [each["kind"] for each in first["sets"]][2:] == ["measured", "control"]
    assert first["differences"] == []
    assert [each["name"] for each in second["differences"]] == names
    assert all(each["peptide_recall"] == 0 for each in second["differences"])  # the same network
    assert first["training"]["excluded"] == ["left_out.mgf"]
    pictures = {f"{name}_{k}.png" for name in ("groups", "precision_coverage") for k in "12"}
    assert {path.name for path in folder.iterdir()} == {"sets.png", *pictures}


def test_several_files_and_any_decoder_are_taken(checkpoint, mgf, tmp_path):
    other = tmp_path / "other.mgf"
    other.write_text(entry("GASPVTK"))
    output = tmp_path / "figures.json"
    for decoder in ("beam", "greedy"):
        result = invoke(
            *("evaluate", mgf, other, "--checkpoint", checkpoint, "--decoder", decoder),
            *("--beam-width", 3, "--json", output, "--threads", 1),
        )
        assert result.exit_code == 0, result.output
        (network,) = json.loads(output.read_text())["networks"].values()
        assert [row["name"] for row in network["sets"]] == ["good.mgf", "other.mgf", "all"]
        assert [row["n_spectra"] for row in network["sets"]] == [2, 1, 3]
        assert network["sets"][-1]["n_infeasible"] == 0


def test_an_unsupported_peptide_stops_the_command_or_is_left_out(checkpoint, tmp_path):
    path, output = tmp_path / "odd.mgf", tmp_path / "figures.json"
    path.write_text(entry("GASPVTK") + entry("GAS[Phospho]PK"))
    message = sentence_of("evaluate", path, "--checkpoint", checkpoint, "--json", output)
    for mention in ("odd.mgf", "line 10", "scan of GAS[Phospho]PK", "--unsupported skip"):
        assert mention in message
    assert not output.exists()
    skip = ("--unsupported", "skip", "--json", output)
    assert invoke("evaluate", path, "--checkpoint", checkpoint, *skip).exit_code == 0
    (network,) = json.loads(output.read_text())["networks"].values()
    report = network["entries"]
    assert (report["n_entries"], report["n_spectra"], report["n_skipped"]) == (2, 1, 1)
    assert report["skipped"][0]["title"] == "scan of GAS[Phospho]PK"


@pytest.mark.parametrize(
    ("content", "mention"),
    [
        ("not an MGF file\n", "line 1: expected BEGIN IONS"),
        (entry("GASPVTK").replace("END IONS\n", ""), "END IONS is missing"),
        (entry("GASPVTK").replace("SEQ=GASPVTK\n", ""), "1 have no peptide"),
        (entry("GASPVTK").replace("205.097 1.0", "205.097 much"), "line 7"),
        ("", "it is empty"),
    ],
)
def test_a_file_without_anything_to_compare_with_is_named(checkpoint, tmp_path, content, mention):
    path = tmp_path / "malformed.mgf"
    path.write_text(content)
    message = sentence_of("evaluate", path, "--checkpoint", checkpoint)
    assert "malformed.mgf" in message
    assert mention in message


def test_missing_files_are_named(checkpoint, mgf, tmp_path):
    missing = tmp_path / "nowhere.mgf"
    assert "nowhere.mgf" in sentence_of("evaluate", missing, "--checkpoint", checkpoint)
    missing = tmp_path / "nowhere.ckpt"
    assert "nowhere.ckpt" in sentence_of("evaluate", mgf, "--checkpoint", missing)


def test_a_file_of_another_kind_is_no_checkpoint(mgf, tmp_path):
    assert "good.mgf is " in sentence_of("evaluate", mgf, "--checkpoint", mgf)
    other = tmp_path / "other.ckpt"
    torch.save({"state_dict": {}}, other)
    assert "not written by denovo" in sentence_of("evaluate", mgf, "--checkpoint", other)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--threads", "0"),
        ("--beam-width", "0"),
        ("--batch-size", "0"),
        ("--simulated", "-1"),
        ("--sqrt-intensity", "other.mgf"),
        ("--one-per-precursor", "other.mgf"),
        ("--rescoring", "full"),
        ("--charges", "2;3"),
        ("--isotope-errors", "one"),
        ("--tolerance", "20"),
        ("--fragment-tolerance", "wide"),
        ("--device", "abacus"),
        ("--plot", "curve.gif"),
    ],
)
def test_an_option_that_cannot_be_is_named(checkpoint, mgf, option, value):
    assert value in sentence_of("evaluate", mgf, "--checkpoint", checkpoint, option, value)


def test_a_checkpoint_is_given_once(checkpoint, mgf):
    both = ("--checkpoint", checkpoint) * 2
    assert "a network is given twice" in sentence_of("evaluate", mgf, *both)


def test_what_is_read_is_never_written_over(checkpoint, mgf):
    before = mgf.read_text()
    message = sentence_of("evaluate", mgf, "--checkpoint", checkpoint, "--csv", mgf)
    assert "both read and written" in message
    assert mgf.read_text() == before


def test_a_store_is_built_once_and_found_again(tmp_path):
    first = invoke("simulate", "--output", tmp_path, *SMALL_STORE)
    assert first.exit_code == 0, first.output
    (store,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert str(store) in first.stdout
    counts = [line.split() for line in listing(first) if line.endswith(" spectra")]
    assert [split for split, *_ in counts] == ["train", "val", "test"]
    assert sum(int(count) for _, count, _ in counts) == 60
    before = {path: path.stat().st_mtime_ns for path in store.iterdir()}
    second = invoke("simulate", "--output", tmp_path, *SMALL_STORE)
    assert listing(second) == listing(first)
    assert {path: path.stat().st_mtime_ns for path in store.iterdir()} == before
    other = invoke("simulate", "--output", tmp_path, "--n-peptides", 50, *SMALL_STORE[1:])
    assert other.exit_code == 0
    assert listing(other) != listing(first)


def test_faults_of_a_simulation_are_one_sentence(tmp_path):
    missing = tmp_path / "nowhere.fasta"
    message = sentence_of("simulate", "--fasta", missing, "--output", tmp_path, *SMALL_STORE)
    assert "nowhere.fasta" in message
    assert "colour" in sentence_of("simulate", "colour=red", "--output", tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert "file" in sentence_of("simulate", "--output", tmp_path / "file" / "stores", *SMALL_STORE)
