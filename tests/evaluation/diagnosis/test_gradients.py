"""Members of the loss family side by side."""

import numpy as np
import pytest
import torch

from denovo.evaluation.diagnosis.gradients import (
    ERRORS,
    compare_members,
    descend_on_batch,
    gradients_of_batch,
)
from denovo.losses import PENALTIES, PrecursorMassLoss
from tests.helpers.ladder_spectra import ladder_spectra

# log(1 + e/100) * 100 and 100 / (100 + e), by hand.
LOG_TABLE = {
    1: (0.995033, 0.990099),
    10: (9.531018, 0.909091),
    100: (69.314718, 0.5),
    1_000: (239.789527, 0.0909091),
    25_000: (552.545294, 0.00398406),
    100_000: (690.875478, 0.000999001),
}


def test_the_table_holds_every_member_at_every_error():
    table = compare_members()
    assert list(dict.fromkeys(table["member"])) == list(PENALTIES)
    for _, rows in table.groupby("member"):
        assert tuple(rows["error"]) == ERRORS


@pytest.mark.parametrize("error", LOG_TABLE)
def test_the_logarithmic_loss_is_as_computed_by_hand(error):
    table = compare_members().query(f"member == 'log' and error == {error}").iloc[0]
    value, slope = LOG_TABLE[error]
    assert table["value"] == pytest.approx(value, abs=1e-6)
    assert table["slope"] == pytest.approx(slope, rel=1e-5)


def test_only_the_clamp_dies_and_only_beyond_its_scale():
    table = compare_members(100)
    dead = table[table["is_dead"]]
    assert set(dead["member"]) == {"clamp"}
    assert dead["error"].tolist() == [e for e in ERRORS if e > 100]


def test_on_a_batch_of_large_errors_the_clamp_teaches_nothing_and_the_others_do(common):
    batch = ladder_spectra(["PEPTLDE", "GASPVTKW"], common).read(np.arange(2))
    torch.manual_seed(0)
    logits = torch.randn(1, *batch.tokens.shape, len(common))
    loss = PrecursorMassLoss(common)
    assert loss.error(logits, batch).abs().min() > 100
    table = gradients_of_batch(logits, batch, loss).set_index("member")
    assert table.loc["clamp", "loss"] == 100
    assert table.loc["clamp", "gradient_norm"] == 0
    assert table.loc["clamp", "dead_share"] == 1
    others = table.drop("clamp")
    assert (others["gradient_norm"] > 0).all()
    assert (others["dead_share"] == 0).all()
    # Larger errors teach Huber most and the logarithm least.
    norms = table["gradient_norm"]
    assert norms["huber"] > norms["sqrt"] > norms["hybrid"] > norms["log"] > 0
    assert not logits.requires_grad


def test_normalising_divides_loss_and_gradient_by_the_scale(common):
    batch = ladder_spectra(["PEPTLDE"], common).read(np.arange(1))
    torch.manual_seed(0)
    logits = torch.randn(1, *batch.tokens.shape, len(common))
    plain, normalised = (
        gradients_of_batch(logits, batch, PrecursorMassLoss(common, 50, normalize=switch))
        for switch in (False, True)
    )
    for column in ("loss", "gradient_norm"):
        assert plain[column].to_numpy() == pytest.approx(50 * normalised[column].to_numpy())


def test_alone_on_a_batch_the_clamp_never_moves_and_the_others_come_down(common):
    batch = ladder_spectra(["PEPTLDE", "GASPVTKW"], common).read(np.arange(2))
    torch.manual_seed(0)
    logits = torch.randn(1, *batch.tokens.shape, len(common))
    errors = descend_on_batch(logits, batch, PrecursorMassLoss(common), 60, learning_rate=0.01)
    start = errors.iloc[0]
    assert start.nunique() == 1
    assert (errors["clamp"] == start["clamp"]).all()
    others = errors.drop(columns="clamp")
    assert (others.min() < start["clamp"] / 10).all()
