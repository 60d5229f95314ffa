"""The dashboard as code: what it defines, and that nothing is sent without a login."""

import sys

import pytest
import wandb
import yaml

from denovo.errors import InputError
from denovo.metrics import LENGTH_RANGES
from denovo.reports.dashboard import MEDIA, SECTIONS, build_workspace, save_workspace
from denovo.reports.figures.gallery import CURVES

# wandb-workspaces is written for an older pydantic.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """A machine on which nobody is logged in to W&B, and that has no network."""
    for name in ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", _no_network)
    wandb.teardown()  # it would keep the environment that it has seen first


def _no_network(*_):
    raise AssertionError("a network was asked for")


def test_the_workspace_shows_every_section_with_its_panels(nobody):
    workspace = build_workspace("peptides", "lab")
    assert (workspace.entity, workspace.project, workspace.name) == ("lab", "peptides", "denovo")
    assert [section.name for section in workspace.sections] == [*SECTIONS, "pictures"]
    for section, panels in zip(workspace.sections, SECTIONS.values(), strict=False):
        assert [panel.title for panel in section.panels] == [panel.title for panel in panels]
        assert all(panel.x == "trainer/global_step" for panel in section.panels)
    drawn = workspace._to_model().model_dump_json(by_alias=True, exclude_none=True)
    assert all(f'"{name}"' in drawn for name in ("train/precursor_loss", *MEDIA))


def test_pictures_of_the_dashboard_are_those_of_the_gallery():
    assert {f"media/{name}" for name in CURVES} <= set(MEDIA)


def test_every_refinement_step_of_the_shipped_model_has_a_curve(root):
    shipped = yaml.safe_load((root / "conf" / "model" / "recursive.yaml").read_text())
    n_steps = shipped["n_refinements"]
    counts = [len(panel.metrics) for panel in SECTIONS["refinement"]]
    assert counts == [n_steps, n_steps - 1, n_steps]  # the first step edits nothing


def test_every_range_of_lengths_has_a_curve():
    shown = {name for panel in SECTIONS["recall"] for name in panel.metrics}
    assert {f"val/recall_length_{low}_{high}" for low, high in LENGTH_RANGES} <= shown


def test_without_a_login_it_is_one_sentence_and_no_network_is_asked_for(nobody):
    with pytest.raises(InputError, match="nobody is logged in to W&B; run `wandb login`"):
        save_workspace("peptides")


@pytest.mark.parametrize("mode", ["", "sometimes"])
def test_a_mode_that_wandb_does_not_know_is_named(nobody, monkeypatch, mode):
    monkeypatch.setenv("WANDB_MODE", mode)
    with pytest.raises(InputError, match=r"variable WANDB_MODE is .*, but input should") as caught:
        save_workspace("peptides")
    assert repr(mode) in str(caught.value)
    assert "https://" not in str(caught.value)


def test_a_key_that_is_none_is_one_sentence(nobody, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "short")
    with pytest.raises(InputError, match="W&B did not take the dashboard for 'peptides'"):
        save_workspace("peptides")


def test_a_missing_package_is_named(nobody, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    with pytest.raises(InputError, match=r"run `pip install 'denovo\[dashboard\]'`"):
        save_workspace("peptides")
