"""The dashboard as code: what it defines, and that nothing is sent without a login."""

import re
import sys
from types import SimpleNamespace

import pytest
import wandb

from denovo.errors import InputError
from denovo.reports.dashboard import MEDIA, build_workspace, panels, save_workspace

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
    assert [section.name for section in workspace.sections] == [*panels(), "pictures"]
    for section, expected in zip(workspace.sections, panels().values(), strict=False):
        assert [plot.title for plot in section.panels] == [panel.title for panel in expected]
        assert all(plot.x == "trainer/global_step" for plot in section.panels)
    drawn = workspace._to_model().model_dump_json(by_alias=True, exclude_none=True)
    assert all(f'"{name}"' in drawn for name in ("^train/precursor_loss$", *MEDIA))


LOGGED = {"train/loss_token", "val/peptide_recall", "trainer/global_step", "media/spectra"}


def test_charts_and_pictures_that_would_stay_empty_are_left_out(nobody):
    sections = build_workspace("peptides", "lab", LOGGED).sections
    found = {
        section.name: [getattr(p, "title", "") for p in section.panels] for section in sections
    }
    assert found == {
        "losses and weights": ["unweighted terms"],
        "recall": ["peptide recall"],
        "pictures": ["media/spectra"],
    }


class Runs:
    """Runs of a project as W&B lists them."""

    def __init__(self, *summaries):
        self.summaries = summaries

    def __call__(self, path, **options):
        assert path == "lab/peptides"
        assert options["order"] == "-created_at"
        return (SimpleNamespace(summary=dict.fromkeys(each)) for each in self.summaries)


def no_project(path, **options):
    raise ValueError(f"Could not find project {path}")
    yield


@pytest.mark.parametrize(
    ("runs", "n_sections"), [(Runs(LOGGED), 3), (Runs(), len(panels()) + 1), (no_project, None)]
)
def test_the_runs_of_the_project_say_what_is_drawn(nobody, monkeypatch, runs, n_sections):
    saved = []
    monkeypatch.setattr(wandb, "login", lambda prompt: True)
    monkeypatch.setattr(wandb, "Api", lambda: SimpleNamespace(runs=runs, default_entity="lab"))
    monkeypatch.setattr(
        "wandb_workspaces.workspaces.Workspace.save",
        lambda self: saved.append(len(self.sections)) or SimpleNamespace(url="address"),
    )
    assert save_workspace("peptides") == "address"
    assert saved == [n_sections or len(panels()) + 1]


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("train/loss_brand_new", ["unweighted terms"]),
        ("gradients/norm_brand_new", ["gradient norm"]),
        ("val/recall_length_31_99", ["clean, by length"]),
        ("val/refinement_ppm_12", ["soft error by step (ppm)"]),
        ("tripwire/brand_new", ["fired"]),
        ("train/loss", ["total loss"]),
        ("val/ppm_within_100", []),
    ],
)
def test_charts_find_the_terms_and_steps_that_a_run_logs(nobody, name, titles):
    sections = build_workspace("peptides", "lab").sections[:-1]
    plots = [plot for section in sections for plot in section.panels]
    assert [plot.title for plot in plots if re.search(plot.metric_regex, name)] == titles


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
    with pytest.raises(InputError, match=r"run `pip install 'denovo-ms\[dashboard\]'`"):
        save_workspace("peptides")
