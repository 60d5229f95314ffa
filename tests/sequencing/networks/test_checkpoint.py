"""Checkpoints are read without trusting them."""

import os

import pytest
import torch

from denovo.chemistry import ResidueAlphabet, Vocabulary
from denovo.errors import InputError
from denovo.sequencing.networks import load_sequencer, read_checkpoint


class Attack:
    def __reduce__(self):
        return os.system, ("touch attacked",)


def checkpoint(vocabulary: Vocabulary, target="denovo.models.EvidenceSequencer"):
    return {
        "state_dict": {},
        "denovo": {
            "vocabulary": vocabulary.state(),
            "config": {
                "residues": {
                    "_target_": "denovo.chemistry.ResidueAlphabet",
                    "name": "two",
                    "residues": ["G", "A"],
                },
                "model": {"_target_": target},
                "data": {"n_peaks": 10},
            },
        },
    }


def save(content, path):
    torch.save(content, path)
    return path


def test_code_in_a_checkpoint_is_not_run(tmp_path, monkeypatch, canonical):
    monkeypatch.chdir(tmp_path)
    path = save(checkpoint(canonical) | {"extra": Attack()}, tmp_path / "bad.ckpt")
    with pytest.raises(InputError, match="refused"):
        load_sequencer(path)
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "denovo.chemistry.vocabulary.torch.load",
        "denovo.models.evidence.sequencer.torch.hub.load",
        "denovo.spectra.sequencer_protocol.Sequencer",
    ],
)
def test_only_sequencers_of_this_package_are_built(tmp_path, canonical, target):
    path = save(checkpoint(canonical, target=target), tmp_path / "bad.ckpt")
    content = checkpoint(canonical, target=target)
    content["denovo"]["vocabulary"] = Vocabulary(ResidueAlphabet("two", ["G", "A"])).state()
    save(content, path)
    with pytest.raises(InputError, match="refused"):
        load_sequencer(path)


def test_strings_in_a_checkpoint_stay_strings(tmp_path):
    vocabulary = Vocabulary(ResidueAlphabet("two", ["G", "A"]))
    content = checkpoint(vocabulary)
    attack = "${oc.create:{_target_: os.mkdir, path: attacked}}"
    content["denovo"]["config"]["model"]["direction"] = attack
    with pytest.raises(
        InputError, match=r"config\.model\.direction must be 'forward' or 'backward', got"
    ):
        load_sequencer(save(content, tmp_path / "bad.ckpt"))


def test_a_checkpoint_of_another_alphabet_is_named(tmp_path, canonical):
    path = save(checkpoint(canonical), tmp_path / "other.ckpt")
    with pytest.raises(InputError, match="another alphabet"):
        load_sequencer(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"not a checkpoint", b"PK\x03\x04damaged"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    path = tmp_path / "damaged.ckpt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged\.ckpt"):
        read_checkpoint(path)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.ckpt"):
        read_checkpoint(tmp_path / "nowhere.ckpt")


def test_somebody_elses_checkpoint_is_named(tmp_path):
    for content in ({"state_dict": {}}, {"state_dict": {}, "denovo": {}}, torch.zeros(2)):
        with pytest.raises(InputError, match="not written by denovo"):
            read_checkpoint(save(content, tmp_path / "other.ckpt"))
