"""`denovo doctor`: what this installation has, and what to do about what it lacks."""

import typer

from denovo.errors import InputError, exit_with_message


def doctor() -> None:
    """Examine the installation: device, cores, libraries, models, folders, memory, disk."""
    with exit_with_message():
        from denovo.cli.doctor_checks import State, examine
        from denovo.reports.table import Table, print_tables

        found = list(examine())
        rows = tuple((each.what, each.state.value, each.found, each.remedy) for each in found)
        print_tables([Table(("", "state", "found", "what to do"), rows, n_text=4)])
        lacking = [each.what for each in found if each.state is State.MISSING]
        if lacking:
            raise InputError(f"{', '.join(lacking)}: see the column 'what to do' above")
        typer.echo("everything that is needed is here")
