"""The W&B dashboard: charts of the logged figures, and pictures."""

import re
from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING, Any

import wandb
from pydantic import ValidationError

from denovo.errors import InputError
from denovo.reports.figures.gallery import CURVES
from denovo.reports.figures_logged import FIGURES, STEP, LoggedFigure, Panel

if TYPE_CHECKING:
    from wandb_workspaces.workspaces import Workspace

NAME = "denovo"
MEDIA = tuple(f"media/{name}" for name in (*CURVES, "refinement", "spectra"))
"""Pictures that `denovo.training.callbacks.wandb_media` sends."""


N_RUNS = 20
"""Newest runs of a project that are asked what they log."""


def panels(logged: Collection[str] = ()) -> dict[str, dict[Panel, list[LoggedFigure]]]:
    """Return the figures of each panel, by section; of those that are logged, if any are named."""
    sections: dict[str, dict[Panel, list[LoggedFigure]]] = {}
    for figure in FIGURES:
        is_logged = not logged or any(re.match(figure.pattern, name) for name in logged)
        if figure.panel and is_logged:
            section = sections.setdefault(figure.panel.section, {})
            section.setdefault(figure.panel, []).append(figure)
    return sections


def build_workspace(project: str, entity: str, logged: Collection[str] = ()) -> "Workspace":
    """Define the dashboard as a saved view of the project, without sending it.

    Parameters
    ----------
    project, entity : str
        W&B project, and the user or team that owns it.
    logged : collection of str
        Logged names of the project; charts and pictures of others would stay empty and are left
        out. Without any, all are drawn.

    Returns
    -------
    wandb_workspaces.workspaces.Workspace
        The dashboard.
    """
    workspaces, reports = _library()
    pictures = workspaces.Section(
        name="pictures",
        panels=[
            reports.MediaBrowser(title=key, media_keys=[key])
            for key in MEDIA
            if not logged or key in logged
        ],
        is_open=True,
    )
    sections = [
        workspaces.Section(
            name=name, panels=[_plot(reports, *each) for each in found.items()], is_open=True
        )
        for name, found in panels(logged).items()
    ]
    return workspaces.Workspace(
        entity=entity, project=project, name=NAME, sections=[*sections, pictures]
    )


def save_workspace(project: str, entity: str | None = None) -> str:
    """Save the dashboard in W&B, with what the newest runs of the project log.

    Parameters
    ----------
    project : str
        W&B project.
    entity : str or None
        User or team that owns it; None for the default of the login.

    Returns
    -------
    str
        Address of the dashboard.

    Raises
    ------
    InputError
        If nobody is logged in, `wandb-workspaces` is missing, or W&B refuses.
    """
    _library()
    try:
        if wandb.login(prompt=False):
            owner = entity or str(wandb.Api().default_entity)
            return build_workspace(project, owner, _logged(project, owner)).save().url
    except (wandb.Error, OSError, ValueError) as error:
        cause = _cause(error)
        raise InputError(f"W&B did not take the dashboard for {project!r}: {cause}") from error
    raise InputError(
        "nobody is logged in to W&B; run `wandb login` or set WANDB_API_KEY, then try again"
    )


def _logged(project: str, entity: str) -> set[str]:
    """Return what the newest runs have logged; nothing of a project that does not exist yet."""
    runs = wandb.Api().runs(f"{entity}/{project}", order="-created_at", per_page=N_RUNS)
    try:
        return {name for run in islice(runs, N_RUNS) for name in run.summary.keys()}  # noqa: SIM118
    except ValueError:  # W&B has no such project before the first run
        return set()


def _cause(error: Exception) -> str:
    """Describe the error in one line; name settings that W&B refused and the reason."""
    if not isinstance(error, ValidationError):
        return " ".join(str(error).split())
    # Settings come from the environment: mode is that of WANDB_MODE.
    return "; ".join(
        f"the environment variable WANDB_{'_'.join(map(str, fault['loc'])).upper()} is "
        f"{fault['input']!r}, but {fault['msg'][:1].lower()}{fault['msg'][1:]}"
        for fault in error.errors()
    )


def _plot(reports: Any, panel: Panel, figures: list[LoggedFigure]) -> Any:
    """Make a chart; a regular expression finds the loss terms and the like that a run logs."""
    return reports.LinePlot(
        title=panel.title,
        x=STEP,
        metric_regex="|".join(figure.pattern for figure in figures),
        log_y=panel.is_log,
        title_x="optimizer step",
    )


def _library() -> tuple[Any, Any]:
    try:
        from wandb_workspaces import workspaces
        from wandb_workspaces.reports import v2 as reports
    except ImportError as error:
        raise InputError(
            "the dashboard needs wandb-workspaces; run `pip install 'denovo-ms[dashboard]'`"
        ) from error
    return workspaces, reports
