"""Writers of Percolator input (PIN), of the TSV and Parquet of psm_utils, and of FASTA.

PIN: https://github.com/percolator/percolator/wiki/Interface. psm_utils:
https://psm-utils.readthedocs.io/en/stable/api/psm_utils.io/.
"""

from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.chemistry import PROTON_MASS, bare_sequence
from denovo.io.exchange.source import Source
from denovo.io.files import atomic_path, encodable
from denovo.io.predictions.cells import one_line
from denovo.io.predictions.columns import BATCH_SIZE
from denovo.io.predictions.delimited import write_rows
from denovo.spectra.prediction import Prediction

_MIN_LOG_PROBABILITY = -1e4
"""Smallest value of the feature, which has to be finite."""
_N_CHARGES = 6
"""Number of columns of charges at least, so that files of several runs have the same columns."""
_TEXT, _NUMBER = pa.string(), pa.float64()
# The schema of psm_utils 1.5 with numbers in double precision: m/z values lose their digits in
# single precision.
_PSM_SCHEMA = pa.schema(
    [
        *((name, _TEXT) for name in ("peptidoform", "spectrum_id", "run", "collection")),
        *(("spectrum", _TEXT), ("is_decoy", pa.bool_())),
        *((name, _NUMBER) for name in ("score", "qvalue", "pep", "precursor_mz")),
        *((name, _NUMBER) for name in ("retention_time", "ion_mobility")),
        *(("protein_list", pa.list_(_TEXT)), ("rank", pa.int32()), ("source", _TEXT)),
        *((name, pa.map_(_TEXT, _TEXT)) for name in ("provenance_data", "metadata")),
        ("rescoring_features", pa.map_(_TEXT, _NUMBER)),
    ]
)
_PREFIXES = {
    "provenance_data": "provenance",
    "metadata": "meta",
    "rescoring_features": "rescoring",
}
"""Columns of psm_utils that hold several values, and the prefixes of these in TSV."""
_OF_A_PSM = {"file", "peptide", "q_value", "precursor_mz", "precursor_charge", "retention_time"}
"""Columns of ours that have a column of psm_utils."""


def features(prediction: Prediction, is_calibrated: bool) -> dict[str, float]:
    """Return the numbers that a rescoring program may weigh; all are finite."""
    p = prediction
    assert p.ppm_error is not None
    known: dict[str, float] = {}
    if is_calibrated and p.probability is not None:
        known["probability"] = p.probability
    return known | {
        "log_probability": max(p.log_probability, _MIN_LOG_PROBABILITY),
        "mean_residue_score": sum(p.residue_scores) / len(p.residue_scores),
        "min_residue_score": min(p.residue_scores),
        "abs_ppm_error": abs(p.ppm_error),
        "isotope_error": p.isotope_error or 0,
        "constraint_cost": p.constraint_cost or 0.0,
        "site_coverage": p.site_coverage,
        "explained_intensity": p.explained_intensity,
        "undetermined_residues": sum(r.end - r.start + 1 for r in p.ambiguous),
        "peptide_length": len(bare_sequence(p.peptide)),
    }


def write_pin(path: Path, answers: Iterable[Prediction], source: Source) -> None:
    """Write answers as targets with the numbers of `features` and a column for each charge.

    ``ScanNr`` is the scan number, or the place in the file where it states none. Masses are
    neutral. The protein of an answer is its own sequence, as no protein is known.
    """
    charges = range(1, max(_N_CHARGES, source.max_charge) + 1)
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        for number, p in enumerate(answers):
            known = features(p, source.is_calibrated)
            if not number:
                names = ("SpecId", "Label", "ScanNr", "ExpMass", "CalcMass", *known)
                columns = (*names, *(f"Charge{z}" for z in charges), "Peptide", "Proteins")
                stream.write("\t".join(columns) + "\n")
            assert p.peptide_mz is not None
            masses = (
                (mz - PROTON_MASS) * p.precursor_charge for mz in (p.precursor_mz, p.peptide_mz)
            )
            cells = (
                *(spectrum_name(p, source), 1, p.index if p.scan is None else p.scan, *masses),
                *(*known.values(), *(int(z == p.precursor_charge) for z in charges)),
                *(f"-.{source.proforma(p.peptide)}.-", accession(p.peptide)),
            )
            stream.write("\t".join(map(str, cells)) + "\n")


def write_psm_utils(path: Path, answers: Iterable[Prediction], source: Source) -> None:
    """Write answers as TSV or Parquet of psm_utils; all other columns are its metadata."""
    psms = (_psm(p, source) for p in answers)
    with atomic_path(path) as temporary:
        if path.suffix.lower() == ".parquet":
            with temporary.open("wb") as file, pq.ParquetWriter(file, _PSM_SCHEMA) as writer:
                while batch := list(islice(psms, BATCH_SIZE)):
                    writer.write_batch(pa.RecordBatch.from_pylist(batch, _PSM_SCHEMA))
        else:
            rows = map(_flat, psms)
            first = next(rows)
            write_rows(temporary, tuple(first), map(_texts, chain([first], rows)), "\t")


def _psm(p: Prediction, source: Source) -> dict[str, Any]:
    # Programs find the spectra of MGF files by their title, others by the native id.
    has_title = bool(p.title) and p.native_id.startswith("index=")
    return {
        "peptidoform": f"{source.proforma(p.peptide)}/{p.precursor_charge}",
        "spectrum_id": one_line(p.title if has_title else p.native_id),
        "run": one_line(source.run_name(p)),
        "is_decoy": False,
        "score": p.score,
        "qvalue": p.q_value,
        "pep": None if p.probability is None else 1.0 - p.probability,
        "precursor_mz": p.precursor_mz,
        "retention_time": p.retention_time,
        "rank": 1,
        "source": "denovo",
        "provenance_data": {"file": encodable(p.file), "denovo": source.run.version},
        "metadata": {
            column.name: column.kind.write(getattr(p, column.name))
            for column in source.run.columns
            if column.name not in _OF_A_PSM
        },
        "rescoring_features": features(p, source.is_calibrated),
    }


def _flat(psm: dict[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in psm.items() if name not in _PREFIXES}
    for name, prefix in _PREFIXES.items():
        flat |= {f"{prefix}:{key}": value for key, value in psm[name].items()}
    return flat


def _texts(row: dict[str, Any]) -> list[str]:
    return ["" if value is None else one_line(str(value)) for value in row.values()]


def spectrum_name(prediction: Prediction, source: Source) -> str:
    """Return a name of a spectrum that no other spectrum of the predictions has."""
    return one_line(f"{source.run_name(prediction)}:{prediction.native_id}")


def accession(peptide: str) -> str:
    """Return a name in the place of that of a protein, which is not known."""
    return f"PEP_{bare_sequence(peptide)}"


class _Best(NamedTuple):
    score: float
    n_spectra: int


def write_fasta(path: Path, answers: Iterable[Prediction], source: Source) -> None:
    """Write distinct sequences without modifications, with their best score, in order of file."""
    name = "probability" if source.is_calibrated else "log_probability"
    found: dict[str, _Best] = {}
    for p in answers:
        sequence, score = bare_sequence(p.peptide), getattr(p, name)
        before = found.get(sequence, _Best(score, 0))
        found[sequence] = _Best(max(before.score, score), before.n_spectra + 1)
    with atomic_path(path) as temporary, temporary.open("w", encoding="ascii") as stream:
        for number, (sequence, best) in enumerate(found.items(), start=1):
            header = f">denovo_{number} {name}={best.score} spectra={best.n_spectra}"
            stream.write(f"{header}\n{sequence}\n")
