"""A network from a stranger is data: what its description may say, and what it may not."""

import contextlib
import inspect
import json

import pytest

from denovo.curriculum.stage import NOISE_FIELDS
from denovo.errors import InputError
from denovo.sequencing.networks import load_model
from denovo.sequencing.networks.building import _SEQUENCERS
from denovo.sequencing.networks.description import checksum_of, read_description
from denovo.sequencing.networks.loading import SHIPPED, packaged
from denovo.sequencing.networks.schema import NetworkSettings, parts_read
from tests.helpers.altered_networks import CHANGES, altered_descriptions, compact, forge


def outcome_of(altered, path):
    try:
        return read_description(json.dumps(altered), path)
    except InputError as error:
        return error


NEVER = ("target", "nan", "infinity", "beyond")
"""Changes that no value of a description can take."""


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.faults)])
def tried(request):
    """Both networks with changes at every place of one of each kind, and what came of each."""
    found = []
    for network in (SHIPPED, packaged("untrained")):
        description = compact(json.loads(network.with_suffix(".json").read_text()))
        for place, change, altered in altered_descriptions(description, request.param):
            found.append((network, place, change, altered, outcome_of(altered, network)))
    return found


def test_every_altered_description_is_read_or_refused_in_one_sentence(tried):
    assert len(tried) > 900
    for network, place, change, _, outcome in tried:
        if change in NEVER:
            assert isinstance(outcome, InputError), (place, change)
        if isinstance(outcome, InputError):
            assert str(outcome).startswith(str(network))
            assert len(str(outcome)) < 500
            assert "\n" not in str(outcome)


def test_what_passes_the_schema_is_built_or_refused(tried, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    described = ("config.model", "config.residues", "config.data.n_peaks", "vocabulary")
    n_tried = 0
    for network, place, _, altered, outcome in tried:
        if place.startswith(described) and not isinstance(outcome, InputError):
            parts = {name: altered[name] for name in ("config", "vocabulary")}
            path = forge(network, tmp_path / "m.safetensors", lambda d, p=parts: d.update(p))
            n_tried += 1
            with contextlib.suppress(InputError):
                load_model(path)
    assert n_tried > 4
    assert {path.name for path in tmp_path.iterdir()} == {"m.safetensors", "m.json"}


def of_model(name, value):
    return lambda d: d["config"]["model"].update({name: value})


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (of_model("d_mass", 10**9), "config.model.d_mass must be at most 4096, got 1000000000"),
        (of_model("d_state", 10**9), "config.model.d_state must be at most 4096, got 1000000000"),
        (of_model("d_state", 0), "config.model.d_state must be at least 1, got 0"),
        (of_model("_target_", ["a"]), "config.model asks for"),
        (of_model("_target_", "os.system"), "config.model asks for 'os.system' to be built"),
        (of_model("use_remaining", CHANGES["target"]), "config.model.use_remaining must be a"),
        (of_model("ions", ["q"]), "config.model.ions.0 unknown ion type 'q'"),
        (of_model("extra", 1), "config.model.extra is a name that denovo does not know"),
        (lambda d: d.update(others=None), "others must be a valid list, got None"),
        (lambda d: d["config"].pop("data"), "config.data is missing"),
        (lambda d: d["config"]["data"].update(n_peaks=0), "config.data.n_peaks must be at least 1"),
        (lambda d: d["config"]["data"].update(n_peaks="x"), "config.data.n_peaks must be a valid"),
        (lambda d: d["config"]["residues"]["residues"].append("B"), "config.residues alphabet"),
        (lambda d: d["config"]["curriculum"]["stages"][0].update(start=4), "config.curriculum"),
        (
            lambda d: d["config"]["curriculum"]["stages"][0].update(terms={"spectrum": {"w": 1e9}}),
            "config.curriculum.stages.0.terms.spectrum.w",
        ),
    ],
)
def test_a_refusal_names_file_and_field(tmp_path, alter, message):
    path = forge(SHIPPED, tmp_path / "m.safetensors", alter)
    with pytest.raises(InputError, match=r"^[^\n]*$") as refused:
        load_model(path)
    assert str(refused.value).startswith(f"{path.with_suffix('.json')}: {message}")
    path.with_suffix(".json").unlink()
    with pytest.raises(InputError) as refused:
        load_model(path)
    assert str(refused.value).startswith(f"{path}: {message}")


def test_a_network_larger_than_its_weights_is_not_built(tmp_path):
    path = forge(SHIPPED, tmp_path / "m.safetensors", of_model("d_state", 4096))
    with pytest.raises(InputError, match="more parameters than"):
        load_model(path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, " " * 5_000_000, "1" * 9999])
def test_json_that_is_out_of_proportion_is_refused(tmp_path, text):
    path = tmp_path / "m.safetensors"
    path.write_bytes(SHIPPED.read_bytes())
    path.with_suffix(".json").write_text(text)
    with pytest.raises(InputError, match=r"m\.json"):
        load_model(path)


def test_a_changed_number_is_noticed(tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(SHIPPED.read_bytes())
    description = json.loads(SHIPPED.with_suffix(".json").read_text())
    assert checksum_of(description) == description["checksum"]
    description["calibrations"]["greedy"]["weights"][0] += 0.25
    path.with_suffix(".json").write_text(json.dumps(description))
    with pytest.raises(InputError, match=r"m\.json was changed since it was exported"):
        load_model(path)
    content = path.read_bytes()
    number = str(description["calibrations"]["greedy"]["intercept"]).encode()
    path.with_suffix(".json").unlink()
    path.write_bytes(content.replace(number, number[:-1] + b"9", 1))
    with pytest.raises(InputError, match=r"m\.safetensors was changed since it was exported"):
        load_model(path)


@pytest.mark.parametrize("name", sorted(_SEQUENCERS))
def test_the_schema_knows_every_setting_of_every_network(name):
    parameters = set(inspect.signature(_SEQUENCERS[name]).parameters) - {"vocabulary"}
    choices = NetworkSettings.model_fields["model"].annotation.__args__
    (schema,) = [c for c in choices if name in c.model_fields["target"].annotation.__args__]
    assert set(schema.model_fields) - {"target", "convert"} == parameters


def test_a_checkpoint_is_read_by_the_same_schema_and_the_rest_of_it_is_not_read():
    config = {"model": 1, "trainer": {"_target_": "os.system"}, "data": {"n_peaks": 2, "root": "/"}}
    config |= {"loss": {"terms": {"precursor": {"loss_scale": 3, "_target_": "x"}, "token": 1}}}
    assert parts_read(config) == {
        "model": 1,
        "data": {"n_peaks": 2},
        "loss": {"terms": {"precursor": {"loss_scale": 3}}},
    }


def test_noise_is_named_as_in_the_curriculum():
    description = json.loads(SHIPPED.with_suffix(".json").read_text())
    assert set(description["config"]["curriculum"]["base"]["noise"]) <= set(NOISE_FIELDS)
