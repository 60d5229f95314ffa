import pytest
import torch

from denovo.errors import InputError
from denovo.training.callbacks import AtomicCheckpointIO


class Unwritable:
    def __reduce__(self):
        raise OSError(28, "No space left on device")


def test_a_checkpoint_is_written_whole(tmp_path):
    path = tmp_path / "new" / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint({"step": 1, "weights": torch.ones(3)}, path)
    assert torch.load(path, weights_only=True)["step"] == 1


def test_a_failed_save_leaves_the_old_checkpoint_and_nothing_else(tmp_path):
    path = tmp_path / "last.ckpt"
    saver = AtomicCheckpointIO()
    saver.save_checkpoint({"step": 1}, path)
    with pytest.raises(OSError, match="space"):
        saver.save_checkpoint({"weights": torch.ones(1000), "odd": Unwritable()}, path)
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file"):
        AtomicCheckpointIO().save_checkpoint({"step": 1}, tmp_path / "file" / "last.ckpt")
