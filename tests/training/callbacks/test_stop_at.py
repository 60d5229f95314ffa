"""A training that ends in the midst of its schedule."""

import torch

from denovo.training.callbacks import CurriculumCallback, StopAt
from tests.helpers.tiny_training import Witness, train_small, two_stages


def test_training_stops_after_the_step_and_leaves_a_checkpoint_to_go_on_from(canonical, tmp_path):
    curriculum, first, second = two_stages(3), Witness(), Witness()
    path = tmp_path / "cut.ckpt"
    stop = StopAt(3, path)
    trainer = train_small(canonical, curriculum, [CurriculumCallback(curriculum), first, stop])
    assert first.steps == [0, 1, 2]
    assert trainer.max_steps == 6
    assert stop.has_stopped
    assert torch.load(path, weights_only=True)["global_step"] == 3
    train_small(canonical, curriculum, [CurriculumCallback(curriculum), second], ckpt_path=path)
    assert second.steps == [3, 4, 5]
