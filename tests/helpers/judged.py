"""Annotated spectra, and answers to them in the layouts of Casanovo 5.2 and InstaNovo 1.2."""

import math
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

SPECTRUM = """BEGIN IONS
TITLE={title}
PEPMASS={mz}
CHARGE=2+
SCANS={scan}
SEQ={peptide}
147.113 0.5
205.097 1.0
END IONS
"""
_CASANOVO = (
    *("PSH", "sequence", "PSM_ID", "accession", "unique", "database", "database_version"),
    *("search_engine", "search_engine_score[1]", "modifications", "retention_time", "charge"),
    *("exp_mass_to_charge", "calc_mass_to_charge", "spectra_ref", "pre", "post", "start", "end"),
    *("opt_global_aa_scores", "opt_global_cv_MS:1003169_proforma_peptidoform_sequence"),
    "opt_global_cv_MS:1003057_scan_number",
)
_NAMES_OF_CASANOVO = {
    "[UNIMOD:1]-": "[Acetyl]-",
    "[UNIMOD:4]": "[Carbamidomethyl]",
    "[UNIMOD:5]-": "[Carbamyl]-",
    "[UNIMOD:7]": "[Deamidated]",
    "[UNIMOD:35]": "[Oxidation]",
    "[UNIMOD:385]-": "[Ammonia-loss]-",
    "[Formula:H-2C1O1]-": "[+25.980265]-",
}


def write_spectra(
    path: Path, peptides: Iterable[str], first_scan: int = 100, **fields: object
) -> Path:
    """Write a spectrum of each peptide, the n-th from 0 of precursor m/z 400 + n."""
    entries = [
        SPECTRUM.format(
            **{"title": f"spectrum {n}", "mz": 400 + n, "scan": first_scan + n, "peptide": text}
            | fields
        )
        for n, text in enumerate(peptides)
    ]
    path.write_text("".join(entries))
    return path


def write_casanovo(path: Path, rows: pd.DataFrame) -> Path:
    """Write the answers of ``prediction``, ``log_probability`` and ``token_scores`` in mzTab."""
    lines = [("MTD", "ms_run[1]-location", "file:///elsewhere/run.mgf"), _CASANOVO]
    for n, (peptide, score, scores) in enumerate(_answers(rows)):
        if not peptide:
            continue
        for tag, name in _NAMES_OF_CASANOVO.items():
            peptide = peptide.replace(tag, name)
        known = {
            **{"PSH": "PSM", "PSM_ID": n + 1, "search_engine_score[1]": score, "charge": 2},
            **{"exp_mass_to_charge": 400 + n, "spectra_ref": f"ms_run[1]:index={n}"},
            "opt_global_aa_scores": ",".join(f"{each:.5f}" for each in scores),
            "opt_global_cv_MS:1003169_proforma_peptidoform_sequence": peptide,
            "opt_global_cv_MS:1003057_scan_number": f"ms_run[1]:scan={100 + n}",
        }
        lines.append(tuple(str(known.get(name, "null")) for name in _CASANOVO))
    path.write_text("".join("\t".join(cells) + "\n" for cells in lines))
    return path


def write_instanovo(path: Path, rows: pd.DataFrame) -> Path:
    """Write the same answers as a table with logarithms."""
    written = [
        {
            **{"scan_number": 100 + n, "spectrum_id": f"run:{n}", "precursor_mz": 400 + n},
            **{"precursor_charge": 2, "predictions": peptide, "log_probs": score},
            "token_log_probs": [math.log(each) if each else -math.inf for each in scores],
        }
        for n, (peptide, score, scores) in enumerate(_answers(rows))
    ]
    pd.DataFrame(written).to_csv(path, index=False)
    return path


def _answers(rows: pd.DataFrame) -> Iterable[tuple[str, float, list[float]]]:
    names = ("prediction", "log_probability", "token_scores")
    return zip(*(rows[name] for name in names), strict=True)
