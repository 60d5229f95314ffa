"""Page of `denovo sequence`, with precision and coverage where the files state peptides."""

from collections.abc import Sequence
from pathlib import Path

from denovo.chemistry import Vocabulary
from denovo.evaluation import KnownPeptides
from denovo.io import open_spectra
from denovo.io.files import sha256_of
from denovo.io.predictions import PartFolder
from denovo.reports.html import write_sequencing_report
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase


def write_page(
    path: Path,
    run: SequencingRun,
    parts: PartFolder,
    showcase: Showcase,
    digests: Sequence[str],
) -> None:
    """Write the page of a run; files whose shown spectra state peptides are read once more.

    ``digests`` holds the SHA-256 of each file of the run.
    """
    shown = [spectrum for group in showcase.groups().values() for _, spectrum in group]
    files, known = [Path(file) for file in run.record.files], None
    # Shards may be merged on a machine that does not have the files, or has others of their names.
    if any(spectrum.peptide for spectrum in shown) and all(
        file.is_file() and sha256_of(file) == digest
        for file, digest in zip(files, digests, strict=True)
    ):
        vocabulary = Vocabulary(run.record.alphabet)
        known = KnownPeptides.of(open_spectra(files), parts, vocabulary)
    write_sequencing_report(path, run, parts, showcase, known)
