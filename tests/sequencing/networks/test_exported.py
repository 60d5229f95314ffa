"""Networks that are passed on: one file and a copy to read, no pickle, no mixtures."""

import contextlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from denovo.errors import InputError
from denovo.models import EvidenceSequencer
from denovo.sequencing import Calibration
from denovo.sequencing.export import export_checkpoint
from denovo.sequencing.fitting import known_spectra, training_noise
from denovo.sequencing.networks import load_model, load_sequencer, write_exported
from denovo.spectra.batch import Spectra
from tests.helpers.calibrations import fixed_calibration
from tests.helpers.rerankers import linear_reranker
from tests.helpers.tiny_training import CONFIG, small_system, small_trainer, two_stages


@pytest.fixture(scope="module")
def checkpoint(canonical, tmp_path_factory):
    """An untrained network as training would have written it."""
    path = tmp_path_factory.mktemp("run") / "best.ckpt"
    trainer = small_trainer(two_stages())
    trainer.strategy.connect(small_system(canonical))
    trainer.save_checkpoint(path, weights_only=True)
    return path


def spectra():
    mz = torch.linspace(100, 900, 20).repeat(2, 1)
    masses = torch.tensor([900.0, 1200.0], dtype=torch.float64)
    return Spectra(mz, mz / 900, mz > 0, masses, torch.tensor([2, 3]))


def logits(sequencer):
    state = sequencer.initial_state(spectra())
    return sequencer.next_residue_logits(state, torch.ones(2, dtype=torch.int64))[0]


def test_an_exported_network_says_what_its_checkpoint_says(checkpoint, tmp_path):
    model = export_checkpoint(checkpoint, tmp_path / "model.safetensors", 0, record={"steps": 3})
    sequencer, _ = load_sequencer(checkpoint)
    with torch.no_grad():
        assert torch.equal(logits(model.sequencer), logits(sequencer))
    assert model.n_peaks == CONFIG["data"]["n_peaks"]
    assert model.record["steps"] == 3
    assert model.calibrations == {}
    again = load_model(tmp_path / "model.json")
    assert again.sequencer.vocabulary == model.sequencer.vocabulary


def test_the_summary_of_a_run_tells_where_a_network_comes_from(checkpoint, tmp_path):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    copied = shutil.copy(checkpoint, folder / "last.ckpt")
    summary = tmp_path / "summary.json"
    summary.write_text(json.dumps({"steps": 12, "store_hash": "abc", "checkpoint": "/somewhere"}))
    model = export_checkpoint(copied, tmp_path / "model.safetensors", 0)
    assert model.record["steps"] == 12
    assert model.record["store_hash"] == "abc"
    assert "checkpoint" not in model.record
    summary.write_text("{not json")
    assert "steps" not in export_checkpoint(copied, tmp_path / "other.safetensors", 0).record


def test_calibrations_come_back(checkpoint, tmp_path):
    sequencer, config = load_sequencer(checkpoint)
    calibration = fixed_calibration(0.5, {"n_held_out": 3}, length=0.3)
    path = tmp_path / "model.safetensors"
    write_exported(path, sequencer, config, {"greedy": calibration.state()}, {})
    state = load_model(path).calibrations["greedy"]
    assert Calibration.from_state(state).state() == calibration.state()


def test_no_path_of_this_machine_is_passed_on(checkpoint, tmp_path):
    sequencer, config = load_sequencer(checkpoint)
    path = tmp_path / "model.safetensors"
    write_exported(path, sequencer, config | {"run_dir": "/home/someone"}, {}, {})
    assert "/home/someone" not in path.with_suffix(".json").read_text()


def test_what_probabilities_are_fitted_to_is_passed_on(checkpoint, tmp_path):
    sequencer, config = load_sequencer(checkpoint)
    weights = {"weights": {"token": 1.0}, "noise": {"noisy_fraction": 0.5, "rounding": 0.2}}
    stages = [{"name": "all", "start": 0, "end": 1, **weights}]
    recipe = {"digest": {"max_length": 9}, "exclude": ["/home/someone/a.mgf"]}
    recipe |= {"proteome": {"path": "/home/someone/b.fasta"}}
    config |= {"curriculum": {"stages": stages}}
    config["data"] = config["data"] | {"sources": {"recipe": recipe, "root": "/home/someone"}}
    path = tmp_path / "model.safetensors"
    write_exported(path, sequencer, config, {}, {})
    again = load_model(path)
    assert training_noise(again.config) == replace(training_noise(config), noisy_fraction=1.0)
    assert training_noise(again.config).rounding == 0.2
    lengths = known_spectra(again.sequencer.vocabulary, again.config, 20).lengths
    assert max(lengths) <= 9
    kept = again.config["data"]["sources"]["recipe"]
    assert (kept["exclude"], kept["proteome"]) == (["a.mgf"], {"path": "b.fasta"})
    assert "/home/someone" not in path.with_suffix(".json").read_text()


@pytest.fixture
def exported(checkpoint, tmp_path):
    path = tmp_path / "model.safetensors"
    export_checkpoint(checkpoint, path, 0)
    return path


def test_the_copy_of_the_description_is_not_needed(exported):
    before = load_model(exported)
    exported.with_suffix(".json").unlink()
    assert load_model(exported).config == before.config


def test_the_copy_of_another_description_is_not_used(exported, canonical, tmp_path, caplog):
    other = tmp_path / "other.safetensors"
    write_exported(other, *evidence(canonical, "forward", 0), {}, {})
    shutil.copy(other.with_suffix(".json"), exported.with_suffix(".json"))
    model = load_model(exported)
    assert model.config["model"]["_target_"] == "denovo.models.TransformerSequencer"
    assert "model.json describes another network than" in caplog.text


def test_weights_without_their_description_are_refused(exported):
    with pytest.raises(InputError, match=r"there is no .*model\.safetensors"):
        load_model(exported.rename(exported.with_name("a.safetensors")).with_name("model.json"))


@pytest.mark.parametrize("n_bytes", [0, 7, 8, 200, 20_000])
def test_a_part_of_a_network_is_refused(exported, n_bytes):
    exported.write_bytes(exported.read_bytes()[:n_bytes])
    with pytest.raises(InputError, match=r"model\.safetensors"):
        load_model(exported)


def test_no_flipped_bit_gives_other_weights(exported):
    content, expected = exported.read_bytes(), load_model(exported)
    for place in range(0, len(content), len(content) // 60):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        exported.write_bytes(damaged)
        with contextlib.suppress(InputError):
            found = load_model(exported)
            assert found.config == expected.config
            for name, weights in found.sequencer.state_dict().items():
                assert torch.equal(weights, expected.sequencer.state_dict()[name])


def test_a_description_of_an_earlier_format_asks_for_another_export(exported):
    path = exported.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    with pytest.raises(InputError, match="export the checkpoint again"):
        load_model(exported)


def test_an_export_that_is_cut_off_leaves_the_earlier_network_or_the_new_one(canonical, tmp_path):
    path, seen, statuses = tmp_path / "model.safetensors", [], []
    earlier, new = (evidence(canonical, "forward", seed) for seed in (0, 1))
    for number in range(20):
        write_exported(path, *earlier, {}, {"name": "earlier"})
        statuses.append(killed_at_step(number, write_exported, path, *new, {}, {"name": "new"}))
        model = load_model(path)
        seen.append(model.record["name"])
        written, _ = new if seen[-1] == "new" else earlier
        with torch.no_grad():
            assert torch.equal(logits(model.sequencer), logits(written))
    assert seen == sorted(seen)
    assert set(seen) == {"earlier", "new"}
    assert statuses == sorted(statuses, reverse=True)
    assert set(statuses) == {KILLED, 0}


KILLED = 9


def killed_at_step(number, function, *arguments):
    """Call a function in a child that dies right after a file operation; return its status."""
    child = os.fork()
    if child == 0:
        steps = [(os, "replace"), (os, "fsync"), (Path, "write_bytes"), (Path, "write_text")]
        left = [number]
        for place, name in [*steps, (Path, "unlink")]:
            setattr(place, name, dies_after(getattr(place, name), left))
        function(*arguments)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dies_after(step, left):
    def call(*arguments, **options):
        found = step(*arguments, **options)
        if left[0] == 0:
            os._exit(KILLED)
        left[0] -= 1
        return found

    return call


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "1"}', "\x00"])
def test_a_description_that_is_none_is_refused(exported, text):
    exported.with_suffix(".json").write_text(text)
    with pytest.raises(InputError, match=r"JSON|does not describe"):
        load_model(exported)


def test_a_later_format_asks_for_an_update(exported):
    path = exported.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(InputError, match="update denovo"):
        load_model(exported)


def test_a_description_cannot_have_anything_built(exported):
    path = exported.with_suffix(".json")
    content = json.loads(path.read_text())
    content["config"]["model"]["_target_"] = "os.system"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="refused"):
        load_model(exported)


def test_other_endings_are_refused_before_anything_is_written(checkpoint, tmp_path):
    with pytest.raises(InputError, match="safetensors"):
        export_checkpoint(checkpoint, tmp_path / "model.bin", 0)
    assert list(tmp_path.iterdir()) == []


def evidence(vocabulary, direction, seed):
    torch.manual_seed(seed)
    node = {"_target_": "denovo.models.EvidenceSequencer", "direction": direction, "d_state": 8}
    settings = {key: value for key, value in node.items() if key != "_target_"}
    sequencer = EvidenceSequencer(vocabulary, **settings).eval()
    return sequencer, CONFIG | {"model": node}


def test_networks_that_read_together_come_back_in_order(canonical, tmp_path):
    forward, of_forward = evidence(canonical, "forward", 0)
    backward, of_backward = evidence(canonical, "backward", 1)
    path = tmp_path / "both.safetensors"
    rerankers = {"joint": linear_reranker(("a", "b"), {"simulator": "HCDch2"}, b=0.5).state()}
    others = [(backward, of_backward)]
    write_exported(path, forward, of_forward, {}, {}, others=others, rerankers=rerankers)
    model = load_model(path)
    assert [s.direction for s in model.sequencers] == ["forward", "backward"]
    for sequencer, expected in zip(model.sequencers, (forward, backward), strict=True):
        with torch.no_grad():
            assert torch.equal(logits(sequencer), logits(expected))
    assert model.rerankers == rerankers
    again = export_checkpoint(path, tmp_path / "again.safetensors", 0)
    assert [s.direction for s in again.sequencers] == ["forward", "backward"]


def test_networks_that_do_not_go_together_are_refused(checkpoint, exported, canonical, tmp_path):
    path = tmp_path / "pair.safetensors"
    with pytest.raises(InputError, match=r"one checkpoint of model\.direction=forward"):
        export_checkpoint(checkpoint, path, 0, others=[exported])
    backward, config = evidence(canonical, "backward", 1)
    other = tmp_path / "backward.safetensors"
    write_exported(other, backward, config | {"data": {"n_peaks": 7}}, {}, {})
    with pytest.raises(InputError, match=r"the same data\.n_peaks"):
        export_checkpoint(checkpoint, path, 0, others=[other])
    assert not path.exists()


def test_the_network_that_reads_forward_comes_first(checkpoint, canonical, tmp_path):
    backward, config = evidence(canonical, "backward", 1)
    other = tmp_path / "backward.safetensors"
    settings = config | {"data": CONFIG["data"]}
    write_exported(other, backward, settings, {}, {})
    path = tmp_path / "both.safetensors"
    model = export_checkpoint(other, path, 0, others=[checkpoint])
    assert [s.direction for s in model.sequencers] == ["forward", "backward"]
    assert model.config["model"]["_target_"] == "denovo.models.TransformerSequencer"
