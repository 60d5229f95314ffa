"""Networks that a stranger altered, through sequencing and through the start of fine-tuning."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from omegaconf import DictConfig
from safetensors.torch import load

from denovo.chemistry import Vocabulary
from denovo.errors import message_of
from denovo.io import open_spectra
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks import load_model
from denovo.sequencing.networks.loading import SHIPPED
from denovo.spectra.measured import Rejected
from denovo.training.configuration import build
from denovo.training.fine_tuning import load_start_weights, prepare_config
from tests.faults import record
from tests.helpers.altered_networks import (
    POISONS,
    Trap,
    altered_descriptions,
    compact,
    forge,
    poison,
)
from tests.helpers.fake_model import mgf_of
from tests.integration.conftest import composed_in

KIND = "altered networks"
Use = Callable[[Path], None]


@pytest.fixture(params=["sequencing", "fine-tuning"])
def use(
    request: pytest.FixtureRequest,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Use:
    """What is done with a network, in a folder that holds nothing else."""
    folder = tmp_path / "networks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    spectra = mgf_of(tmp_path / "a.mgf", 1)
    chosen = ("+experiment=finetune", f"data.train={spectra}", "ckpt_path=hcd")
    config = composed_in(root, tmp_path / "stores", tmp_path / "run", *chosen)

    def sequence(path: Path) -> None:
        pipeline = SequencingSettings(decoder="greedy", rescoring="none").pipeline(load_model(path))
        (found,) = pipeline(open_spectra([spectra]))
        assert not isinstance(found, Rejected)
        prediction = pipeline.prediction(*found)
        number = prediction.log_probability if prediction.has_answer else 0.0
        record.check(KIND, "silent corruptions", math.isfinite(number), prediction)

    return sequence if request.param == "sequencing" else lambda path: fine_tune(config, path)


def fine_tune(config: DictConfig, path: Path) -> None:
    """Do what the start of fine-tuning does with a network."""
    chosen = config.copy()
    chosen.ckpt_path = str(path)
    begun = prepare_config(chosen)
    sequencer = build(begun.model, vocabulary=Vocabulary(build(begun.residues)))
    load_start_weights(begun, sequencer)


def drill(use: Use, path: Path, what: object) -> bool:
    """Use a network, and return whether it was taken."""
    record.tried[KIND] += 1
    is_taken = True
    try:
        use(path)
    except Exception as error:
        sentence, is_taken = message_of(error), False
        is_one = sentence is not None and "\n" not in sentence
        record.check(KIND, "tracebacks", is_one, (what, repr(error)))
    left = {entry.name for entry in Path.cwd().iterdir()}
    record.check(KIND, "code run", left <= {path.name, "m.json"}, (what, left))
    return is_taken


def altered() -> Iterator[tuple[str, str, dict]]:
    """Yield a hundred descriptions with one value altered."""
    description = compact(json.loads(SHIPPED.with_suffix(".json").read_text()))
    found = list(altered_descriptions(description, every_change=False))
    yield from found[:: len(found) // 100]


@pytest.mark.faults
def test_an_altered_network_runs_no_code_and_is_used_or_refused(use: Use) -> None:
    outcomes = []
    for place, change, content in altered():
        path = forge(SHIPPED, Path("m.safetensors"), lambda d, c=content: d.update(c))
        outcomes.append(drill(use, path.absolute(), (place, change)))
    assert len(outcomes) >= 40
    assert not all(outcomes)


@pytest.mark.faults
def test_poisoned_weights_are_used_or_refused_in_one_sentence(use: Use) -> None:
    names = sorted(load(SHIPPED.read_bytes()))
    refused = set()
    for number, change in enumerate([*POISONS] * 3):
        name = names[number * len(names) // (3 * len(POISONS))]
        path = poison(SHIPPED, Path("m.safetensors"), name, change)
        if not drill(use, path.absolute(), (name, change)):
            refused.add(change)
    assert refused >= {"wide", "empty", "missing"}


@pytest.mark.faults
@pytest.mark.parametrize("place", ["", "denovo", "state_dict", "config"])
def test_a_checkpoint_with_a_trap_is_refused(use: Use, place: str) -> None:
    model = load_model()
    described = {"vocabulary": model.sequencer.vocabulary.state(), "config": dict(model.config)}
    weights = {f"sequencer.{k}": v for k, v in model.sequencer.state_dict().items()}
    content = {"state_dict": weights, "denovo": described, place: Trap()}
    if place == "config":
        described["config"]["model"] = Trap()
    torch.save(content, "m.ckpt")
    assert not drill(use, Path("m.ckpt").absolute(), place)
