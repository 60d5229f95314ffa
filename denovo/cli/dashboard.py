"""`denovo dashboard`: the charts of a W&B project, set up by code."""

from typing import Annotated

import typer

from denovo.errors import exit_with_message


def dashboard(
    project: Annotated[str, typer.Option(help="W&B project, as in logger.wandb.project.")],
    entity: Annotated[
        str | None, typer.Option(help="User or team; that of the login by default.")
    ] = None,
) -> None:
    """Set up the dashboard of a W&B project; needs a login."""
    with exit_with_message():
        from denovo.reports.dashboard import save_workspace
        from denovo.reports.table import print_text

        print_text(f"dashboard  {save_workspace(project, entity)}")
