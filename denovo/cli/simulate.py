"""`denovo simulate`: predict spectra."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.errors import exit_with_message


def simulate(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Settings as for train.py, such as size=workstation residues=common."),
    ] = None,
    fasta: Annotated[Path | None, typer.Option(help="Proteins; the default is synthetic.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder of all stores.")] = None,
    n_peptides: Annotated[int | None, typer.Option(help="Number of peptides.")] = None,
) -> None:
    """Predict the spectra that train.py would train on, and print where they lie."""
    settings = list(overrides or [])
    with exit_with_message():
        from denovo.chemistry import Vocabulary
        from denovo.cli.diagnosis_input import settings_of
        from denovo.data import SimulatedSources
        from denovo.reports.table import print_text
        from denovo.training.configuration import build, override

        if fasta:
            settings += ["proteins=fasta", override("proteins.path", fasta)]
        if output:
            settings.append(override("store_dir", output))
        if n_peptides is not None:
            # A synthetic protein gives some 28 peptides; 20 leave room for exclusions.
            n_proteins = n_peptides // 20 + 1
            settings += [f"size.n_peptides={n_peptides}", f"size.n_proteins={n_proteins}"]
        config = settings_of(settings)
        vocabulary = Vocabulary(build(config.residues))
        sources = build(config.data.sources)(vocabulary=vocabulary)
        assert isinstance(sources, SimulatedSources)
        sources.prepare()
        print_text(f"store  {sources.store.path}")
        for split, count in sources.store.n_spectra.items():
            print_text(f"{split:6} {count} spectra")
