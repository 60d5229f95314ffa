"""The `denovo` command: one module per subcommand, imported when the subcommand is called."""

import logging
import sys
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.logging import RichHandler
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from denovo import __version__
from denovo.cli.process import forgiving_streams, stopped_by_signals


class Subcommand(NamedTuple):
    """Module and function, or group of commands, and the first line of the help of a subcommand.

    The line is repeated here, because importing the module may take seconds.
    """

    place: str
    summary: str


SUBCOMMANDS = {
    "sequence": Subcommand("sequence.sequence_command", "Read peptides out of measured spectra."),
    "merge": Subcommand(
        "merge.merge_command",
        "Make one result of all shards of a run, the same as that of a run without shards.",
    ),
    "map": Subcommand(
        "map.map_command",
        "Find the peptides of predictions in proteins, also through their ambiguity.",
    ),
    "compare-search": Subcommand(
        "compare_search.compare_search_command",
        "Compare predictions with the results of a search engine, spectrum by spectrum.",
    ),
    "convert": Subcommand(
        "convert.convert_command",
        "Write predictions in the formats of other programs, and back and forth between ours.",
    ),
    "train": Subcommand(
        "train.train",
        "Train a network on spectra that MS2PIP predicts, or on your own (train.py).",
    ),
    "tune": Subcommand(
        "tune.tune_command", "Fine-tune a network on the results of a search engine."
    ),
    "evaluate": Subcommand(
        "evaluate.evaluate_command",
        "Measure networks on spectra with known peptides, measured and simulated.",
    ),
    "plot": Subcommand(
        "plot_spectrum.plot_spectrum",
        "Draw a spectrum, its peaks explained by a peptide.",
    ),
    "simulate": Subcommand(
        "simulate.simulate",
        "Predict the spectra that train.py would train on, and print where they lie.",
    ),
    "export": Subcommand(
        "export.export",
        "Fit the probabilities of a network, or of two, and write .safetensors and .json.",
    ),
    "compare": Subcommand(
        "compare.compare",
        "Compare runs: settings that differ, figures that no loss weight enters, costs.",
    ),
    "report": Subcommand(
        "report.report_command", "Write a run as one HTML file with all its tables and pictures."
    ),
    "app": Subcommand(
        "browser_app.app_command",
        "Open a page in the browser: a file in, a table, spectra and downloads out.",
    ),
    "dashboard": Subcommand(
        "dashboard.dashboard", "Set up the dashboard of a W&B project; needs a login."
    ),
    "diagnose": Subcommand("diagnose.diagnose", "Look inside a batch, a loss, a vocabulary."),
    "doctor": Subcommand(
        "doctor.doctor",
        "Examine the installation: device, cores, libraries, models, folders, memory, disk.",
    ),
    "spectra-stats": Subcommand(
        "spectra_stats.spectra_stats_command",
        "Measure how often and how strong each part of annotated spectra is.",
    ),
}


class LazyGroup(TyperGroup):
    """Subcommands that are imported when they are called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {
            name: TyperCommand(name, callback=None, help=known.summary)
            for name, known in SUBCOMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Import the subcommand that the arguments name."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and load_subcommand(str(command.name)), rest


def load_subcommand(name: str) -> Any:
    """Import the function or the group of a subcommand, and make it a command."""
    module, _, attribute = SUBCOMMANDS[name].place.partition(".")
    found = getattr(import_module(f"denovo.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        group = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
        group.command(name)(found)
        found = group
    return get_command(found)


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(is_asked: bool) -> bool:
    if is_asked:
        sys.stdout.write(f"denovo {__version__}\n")
        raise typer.Exit
    return is_asked


@app.callback()
def root(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """De novo peptide sequencing, trained on predicted spectra."""
    handler = RichHandler(console=Console(stderr=True), show_time=False, show_path=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])


def main() -> None:
    """Run the command line."""
    with forgiving_streams(), stopped_by_signals():
        app(prog_name="denovo")  # also for `python -m denovo`
