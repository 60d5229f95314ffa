"""Writer of mzTab in the layout of Casanovo, which several programs read.

The layout is that of Casanovo 5 (https://casanovo.readthedocs.io/en/latest/file_formats.html).
Limelight, winnow and mzLib recognise such files by the term MS:1003281 of the software.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from math import exp
from pathlib import Path

from denovo.chemistry import Modification
from denovo.io.exchange.source import Source
from denovo.io.files import atomic_path, encodable
from denovo.io.predictions.cells import SCORES, one_line
from denovo.io.predictions.mztab import (
    NULL,
    line_of,
    modification_metadata,
    run_metadata,
    spelled,
)
from denovo.spectra.prediction import Prediction

_COLUMNS = (
    *("sequence", "PSM_ID", "accession", "unique", "database", "database_version"),
    *("search_engine", "search_engine_score[1]", "modifications", "retention_time", "charge"),
    *("exp_mass_to_charge", "calc_mass_to_charge", "spectra_ref", "pre", "post", "start", "end"),
    # Casanovo 5.2 renamed these two; each reader knows the old names, the new ones, or both.
    *("opt_ms_run[1]_aa_scores", "opt_ms_run[1]_proforma", "opt_global_aa_scores"),
    "opt_global_cv_MS:1003169_proforma_peptidoform_sequence",
    "opt_global_cv_MS:1003057_scan_number",
)


def write_casanovo(
    path: Path, answers: Iterable[Prediction], source: Source, is_by_index: bool = False
) -> None:
    """Write answers as Casanovo does.

    The score is the calibrated probability, or the one before calibration. ``spectra_ref`` has the
    scan number where the file states one, otherwise the native id; with ``is_by_index`` it has
    always the place in the file from 0.
    """
    engine = f"[MS, MS:1003281, Casanovo, denovo {source.run.version}]"
    places = {file: number for number, file in enumerate(source.run.files, start=1)}
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        for key, value in _metadata(source, engine):
            stream.write(line_of("MTD", key, one_line(value)))
        stream.write(line_of("PSH", *_COLUMNS))
        for number, p in enumerate(answers, start=1):
            run = f"ms_run[{places[encodable(p.file)]}]"
            scan = NULL if p.scan is None else f"{run}:scan={p.scan}"
            spectrum = scan
            if is_by_index:
                spectrum = f"{run}:index={p.index}"
            elif p.scan is None:
                spectrum = f"{run}:{one_line(p.native_id).replace('|', '_')}"
            sequence, modifications = spelled(p.peptide)
            score = exp(p.log_probability) if p.probability is None else p.probability
            scores, peptide = (
                SCORES.write(p.residue_scores),
                in_casanovo_notation(p.peptide, source),
            )
            time = NULL if p.retention_time is None else p.retention_time
            cells = (
                *(sequence, number, NULL, NULL, NULL, NULL, engine, score),
                *(modifications or NULL, time, p.precursor_charge),
                *(p.precursor_mz, p.peptide_mz, spectrum, NULL, NULL, NULL, NULL),
                *(scores, peptide, scores, peptide, scan),
            )
            stream.write(line_of("PSM", *map(str, cells)))


write_casanovo_by_index = partial(write_casanovo, is_by_index=True)


def in_casanovo_notation(peptide: str, source: Source) -> str:
    """Write modifications by name, and by mass those without a name or several at one place."""
    at_start, residues = source.split(peptide)
    start = f"{_tag(*at_start)}-" if at_start else ""
    return start + "".join(letter + (_tag(mod) if mod else "") for letter, mod in residues)


def _tag(first: Modification, *others: Modification) -> str:
    if others or not first.accession.startswith("UNIMOD:"):
        return f"[{sum(mod.mass for mod in (first, *others)):+.6f}]"
    return f"[{first.name}]"


def _metadata(source: Source, engine: str) -> Iterator[tuple[str, str]]:
    run = source.run
    yield "mzTab-version", "1.0.0"
    yield "mzTab-mode", "Summary"
    yield "mzTab-type", "Identification"
    yield "description", f"Peptides sequenced de novo by denovo {run.version}, not by Casanovo"
    yield "software[1]", engine
    # Limelight expects the model as the first setting.
    settings = {"model": f"denovo {run.version}", **run.settings}
    for number, (key, value) in enumerate(settings.items(), start=1):
        yield f"software[1]-setting[{number}]", f"{key} = {value}"
    yield (
        "psm_search_engine_score[1]",
        "[MS, MS:1001143, search engine specific score for PSMs, ]",
    )
    yield from modification_metadata(run.alphabet)
    for number, file in enumerate(run.files, start=1):
        yield from run_metadata(f"ms_run[{number}]", Path(file))
