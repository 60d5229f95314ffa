"""Files of torch are compared with their own checksums and sizes."""

import zipfile

import pytest
import torch

from denovo.errors import InputError
from denovo.io.torch_files import check_torch_file
from denovo.sequencing.networks import read_checkpoint


def save(path, **more):
    weights = {"sequencer.w": torch.arange(600.0)}
    torch.save({"state_dict": weights, "denovo": {"config": {}, "vocabulary": {}}, **more}, path)
    return path


def repacked(path, target, compression=zipfile.ZIP_STORED, repeat=1):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", compression) as new:
        for entry in old.infolist():
            for _ in range(repeat):
                new.writestr(entry.filename, old.read(entry))
    return target


def test_no_flipped_bit_is_read_as_something_else(tmp_path):
    path = save(tmp_path / "a.ckpt")
    content, expected = path.read_bytes(), torch.arange(600.0)
    n_refused = 0
    for place in range(0, len(content), 11):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            found = read_checkpoint(path)["state_dict"]["sequencer.w"]
        except InputError:
            n_refused += 1
        else:
            assert torch.equal(found, expected)
    assert n_refused > 200


def test_a_damaged_entry_is_named(tmp_path):
    path = save(tmp_path / "a.ckpt")
    content = bytearray(path.read_bytes())
    content[content.index(torch.arange(600.0).numpy().tobytes()) + 100] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.ckpt is damaged: its entry .*data/0 does not agree"):
        check_torch_file(path)


@pytest.mark.parametrize("n_bytes", [0, 10, 500, 2000])
def test_a_part_of_a_file_is_refused(tmp_path, n_bytes):
    path = save(tmp_path / "a.ckpt")
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(InputError, match="is no checkpoint, or is damaged"):
        check_torch_file(path)


def test_compressed_entries_are_refused(tmp_path):
    path = repacked(save(tmp_path / "a.ckpt"), tmp_path / "b.ckpt", zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match="in a way that torch never writes"):
        check_torch_file(path)


def test_a_view_larger_than_the_file_is_refused(tmp_path):
    path = save(tmp_path / "a.ckpt", more=torch.zeros(1).expand(10**6, 10**6))
    with pytest.raises(InputError, match="far larger than the file"):
        read_checkpoint(path)


def test_references_that_multiply_content_are_refused(tmp_path):
    laughs = ["ha"]
    for _ in range(30):
        laughs = [laughs] * 10
    with pytest.raises(InputError, match="far larger than the file"):
        read_checkpoint(save(tmp_path / "a.ckpt", more=laughs))


def test_content_that_holds_itself_is_refused(tmp_path):
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InputError, match="nested too deeply"):
        read_checkpoint(save(tmp_path / "a.ckpt", more=loop))
