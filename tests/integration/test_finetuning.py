"""Fine-tuning in small: from either kind of file, interrupted, with a new residue."""

import json

import pytest
import torch

from denovo.chemistry import Vocabulary, mass_to_mz
from denovo.errors import InputError, Stopped
from denovo.sequencing.networks import load_model, load_sequencer, write_exported
from denovo.sequencing.networks.loading import SHIPPED
from denovo.training import configuration
from denovo.training.callbacks import StageHistory
from denovo.training.configuration import build
from denovo.training.fine_tuning import prepare_config
from denovo.training.modifications import modified
from denovo.training.signals import watch
from tests.helpers.altered_networks import CHANGES, forge
from tests.integration.test_going_on import kill_at
from train import fit, train

SHORT = (
    "size.steps_per_stage=1", "callbacks.last.every_n_train_steps=7",
    "trainer.val_check_interval=5", "decoder.max_length=10",
)  # fmt: skip
PHOSPHO = ("modify=Phospho@S:0.3", r"+finetune.initialise_from={S\[UNIMOD\:21\]: T}")


@pytest.fixture
def labelled(composed, tmp_path):
    """Spectra of peptides that are long enough for a batch."""
    vocabulary = Vocabulary(build(composed().residues))
    text = []
    for number in range(30):
        peptide = "".join("GASPVTLNDQEMHFYW"[(number * (i + 3)) % 16] for i in range(8)) + "K"
        mz = mass_to_mz(vocabulary.peptide_mass(vocabulary.encode(peptide)), 2)
        peaks = "".join(f"{200 + 31.7 * i + number} {i + 1}\n" for i in range(12))
        head = f"BEGIN IONS\nTITLE={number}\nPEPMASS={mz}\nCHARGE=2+\n"
        text.append(f"{head}SEQ={peptide}\n{peaks}END IONS\n")
    path = tmp_path / "labelled.mgf"
    path.write_text("".join(text))
    return path


def settings_of(composed, run_dir, labelled, start, *more):
    overrides = (f"run_dir={run_dir}", f"ckpt_path={start}", f"data.train={labelled}")
    return composed("+experiment=finetune", *SHORT, *overrides, *more)


def finetuned(composed, tmp_path, name, labelled, start, *more):
    train(settings_of(composed, tmp_path / name, labelled, start, *more))
    return tmp_path / name


def weights_of(path):
    return load_sequencer(path)[0].state_dict()


@pytest.mark.slow
def test_weights_are_adapted_and_both_kinds_of_spectra_are_scored(
    composed, tmp_path, labelled, monkeypatch
):
    fit(composed(f"run_dir={tmp_path / 'start'}", *SHORT, "logger=none"))
    start = tmp_path / "start" / "checkpoints" / "last.ckpt"
    arguments = (composed, tmp_path)
    # The network is that of the file, whatever the configuration says.
    whole = finetuned(*arguments, "whole", labelled, start, "size.d_state=32")
    found = json.loads((whole / "finetune.json").read_text())["networks"]
    names = ["simulated, noisy", "simulated, clean", "measured"]
    for network in (found["before"], found["after"]):
        assert [scored["name"] for scored in network["sets"]] == names
    assert [change["name"] for change in found["after"]["differences"]] == names
    of_start, after = weights_of(start), weights_of(whole / "model.safetensors")
    assert {name: w.shape for name, w in of_start.items()} == {n: w.shape for n, w in after.items()}
    assert any(not torch.equal(after[name], weights) for name, weights in of_start.items())
    # Its own checkpoint is gone on with: step, optimizer and all.
    with monkeypatch.context() as patched:
        kill_at(patched, StageHistory, "on_train_batch_end", 7)
        with pytest.raises(Stopped):
            finetuned(*arguments, "cut", labelled, start, "logger=none")
    watch.asked = None
    cut = tmp_path / "cut" / "checkpoints" / "last.ckpt"
    assert torch.load(cut, weights_only=True)["global_step"] == 7
    resumed = fit(
        prepare_config(settings_of(composed, tmp_path / "resumed", labelled, cut, "logger=none"))
    )
    for name, weights in resumed.system.sequencer.state_dict().items():
        assert torch.equal(weights, after[name])
    # An exported network is a start, and a residue may be new.
    exported = whole / "model.safetensors"
    new = finetuned(*arguments, "new", labelled, exported, *PHOSPHO, "logger=none")
    assert "S[UNIMOD:21]" in load_sequencer(new / "model.safetensors")[0].vocabulary.index


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["data.train=a.mgf"], "ckpt_path=FILE.ckpt"),
        (["ckpt_path=hcd"], "data.train=FILE.mgf"),
    ],
)
def test_what_fine_tuning_cannot_do_without_is_asked_for(composed, overrides, named):
    with pytest.raises(InputError, match=named):
        train(composed("+experiment=finetune", *overrides))


def as_pair(folder, alter):
    """Change the copy of the description alone, as an editor does."""
    path = folder / "stranger.safetensors"
    path.write_bytes(SHIPPED.read_bytes())
    description = json.loads(SHIPPED.with_suffix(".json").read_text())
    alter(description["config"])
    path.with_suffix(".json").write_text(json.dumps(description))
    return path


def as_forged_pair(folder, alter):
    return forge(SHIPPED, folder / "stranger.safetensors", lambda d: alter(d["config"]))


def as_checkpoint(folder, alter):
    model = load_model()
    config = json.loads(json.dumps(model.config))
    alter(config)
    weights = {f"sequencer.{k}": v for k, v in model.sequencer.state_dict().items()}
    described = {"vocabulary": model.sequencer.vocabulary.state(), "config": config}
    torch.save({"state_dict": weights, "denovo": described}, folder / "stranger.ckpt")
    return folder / "stranger.ckpt"


def as_another_export(folder, alter):
    model = load_model()
    config = json.loads(json.dumps(model.config))
    alter(config)
    write_exported(folder / "stranger.safetensors", model.sequencer, config, {}, {})
    return folder / "stranger.safetensors"


@pytest.mark.parametrize("form", [as_pair, as_forged_pair, as_checkpoint, as_another_export])
def test_a_stranger_s_network_runs_no_code(composed, tmp_path, monkeypatch, form):
    monkeypatch.chdir(tmp_path)
    target = CHANGES["target"]
    planted = {"use_remaining": target, "ions": [target], "direction": "${oc.env:HOME}"}
    for setting, value in planted.items():
        with pytest.raises(InputError, match=rf"config\.model\.{setting}"):
            start_from(
                form(tmp_path, lambda c, p=(setting, value): c["model"].update([p])), composed
            )
        assert {path.suffix for path in tmp_path.iterdir()} <= {".safetensors", ".json", ".ckpt"}


def start_from(path, composed):
    train(composed("+experiment=finetune", f"ckpt_path={path}", "data.train=a.mgf"))


def test_fine_tuning_starts_from_no_path_that_hydra_would_replace(composed, tmp_path):
    path = as_checkpoint(tmp_path, lambda c: c.update(finetune={"weights": "${oc.env:HOME}"}))
    with pytest.raises(InputError, match=r"config\.finetune\.weights"):
        start_from(path, composed)


def test_simulated_spectra_are_those_of_the_training_of_the_network(composed):
    cfg = prepare_config(composed("+experiment=finetune", "ckpt_path=cid", "data.train=a.mgf"))
    of_cid = composed("+experiment=cid")
    for name in ("peptides", "simulator", "noise"):
        assert dict(cfg[name]) == dict(of_cid[name])
    assert cfg.data.sources.recipe.digest == of_cid.data.sources.recipe.digest
    assert cfg.curriculum.base.noise.low_mass_cutoff > 0


def test_the_alphabet_is_that_of_the_network_and_may_grow(composed):
    start = ("+experiment=finetune", "ckpt_path=free-cysteine", "data.train=a.mgf")
    cfg = modified(prepare_config(composed(*start, "modify=Phospho@STY:0.15")))
    names = set(cfg.residues.residues)
    assert {"C", "C[UNIMOD:6]", "S[UNIMOD:21]"} <= names
    assert cfg.data.sources.recipe.precursors.modifications["C[UNIMOD:6]"] == 0.15


def test_the_command_line_decides_before_the_network(composed, monkeypatch):
    given = ["noise=measured", "peptides.max_length=30"]
    monkeypatch.setattr(configuration, "command_line", lambda: given)
    start = ("+experiment=finetune", "ckpt_path=cid", "data.train=a.mgf", *given)
    cfg = prepare_config(composed(*start))
    assert cfg.noise.low_mass_cutoff == 0
    assert (cfg.peptides.max_length, cfg.peptides.semi) == (30, 0.0)
    monkeypatch.setattr(configuration, "command_line", lambda: ["noise=measured"])
    assert prepare_config(composed(*start[:3], "noise=measured")).noise.low_mass_cutoff == 0


def test_files_that_are_left_out_leave_the_rest_to_the_network(composed):
    start = ("+experiment=finetune", "ckpt_path=cid", "data.train=a.mgf")
    cfg = prepare_config(composed(*start, "data.sources.recipe.exclude=[b.fasta]"))
    assert cfg.data.sources.recipe.digest.max_length == 25
    assert list(cfg.data.sources.recipe.exclude) == ["b.fasta"]


def test_another_experiment_decides_before_the_network(composed):
    cfg = prepare_config(
        composed("+experiment=[finetune,tmt]", "ckpt_path=hcd", "data.train=a.mgf")
    )
    of_tmt = composed("+experiment=tmt")
    for name in ("peptides", "simulator", "variable_modifications"):
        assert dict(cfg[name]) == dict(of_tmt[name])


def test_an_alphabet_that_hydra_would_replace_is_refused(composed, tmp_path):
    def alter(config):
        config["residues"]["modifications"]["UNIMOD:4"]["name"] = "${oc.env:HOME}"

    with pytest.raises(InputError, match=r"has a meaning to Hydra|config\.residues"):
        start_from(as_another_export(tmp_path, alter), composed)


def test_hydra_sees_a_known_name_and_plain_values(composed):
    cfg = prepare_config(composed("+experiment=finetune", "ckpt_path=hcd", "data.train=a.mgf"))
    assert cfg.fragment_tolerance == "20 ppm"
    settings = dict(cfg.model)
    assert settings.pop("_target_") == "denovo.models.EvidenceSequencer"
    assert settings.pop("_convert_") == "all"
    for value in settings.values():
        entries = [value] if isinstance(value, str | int | bool) else list(value)
        assert all(isinstance(entry, str | int | bool) for entry in entries)
