"""Matches of right and of wrong answers, where the true peptides are known.

python benchmarks/mapped_truths.py predictions.parquet annotated.mgf [more pairs] [--fasta FASTA]

Without FASTA files, the proteins are random ones of the composition and size of the human
Swiss-Prot proteome, with the true peptides put in at random places. With FASTA files, answers to
spectra whose true peptide they lack have a column of their own. An answer is right if it has the
residues of the truth, with I = L and D for deamidated N.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa

from denovo.chemistry.identity import identity
from denovo.chemistry.tolerance import parse_tolerance
from denovo.io import open_spectra
from denovo.io.predictions import read_batches
from denovo.proteins import KINDS, Proteins, make_proteins, map_answers, read_proteins
from denovo.simulation.proteins import SyntheticProteome

N_PROTEINS, MEAN_LENGTH = 20_400, 559


def truths_of(path: Path, indices: list[int]) -> list[str]:
    """Return the true peptides of spectra of an annotated file, reduced to their identity."""
    known = {
        spectrum.index: identity(getattr(spectrum, "peptide", None) or "")
        for spectrum in open_spectra(path)
    }
    return [known[index] for index in indices]


def with_peptides(peptides: list[str]) -> Proteins:
    """Draw random proteins, and put peptides in at random places."""
    random = np.random.default_rng(0)
    proteins = list(SyntheticProteome(N_PROTEINS, seed=1, mean_length=MEAN_LENGTH).sequences())
    for peptide, number in zip(peptides, random.permutation(N_PROTEINS), strict=False):
        text = proteins[number]
        place = int(random.integers(1, len(text) + 1))
        proteins[number] = f"{text[:place]}K{peptide}{text[place:]}"
    return make_proteins((f"P{n}", text, "random") for n, text in enumerate(proteins))


def main() -> None:
    """Map the answers, and print the matches of right and of wrong ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", type=Path)
    parser.add_argument("--fasta", type=Path, action="append")
    parser.add_argument("--tolerance", default="20 ppm")
    options = parser.parse_args()
    tables, truths = [], []
    for predictions, annotated in zip(options.pairs[::2], options.pairs[1::2], strict=True):
        table = pa.Table.from_batches(read_batches(predictions))
        tables.append(table)
        truths += truths_of(annotated, table["index"].to_pylist())
    answers = pa.concat_tables(tables)
    if options.fasta:
        proteins = read_proteins(options.fasta)
        text = proteins.letters.tobytes().decode().replace("I", "L")
        is_there = [bool(truth) and truth in text for truth in truths]
    else:
        proteins = with_peptides(sorted(set(truths)))
        is_there = [bool(truth) for truth in truths]
    mapping = map_answers(answers, proteins, "trypsin", parse_tolerance(options.tolerance), 6, 0)
    counts = {verdict: Counter[str]() for verdict in ("right", "wrong", "absent")}
    at_truth: Counter[str] = Counter()
    chance: Counter[str] = Counter()
    rows = mapping.table(0, len(mapping)).to_pylist()
    for row, peptide, truth, counted in zip(
        rows, answers["peptide"].to_pylist(), truths, is_there, strict=True
    ):
        if not truth or not peptide:
            continue
        verdict = "absent"
        if counted:
            verdict = "right" if identity(peptide) == truth else "wrong"
        counts[verdict][row["match"]] += 1
        chance[row["shuffled_match"]] += 1
        found = identity(row["matched_peptide"] or "")
        at_truth[row["match"]] += verdict == "wrong" and found == truth
    print("| match | right | wrong | of these, at the true peptide | truth absent | by chance |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind in KINDS:
        right, wrong, absent = (found[kind] for found in counts.values())
        if right or wrong or absent or chance[kind]:
            print(f"| {kind} | {right} | {wrong} | {at_truth[kind]} | {absent} | {chance[kind]} |")
    print(", ".join(f"{verdict} {found.total()}" for verdict, found in counts.items()))


if __name__ == "__main__":
    main()
