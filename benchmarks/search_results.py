"""CPU time and peak memory of reading tables of spectra and search results, and of comparing them.

python benchmarks/search_results.py [--n-rows 100000] [--keep FOLDER]

The spectra have 30 random peaks each; the predictions are those of `exchange.py`, and the search
results have the same peptides. Every line is a process of its own, start-up included.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from exchange import folder_of_inputs, predictions, print_costs, write_inputs

from denovo.chemistry import PROTON_MASS
from denovo.io.exchange import choose_formats, read_source, write_outputs
from denovo.spectra.prediction import Prediction

N_PEAKS = 30
MASSES = {"[UNIMOD:4]": "[+57.0215]", "[UNIMOD:35]": "[+15.9949]"}
SAGE = ["psm_id", "peptide", "proteins", "filename", "scannr", "rank", "label", "expmass"]
SAGE += ["charge", "rt", "spectrum_q", "sage_discriminant_score"]
MAXQUANT = ["Raw file", "Scan number", "Modified sequence", "Proteins", "Charge", "m/z", "Reverse"]
MAXQUANT += ["Retention time", "PEP", "Score"]


def sage_row(p: Prediction) -> list[object]:
    """Write a prediction as a row of Sage."""
    peptide = p.peptide
    for name, mass in MASSES.items():
        peptide = peptide.replace(name, mass)
    neutral = (p.precursor_mz - PROTON_MASS) * p.precursor_charge
    where = ["P1", "run.mzML", f"index={p.index}", 1, 1]
    return [p.index, peptide, *where, neutral, p.precursor_charge, 1.0, 0.001, p.index]


def maxquant_row(p: Prediction) -> list[object]:
    """Write a prediction as a row of MaxQuant."""
    peptide = p.peptide.replace("[UNIMOD:4]", "").replace("[UNIMOD:35]", "(Oxidation (M))")
    where = ["run", p.scan, f"_{peptide}_", "P1", p.precursor_charge, p.precursor_mz, ""]
    return [*where, 1.0, 0.01, 100.0]


def write_all(folder: Path, n_rows: int) -> None:
    """Write spectra, predictions and search results."""
    write_inputs([folder / "in.parquet"], n_rows)
    random = np.random.default_rng(1)
    found = list(predictions(n_rows))
    mz = np.sort(random.uniform(100, 1500, (n_rows, N_PEAKS)), axis=1)
    intensity = random.uniform(1, 1e5, (n_rows, N_PEAKS))
    columns = {
        **{"mz_array": list(mz), "intensity_array": list(intensity)},
        "precursor_mz": [p.precursor_mz for p in found],
        "precursor_charge": [p.precursor_charge for p in found],
        "scan_number": [p.scan for p in found],
    }
    frame = pd.DataFrame(columns)
    frame.to_parquet(folder / "run.parquet")
    frame.to_feather(folder / "run.arrow")
    with (folder / "run.mgf").open("w") as stream:
        for p, peaks in zip(found, np.stack([mz, intensity], axis=2).tolist(), strict=True):
            lines = "".join(f"{x:.5f} {y:.1f}\n" for x, y in peaks)
            stream.write(
                f"BEGIN IONS\nTITLE={p.title}\nPEPMASS={p.precursor_mz}\nSCANS={p.scan}\n"
                f"CHARGE={p.precursor_charge}+\n{lines}END IONS\n"
            )
    write_rows(folder / "results.sage.tsv", SAGE, sage_row, found)
    write_rows(folder / "msms.txt", MAXQUANT, maxquant_row, found)
    source = read_source(folder / "in.parquet")
    write_outputs(source, choose_formats([folder / "in.mzid"], []))


def write_rows(
    path: Path, names: list[str], row: Callable[[Prediction], list[object]], found: list[Prediction]
) -> None:
    """Write the predictions with a peptide as a table."""
    rows = [row(p) for p in found if p.peptide]
    pd.DataFrame(rows, columns=pd.Index(names)).to_csv(path, sep="\t", index=False)


def main() -> None:
    """Write the inputs, read and compare them, and print a table."""
    with folder_of_inputs(__doc__.splitlines()[0], write_all) as folder:
        run = str(folder / "run.parquet")
        commands = {}
        for name in ("run.mgf", "run.parquet", "run.arrow"):
            code = f"from denovo.io import open_spectra as o\nfor _ in o({str(folder / name)!r}): 0"
            commands[f"spectra of {name}"] = ["-c", code]
        for name in ("results.sage.tsv", "msms.txt", "in.mzid"):
            call = f"read_search_results({str(folder / name)!r}, {run!r})"
            code = f"from denovo.io.search import *\nprint({call}.counts)"
            commands[f"{name}, matched to run.parquet"] = ["-c", code]
        predicted, output = str(folder / "in.parquet"), str(folder / "out.parquet")
        compare = ["-m", "denovo", "compare-search", run, predicted]
        compare += [str(folder / "results.sage.tsv"), "--output", output, "--overwrite"]
        commands["denovo compare-search"] = [*compare, "--html", str(folder / "out.html")]
        print_costs(commands)


if __name__ == "__main__":
    main()
