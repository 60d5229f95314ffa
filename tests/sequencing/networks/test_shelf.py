"""Networks of the package: every name has its files, and reads what it says."""

import pytest

from denovo.choices import DEFAULT_NETWORK, NETWORKS
from denovo.errors import InputError
from denovo.sequencing.networks.loading import SHIPPED, load_model, packaged

READS = {
    "hcd": ("C[UNIMOD:4]", "M[UNIMOD:35]"),
    "wide": ("C[UNIMOD:4]", "M[UNIMOD:35]"),
    "nontryptic": ("C[UNIMOD:4]", "M[UNIMOD:35]"),
    "phospho": ("S[UNIMOD:21]", "T[UNIMOD:21]", "Y[UNIMOD:21]"),
    "tmt": ("K[UNIMOD:737]", "[UNIMOD:737]-"),
    "free-cysteine": ("C", "C[UNIMOD:4]", "C[UNIMOD:6]"),
    "cid": ("C[UNIMOD:4]", "M[UNIMOD:35]"),
    "untrained": ("C[UNIMOD:4]", "M[UNIMOD:35]"),
}
MOST_BYTES = 3 * 10**6


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_the_package_is_small_calibrated_and_reads_its_residues(name):
    assert packaged(name).stat().st_size < MOST_BYTES
    model = load_model(name)
    assert set(READS[name]) <= {*model.sequencer.vocabulary.tokens}
    assert {"constrained", "greedy"} <= set(model.calibrations)
    assert {"joint", "full"} <= set(model.rerankers)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "untrained"])
def test_both_directions_are_in_the_file(name):
    model = load_model(name)
    assert [each.direction for each in model.sequencers] == ["forward", "backward"]


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_say_how_far_from_an_ion_its_peak_may_be(name):
    expected = "0.4 Da" if name == "cid" else "20 ppm"
    assert str(load_model(name).fragment_tolerance) == expected


def test_the_default_is_the_first_name():
    assert load_model(None).path == load_model(DEFAULT_NETWORK).path == SHIPPED


def test_no_file_or_folder_of_a_data_set_replaces_a_network_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hcd").write_text("no network")
    (tmp_path / "tmt").mkdir()
    assert load_model().path == load_model("hcd").path == SHIPPED
    assert load_model("tmt").path == packaged("tmt")


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(InputError, match="did you mean phospho"):
        load_model("phosfo")
