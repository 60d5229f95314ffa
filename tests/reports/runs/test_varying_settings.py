"""Which settings tell runs apart."""

from denovo.reports.runs.varying_settings import varying_settings


def test_settings_that_agree_are_left_out():
    assert varying_settings([{"a": 1, "b": 2}, {"a": 1, "b": 3}]) == [{"b": 2}, {"b": 3}]


def test_of_copies_by_interpolation_the_shortest_name_stays():
    configs = [
        {"loss_scale": x, "loss": {"terms": {"precursor": {"loss_scale": x}}}} for x in (1, 10)
    ]
    assert varying_settings(configs) == [{"loss_scale": 1}, {"loss_scale": 10}]


def test_settings_that_vary_together_with_other_values_are_all_shown():
    configs = [{"model": {"width": w}, "optimizer": {"lr": lr}} for w, lr in ((8, 0.1), (16, 0.2))]
    assert varying_settings(configs) == [{"width": 8, "lr": 0.1}, {"width": 16, "lr": 0.2}]


def test_names_are_as_long_as_it_takes_to_tell_them_apart():
    widths = ((1, 1), (2, 1), (1, 2))
    configs = [{"encoder": {"width": a}, "decoder": {"width": b}} for a, b in widths]
    assert set(varying_settings(configs)[0]) == {"encoder.width", "decoder.width"}


def test_objects_of_different_kinds_are_shown_by_their_kind_alone():
    configs = [
        {"model": {"_target_": "denovo.models.A", "ions": ["b"]}},
        {"model": {"_target_": "denovo.models.B", "heads": 8}},
    ]
    assert varying_settings(configs) == [{"model": "denovo.models.A"}, {"model": "denovo.models.B"}]


def test_folders_and_where_a_run_started_are_no_settings_to_compare():
    configs = [
        {
            "run_dir": f"/runs/{n}",
            "ckpt_path": f"/x/{n}.ckpt",
            "callbacks": {"best": {"dirpath": f"/runs/{n}/checkpoints"}},
            "seed": n,
        }
        for n in (0, 1)
    ]
    assert varying_settings(configs) == [{"seed": 0}, {"seed": 1}]


def test_a_job_that_never_had_settings_has_none():
    assert varying_settings([{"seed": 0}, {}, {"seed": 1}]) == [
        {"seed": 0},
        {"seed": None},
        {"seed": 1},
    ]


def test_long_lists_appear_only_where_nothing_simpler_differs():
    stages = [[{"name": "one"}], [{"name": "two"}]]
    with_name = [{"name": str(n), "stages": s} for n, s in enumerate(stages)]
    assert set(varying_settings(with_name)[0]) == {"name"}
    assert set(varying_settings([{"stages": s} for s in stages])[0]) == {"stages"}


def test_what_follows_from_the_branch_is_left_out():
    weights = {"none": 0.0, "clamp": 0.2}
    configs = [
        {"branch": branch, "penalty": branch, "loss": {"weight": weight}, "seed": seed}
        for branch, weight in weights.items()
        for seed in (0, 1)
    ]
    found = [{"branch": branch, "seed": seed} for branch in weights for seed in (0, 1)]
    assert varying_settings(configs) == found


def test_what_differs_within_a_branch_stays():
    configs = [{"branch": "clamp", "lr": 1}, {"branch": "clamp", "lr": 2}, {"branch": "log"}]
    assert [set(found) for found in varying_settings(configs)] == [{"branch", "lr"}] * 3
    assert set(varying_settings(configs[:2])[0]) == {"lr"}
