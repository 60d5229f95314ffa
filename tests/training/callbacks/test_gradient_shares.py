"""Each term's gradient is measured beside training, and reined in where that is asked for."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins import MixedPrecision

from denovo.errors import InputError
from denovo.training.callbacks import CurriculumCallback, GradientShares
from denovo.training.callbacks.gradient_shares import capped_factors, measure
from tests.helpers.tiny_training import (
    CutAt,
    Recorder,
    small_data,
    small_system,
    small_trainer,
    two_stages,
)

NORMS = st.dictionaries(
    st.sampled_from(["token", "spectrum", "precursor", "other"]), st.floats(1e-6, 1e6), min_size=1
).map(lambda norms: {"token": 1.0} | norms)


class Factors(Callback):
    """Write down the factors that each batch is trained with."""

    def __init__(self):
        self.seen = []

    def on_before_backward(self, trainer, pl_module, loss):
        self.seen.append((trainer.global_step, pl_module.loss.factors["precursor"]))


def trained(vocabulary, *callbacks, curriculum=None, ckpt_path=None, n_overfit=None, **options):
    """Train the small system; return it, and what was logged."""
    curriculum, recorder = curriculum or two_stages(3), Recorder()
    trainer = small_trainer(
        curriculum, [CurriculumCallback(curriculum), *callbacks], logger=recorder, **options
    )
    system, data = (
        small_system(vocabulary),
        small_data(vocabulary, curriculum, n_overfit=n_overfit),
    )
    trainer.fit(system, data, ckpt_path=ckpt_path, weights_only=True)
    return system, recorder.values


def weights_of(system):
    return torch.cat([p.detach().flatten() for p in system.parameters()])


def test_lengths_and_cosines_are_those_of_the_gradients():
    w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    v = torch.nn.Parameter(torch.tensor(1.0))
    parts = {"token": 3 * w[0], "mass": 3 * w[0] + 4 * w[1], "other": -2 * v + 0 * w.sum()}
    norms, cosines = measure(parts, [w, v], "token")
    assert norms.tolist() == [3, 5, 2]
    assert cosines.tolist() == pytest.approx([1, 0.6, 0])
    assert w.grad is None


def test_a_gradient_scale_changes_nothing_but_the_way():
    w = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    parts = {"token": (w**2).sum(), "mass": w.prod()}
    assert torch.equal(measure(parts, [w], "token", 1024.0), measure(parts, [w], "token"))


def test_a_reference_without_weight_leaves_the_lengths():
    w = torch.nn.Parameter(torch.tensor(1.0))
    assert measure({"mass": 2 * w}, [w], "token").tolist() == [[2], [0]]


def test_the_parts_add_up_to_the_gradient_that_is_applied(canonical):
    class Compare(Callback):
        def on_before_backward(self, trainer, pl_module, loss):
            parameters = list(pl_module.sequencer.parameters())
            parts = pl_module.last_step.loss.parts
            together = {"all": sum(parts.values())}
            self.expected = float(measure(together, parameters, "token")[0])

        def on_before_optimizer_step(self, trainer, pl_module, optimizer):
            squares = [p.grad.double().square().sum() for p in pl_module.sequencer.parameters()]
            assert self.expected == pytest.approx(float(sum(squares)) ** 0.5, rel=1e-5)
            self.compared = True

    compare = Compare()
    trained(canonical, compare)
    assert compare.compared


def test_every_active_term_is_logged_at_the_steps_that_are_measured(canonical):
    _, logged = trained(canonical, GradientShares(2))
    assert list(logged["gradients/norm_token"]) == [0, 2, 3, 4]  # 3: the precursor loss joins in
    assert list(logged["gradients/norm_precursor"]) == [3, 4]
    for step in (3, 4):
        norms = [logged[f"gradients/norm_{name}"][step] for name in ("token", "precursor")]
        assert all(norm > 0 for norm in norms)
        shares = [logged[f"gradients/share_{name}"][step] for name in ("token", "precursor")]
        assert shares == pytest.approx([norm / sum(norms) for norm in norms])
        assert logged["gradients/cosine_token"][step] == pytest.approx(1)
        assert -1 <= logged["gradients/cosine_precursor"][step] < 1
    assert not [name for name in logged if name.startswith("gradients/factor")]


def test_accumulated_batches_are_measured_once_per_step(canonical):
    class Count(GradientShares):
        measured = 0

        def _log(self, *arguments):
            self.measured += 1

    count = Count(1)
    trained(canonical, count, accumulate_grad_batches=2)
    assert count.measured == 6


def half_precision():
    return MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=1024.0))


def test_under_a_gradient_scaler_lengths_are_those_of_the_unscaled_gradients(canonical):
    _, full = trained(canonical, GradientShares(1))
    _, half = trained(canonical, GradientShares(1), plugins=[half_precision()])
    for name in ("gradients/norm_token", "gradients/norm_precursor", "gradients/cosine_precursor"):
        assert half[name] == pytest.approx(full[name], rel=0.05)


def test_measuring_changes_nothing(canonical):
    plain, _ = trained(canonical)
    measured, _ = trained(canonical, GradientShares(1))
    assert torch.equal(weights_of(plain), weights_of(measured))


def test_a_capped_term_ends_at_its_share(canonical):
    class Hold(Callback):
        """Keep the network as it is, so that only the factor changes."""

        def on_before_optimizer_step(self, trainer, pl_module, optimizer):
            pl_module.zero_grad()

    _, logged = trained(canonical, GradientShares(1, max_share=0.05), Hold(), n_overfit=8)
    shares = logged["gradients/share_precursor"]
    assert shares[3] > 0.05
    assert [shares[4], shares[5]] == pytest.approx([0.05, 0.05], rel=1e-4)
    factors = logged["gradients/factor_precursor"]
    assert 0 < factors[3] < 1
    assert factors[4] == pytest.approx(factors[3], rel=1e-4)
    assert logged["gradients/factor_token"][5] == 1
    assert logged["curriculum/weight_precursor"][5] == pytest.approx(0.2)


def test_a_factor_holds_for_whole_steps(canonical):
    seen = Factors()
    trained(canonical, GradientShares(1, max_share=0.05), seen, accumulate_grad_batches=2)
    by_step = {step: {factor for s, factor in seen.seen if s == step} for step, _ in seen.seen}
    assert all(len(factors) == 1 for factors in by_step.values())
    assert by_step[3] == {1.0}
    assert by_step[4] != {1.0}


def test_a_resumed_run_with_factors_equals_the_uninterrupted_one(canonical, tmp_path):
    curriculum, gradient_shares = two_stages(6), (4, 0.05)
    whole, logged = trained(
        canonical, GradientShares(*gradient_shares), CutAt(10, tmp_path), curriculum=curriculum
    )
    seen = Factors()
    resumed, again = trained(
        canonical,
        GradientShares(*gradient_shares),
        seen,
        curriculum=curriculum,
        ckpt_path=tmp_path / "cut.ckpt",
    )
    assert seen.seen == [(step, logged["gradients/factor_precursor"][8]) for step in (10, 11)]
    assert seen.seen[0][1] < 1
    assert "gradients/norm_token" not in again
    assert torch.equal(weights_of(whole), weights_of(resumed))
    free, _ = trained(canonical, GradientShares(4), curriculum=curriculum)
    assert not torch.equal(weights_of(whole), weights_of(free))


@given(NORMS, st.floats(0.01, 0.99))
def test_no_term_keeps_more_than_its_share(norms, max_share):
    factors = capped_factors(norms, max_share, "token")
    after = {name: norm * factors.get(name, 1.0) for name, norm in norms.items()}
    total = sum(after.values())
    for name in norms:
        if name in factors:
            assert 0 < factors[name] < 1
            assert after[name] / total == pytest.approx(max_share, rel=1e-6)
        elif name != "token":
            assert after[name] / total <= max_share * (1 + 1e-6)
    assert "token" not in factors


def test_without_a_gradient_of_the_reference_nothing_is_scaled():
    assert capped_factors({"precursor": 1.0}, 0.5, "token") == {}
    assert capped_factors({"token": 0.0, "precursor": 1.0}, 0.5, "token") == {}


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"every_n_steps": 0}, "every_n_steps"), ({"max_share": 0}, "max_share"),
     ({"max_share": 1.0}, "max_share")],
)  # fmt: skip
def test_settings_out_of_range_are_named(settings, named):
    with pytest.raises(InputError, match=named):
        GradientShares(**settings)


def test_a_reference_that_the_loss_lacks_is_named(canonical):
    with pytest.raises(InputError, match="'tokens'"):
        trained(canonical, GradientShares(reference="tokens"))
