"""Every file in conf/ composes, resolves and makes what it names."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.utils import get_class, get_method

from denovo.chemistry import Vocabulary
from denovo.curriculum import Curriculum
from denovo.data import SequencingData
from denovo.losses import PENALTIES, CompositeLoss
from denovo.simulation import Ms2pipSimulator
from denovo.simulation.recipe import content_hash
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.training.callbacks import apply_stage
from denovo.training.config_checks import check_settings
from denovo.training.configuration import build, plain

CONF = Path(__file__).parents[2] / "conf"
GROUPS = sorted(
    (path.parent.name, path.stem)
    for path in CONF.glob("*/*.yaml")
    if path.parent.name != "experiment"
)
EXPERIMENTS = sorted(path.stem for path in CONF.glob("experiment/*.yaml"))
NEEDED = {"fasta": ["proteins.path=a.fasta"], "annotated": ["data.train=a.mgf", "data.val=b.mgf"]}


def targets(node):
    if isinstance(node, dict):
        if "_target_" in node:
            yield node["_target_"]
        node = list(node.values())
    if isinstance(node, list):
        for value in node:
            yield from targets(value)


def test_there_are_configs_to_test():
    assert len(GROUPS) > 20
    assert {"curriculum", "baseline", "smoke", "overfit"} <= set(EXPERIMENTS)


@pytest.mark.parametrize(("group", "name"), GROUPS)
def test_every_choice_of_every_group_composes_and_its_targets_exist(composed, group, name):
    config = composed(f"{group}={name}", *NEEDED.get(name, []), small=False)
    found = list(targets(plain(config)))
    assert found
    for target in found:
        try:
            get_class(target)
        except (ValueError, TypeError):
            get_method(target)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_builds_what_it_needs(composed, experiment):
    config = composed(f"+experiment={experiment}", small=False)
    vocabulary = Vocabulary(build(config.residues))
    curriculum = build(config.curriculum)
    assert isinstance(curriculum, Curriculum)
    assert curriculum.n_steps == 10 * config.size.steps_per_stage
    assert isinstance(build(config.model, vocabulary=vocabulary), Sequencer)
    loss = build(config.loss, vocabulary=vocabulary)
    assert isinstance(loss, CompositeLoss)
    for step in (0, *curriculum.boundaries):
        apply_stage(loss, curriculum.stage_at(step))
    data = build(config.data, vocabulary=vocabulary, curriculum=curriculum)
    assert isinstance(data, SequencingData)
    assert build(config.decoder) is not None


@pytest.mark.parametrize("model", ["evidence", "transformer"])
@pytest.mark.parametrize("size", ["laptop", "workstation", "cluster"])
def test_every_size_fits_every_model(composed, size, model):
    config = composed(f"size={size}", f"model={model}", small=False)
    build(config.model, vocabulary=Vocabulary(build(config.residues)))
    assert config.size.n_proteins * 25 > config.size.n_peptides


def test_the_schedule_is_the_one_of_the_mission_at_full_length(composed):
    curriculum = build(composed("size=cluster", small=False).curriculum)
    assert curriculum.boundaries == list(range(10_000, 100_000, 10_000))
    # Each weight is reached along a cosine at the end of its stage, and none changes suddenly.
    ends = [*curriculum.boundaries, 100_000]
    weights = [curriculum.stage_at(step - 1).weights["precursor"] for step in ends]
    expected = [0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert weights == pytest.approx(expected, abs=1e-6)
    begun = [curriculum.stage_at(step).weights["precursor"] for step in curriculum.boundaries]
    assert begun == pytest.approx(expected[:-1], abs=1e-6)
    for step in (0, *curriculum.boundaries):
        others = {k: w for k, w in curriculum.stage_at(step).weights.items() if k != "precursor"}
        assert others == {"token": 1.0, "spectrum": 0.1}


def test_the_loss_scale_is_one_key_for_the_whole_tree(composed):
    for value in (1, 0.1, 10_000):
        config = composed(f"loss_scale={value}", small=False)
        loss = build(config.loss, vocabulary=Vocabulary(build(config.residues)))
        assert loss.terms["precursor"].loss_scale == value


@pytest.mark.parametrize(
    "override",
    [
        *(f"simulator={path.stem}" for path in sorted(CONF.glob("simulator/*.yaml"))),
        "simulator.model=HCD2021",
    ],
)
def test_the_loss_expects_the_ions_that_the_simulator_predicts(composed, override, monkeypatch):
    monkeypatch.setattr("denovo.simulation.simulator.check_model", lambda name: None)
    config = composed(override, small=False)
    simulator = build(config.data.sources.recipe.simulator)
    if isinstance(simulator, Ms2pipSimulator):
        assert simulator.model.lower() == override.partition("=")[2].lower()
    loss = build(config.loss, vocabulary=Vocabulary(build(config.residues)))
    assert tuple(ion.name for ion in loss.terms["spectrum"].ion_types) == simulator.ion_types


@pytest.mark.parametrize(
    ("override", "charges"),
    [
        ("++peptides.charges.4=0.1", {2: 0.6, 3: 0.4, 4: 0.1}),
        ("++peptides.charges.3=0.1", {2: 0.6, 3: 0.1}),
        ("++peptides.charges={2: 0.45, 3: 0.45, 4: 0.1}", {2: 0.45, 3: 0.45, 4: 0.1}),
        ("++data.sources.recipe.precursors.charges.4=0.1", {4: 0.1}),
        (
            "data.sources.recipe.precursors.charges={2: 0.45, 3: 0.45, 4: 0.1}",
            {2: 0.45, 3: 0.45, 4: 0.1},
        ),
    ],
)
def test_charges_are_given_on_the_command_line(composed, override, charges):
    config = composed(override, small=False)
    assert build(config.data.sources.recipe.precursors).charges == charges


def test_the_hash_of_the_default_store_is_known(composed):
    config = composed(small=False)
    vocabulary = Vocabulary(build(config.residues))
    recipe = build(config.data.sources)(vocabulary=vocabulary).recipe
    described = recipe.provenance(vocabulary)
    assert "semi" not in described["digest"]
    assert "limit_charges" not in described["precursors"]
    described["simulator"]["version"] = "4.1.2"
    assert content_hash(described) == "fce1b7eaa6a39fef"


def test_measured_spectra_are_matched_with_b_and_y_ions_of_both_charges(composed):
    config = composed("data=annotated", *NEEDED["annotated"], small=False)
    loss = build(config.loss, vocabulary=Vocabulary(build(config.residues)))
    assert [ion.name for ion in loss.terms["spectrum"].ion_types] == ["b", "y", "b2", "y2"]


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_penalty_is_chosen_by_one_key(composed, penalty):
    config = composed(f"penalty={penalty}", "loss_scale=10", small=False)
    loss = build(config.loss, vocabulary=Vocabulary(build(config.residues)))
    assert loss.terms["precursor"].penalty == penalty


def test_no_config_repeats_the_value_of_another(root):
    """The batch plan, the trainer and the curriculum count the same steps."""
    with initialize_config_dir(str(root / "conf"), version_base="1.3"):
        config = compose("train", overrides=["size.steps_per_stage=7"])
    assert config.trainer.val_check_interval == 7
    assert config.curriculum.steps_per_unit == 7


def test_the_name_in_wandb_says_experiment_model_and_noise(root, monkeypatch):
    with initialize_config_dir(str(root / "conf"), version_base="1.3"):
        chosen = ["+experiment=smoke", "model=transformer", "noise=basic"]
        config = compose("train", overrides=chosen, return_hydra_config=True)
    monkeypatch.setattr(HydraConfig, "initialized", lambda: True)
    monkeypatch.setattr(HydraConfig, "get", lambda: config.hydra)
    name = config.logger.wandb.name
    assert name.startswith("smoke transformer noise=basic penalty=log loss_scale=100.0 seed=0 ")


def test_peptides_that_the_decoder_cannot_finish_are_named(composed, caplog):
    check_settings(composed("peptides.max_length=39", small=False))
    assert "decoder.max_length" not in caplog.text
    check_settings(composed("peptides.max_length=40", small=False))
    assert "set decoder.max_length=41" in caplog.text
