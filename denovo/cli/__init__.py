"""The `denovo` command: one module per subcommand."""

import logging

import typer
from rich.console import Console
from rich.logging import RichHandler

from denovo.cli.characterise import characterise_command
from denovo.cli.compare import compare
from denovo.cli.dashboard import dashboard
from denovo.cli.diagnose import diagnose
from denovo.cli.evaluate import evaluate_command
from denovo.cli.export import export
from denovo.cli.plot_spectrum import plot_spectrum
from denovo.cli.process import forgiving_streams, stopped_by_signals
from denovo.cli.report import report_command
from denovo.cli.sequence import sequence_command
from denovo.cli.simulate import simulate

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("sequence")(sequence_command)
app.command()(simulate)
app.command()(compare)
app.command()(dashboard)
app.add_typer(diagnose, name="diagnose")
app.command("evaluate")(evaluate_command)
app.command("report")(report_command)
app.command("plot")(plot_spectrum)
app.command()(export)
app.command("characterise")(characterise_command)


@app.callback()
def root() -> None:
    """De novo peptide sequencing, trained on predicted spectra."""
    handler = RichHandler(console=Console(stderr=True), show_time=False, show_path=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])


def main() -> None:
    """Run the command line."""
    with forgiving_streams(), stopped_by_signals():
        app()
