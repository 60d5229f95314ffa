"""CPU time and peak memory of `denovo evaluate --predictions` for the answers of several programs.

python benchmarks/judging.py [--n-rows 100000] [--keep FOLDER]

The spectra have the b and y ions of their peptide, a third of them missing, and 40 random peaks.
The answers are those of `exchange.py`; of every second spectrum, the true peptide is the reversed
one. Every line is a process of its own, start-up included.
"""

import csv
from pathlib import Path

import numpy as np
from exchange import folder_of_inputs, predictions, print_costs, write_inputs

from denovo.chemistry import PROTON_MASS, WATER_MASS, split_proforma, unimod
from denovo.chemistry.pyteomics_mass import mass
from denovo.choices import ExchangeFormat
from denovo.io.exchange import choose_formats, read_source, write_outputs
from denovo.spectra.prediction import Prediction

N_NOISE, SHARE_SHOWN = 40, 0.67


def write_all(folder: Path, n_rows: int) -> None:
    """Write annotated spectra, and answers in the layout of three programs."""
    write_inputs([folder / "denovo.parquet"], n_rows)
    source = read_source(folder / "denovo.parquet")
    outputs = choose_formats([folder / "casanovo.mztab"], [ExchangeFormat.CASANOVO_INDEX])
    write_outputs(source, outputs)
    random = np.random.default_rng(1)
    with (folder / "truth.mgf").open("w") as stream:
        for p in predictions(n_rows):
            stream.write(entry(p, random))
    with (folder / "instanovo.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ("spectrum_id", "predictions", "log_probs", "token_log_probs", "precursor_mz")
        )
        for p in predictions(n_rows):
            scores = [float(np.log(score)) for score in p.residue_scores]
            row = f"truth:{p.index}", p.peptide, p.log_probability, scores, p.precursor_mz
            writer.writerow(row)


def entry(p: Prediction, random: np.random.Generator) -> str:
    """Write the spectrum of an answer, or of its reverse, with the true peptide."""
    residues = split_proforma(p.peptide or "PEPTIDEK")[1][:: 1 if p.index % 2 else -1]
    masses = [
        mass.std_aa_mass[letter] + (unimod().modifications[tag].mass if tag else 0.0)
        for letter, tag in residues
    ]
    b = np.cumsum(masses)[:-1] + PROTON_MASS
    y = np.cumsum(masses[::-1])[:-1] + PROTON_MASS + WATER_MASS
    ions = np.concatenate([b, y])
    shown = ions[random.random(len(ions)) < SHARE_SHOWN]
    peaks = np.sort(np.concatenate([shown, random.uniform(100, 1500, N_NOISE)]))
    lines = "".join(
        f"{mz:.5f} {height:.1f}\n"
        for mz, height in zip(
            peaks.tolist(), random.uniform(1, 1e5, len(peaks)).tolist(), strict=True
        )
    )
    truth = "".join(f"{letter}[{tag}]" if tag else letter for letter, tag in residues)
    return (
        f"BEGIN IONS\nTITLE={p.title}\nPEPMASS={p.precursor_mz}\nSCANS={p.scan}\n"
        f"CHARGE={p.precursor_charge}+\nSEQ={truth}\n{lines}END IONS\n"
    )


def main() -> None:
    """Write the inputs, judge the answers, and print a table."""
    with folder_of_inputs(__doc__.splitlines()[0], write_all) as folder:
        judge = ["-m", "denovo", "evaluate", str(folder / "truth.mgf")]
        files = {
            name: ["--predictions", str(folder / name)]
            for name in ("denovo.parquet", "casanovo.mztab", "instanovo.csv")
        }
        commands = {f"`--predictions {name}`": [*judge, *file] for name, file in files.items()}
        every = [*judge, *(part for file in files.values() for part in file)]
        every += ["--match", "proteobench"]
        for name in ("html", "json", "csv"):
            every += [f"--{name}", str(folder / f"out.{name}")]
        commands["all three, `--match proteobench`, page, JSON and CSV"] = every
        print_costs(commands)


if __name__ == "__main__":
    main()
