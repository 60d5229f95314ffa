"""`denovo evaluate`: measure networks on spectra with known peptides."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import Match, Unsupported
from denovo.cli.common import MaxQValueOption, SqrtIntensityOption, check_plot
from denovo.cli.sequencing_options import (
    N_THREADS,
    NETWORK_HELP,
    NETWORK_OPTIONS,
    ThreadsOption,
    use_threads,
    with_sequencing_settings,
)
from denovo.errors import InputError, exit_with_message
from denovo.sequencing.settings import SequencingSettings

FilesArgument = Annotated[
    list[str], typer.Argument(help="Annotated files of any format, or patterns.")
]
NetworksOption = Annotated[
    list[Path] | None,
    typer.Option(
        *NETWORK_OPTIONS,
        help=f"{NETWORK_HELP} May be repeated, then all are compared to the first.",
    ),
]
PredictionsOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Answers of Casanovo (mzTab), InstaNovo (CSV), PrimeNovo or PepNet (TSV), in the "
        "custom format of ProteoBench (CSV), or of denovo; may be repeated. Networks are then "
        "evaluated only where --network names them."
    ),
]
SearchOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Search results whose peptides are the truth instead of those of the files: "
        "mzIdentML, pepXML, MaxQuant msms.txt, Sage, FragPipe psm.tsv, Percolator, mokapot. "
        "May be repeated."
    ),
]
MatchOption = Annotated[
    Match,
    typer.Option(
        help="What is right: masses within 0.1 and 0.5 Da (deepnovo), within 20 and 50 ppm "
        "(proteobench), or the same residues, I as L (exact)."
    ),
]
FastaOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Proteins of the sample, plain or gzip: how many answers, and how many wrong ones, "
        "they have. May be repeated."
    ),
]
SimulatedOption = Annotated[
    int, typer.Option(help="Simulated spectra, read clean and with the noise of training.")
]
ControlOption = Annotated[
    bool, typer.Option("--control", help="Read all files once more, peaks shuffled.")
]
ComparableOption = Annotated[
    bool,
    typer.Option(
        "--comparable",
        help="Only what simulated spectra can be compared with: 6 to 20 residues, modified at "
        "C and M alone, precursor within 50 ppm.",
    ),
]
OnePerPrecursorOption = Annotated[
    list[str] | None,
    typer.Option(help="Name of a file of which one spectrum per peptide and charge is read."),
]
UnsupportedOption = Annotated[
    Unsupported, typer.Option(help="Peptides outside the alphabet: stop, or leave out.")
]
JsonOption = Annotated[Path | None, typer.Option(help="JSON file for all figures.")]
CsvOption = Annotated[Path | None, typer.Option(help="CSV file, a row per spectrum.")]
HtmlOption = Annotated[Path | None, typer.Option(help="HTML file with tables and pictures.")]
PicturesOption = Annotated[
    Path | None,
    typer.Option(
        help="Precision over coverage of the first network: .png, .svg or .pdf. A name without "
        "such an ending is a folder for all pictures, PNG."
    ),
]
ProteobenchOption = Annotated[
    Path | None,
    typer.Option(help="CSV file for the upload to ProteoBench, answers of the first network."),
]


@with_sequencing_settings(without=("alternatives", "intensity_power"))
def evaluate_command(
    files: FilesArgument,
    checkpoint: NetworksOption = None,
    predictions: PredictionsOption = None,
    search: SearchOption = None,
    max_q_value: MaxQValueOption = 0.01,
    match: MatchOption = Match.DEEPNOVO,
    fasta: FastaOption = None,
    simulated: SimulatedOption = 0,
    control: ControlOption = False,
    comparable: ComparableOption = False,
    one_per_precursor: OnePerPrecursorOption = None,
    sqrt_intensity: SqrtIntensityOption = None,
    unsupported: UnsupportedOption = Unsupported.ERROR,
    json: JsonOption = None,
    csv: CsvOption = None,
    html: HtmlOption = None,
    plot: PicturesOption = None,
    proteobench: ProteobenchOption = None,
    threads: ThreadsOption = N_THREADS,
    *,
    settings: SequencingSettings,
) -> None:
    """Measure networks on spectra with known peptides, measured and simulated."""
    with exit_with_message():
        if plot and plot.suffix:
            check_plot(plot)
        if simulated < 0:
            raise InputError(f"--simulated must be at least 0, got {simulated}")
        if predictions and not checkpoint and (simulated or control):
            raise InputError("--simulated and --control need a network; give --checkpoint, too")
        use_threads(threads)
        selected = {
            "unsupported": unsupported,
            "is_comparable": comparable,
            "one_per_precursor": one_per_precursor or [],
            "sqrt_intensity": sqrt_intensity or [],
        }
        from denovo.cli.evaluation_run import Judged, Written, run_evaluation

        written = Written(json, csv, html, proteobench, plot)
        networks = checkpoint or ([] if predictions else [None])
        judged = Judged(networks, predictions or [], match, search or [], max_q_value, fasta or [])
        run_evaluation(judged, files, simulated, control, selected, settings, written)
