"""CPU time and peak memory of `denovo map`: a million answers, a proteome of human size.

python benchmarks/mapping.py [--n-answers 1000000] [--fasta proteome.fasta] [--aho-corasick]

The proteome is random, of the composition and size of the human Swiss-Prot proteome, unless a FASTA
file is given. Of the answers, 60 % are tryptic peptides of the proteome and 40 % of a shuffled one;
80 % have a region of undetermined order of 2-4 residues, in any order. ``--aho-corasick`` measures
the look-up of the same answers, letter by letter, with pyahocorasick.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from denovo.io.predictions import SCHEMA
from denovo.proteins.proteome import (
    Proteins,
    cleavage_sites,
    make_proteins,
    read_proteins,
    shuffled,
)
from denovo.simulation.proteins import SyntheticProteome

N_PROTEINS, MEAN_LENGTH = 20_400, 559
MIN_LENGTH, MAX_LENGTH = 7, 30
SHARE_RIGHT, SHARE_AMBIGUOUS = 0.6, 0.8


def draw_answers(proteins: Proteins, n_answers: int, seed: int) -> tuple[pa.Array, pa.Array]:
    """Draw peptides, and their regions of undetermined order, permuted."""
    random = np.random.default_rng(seed)
    places = np.flatnonzero(cleavage_sites(proteins, "trypsin"))
    number = random.integers(len(places) - 3, size=6 * n_answers)
    first, end = places[number], places[number + random.integers(1, 3, size=len(number))]
    is_one = proteins.protein_of[first] == proteins.protein_of[end]
    fits = is_one & (end - first >= MIN_LENGTH) & (end - first <= MAX_LENGTH)
    first, lengths = first[fits][:n_answers], (end - first)[fits][:n_answers]
    columns = np.arange(MAX_LENGTH)
    texts = [each.letters for each in (proteins, shuffled(proteins, "trypsin", seed + 1))]
    right, wrong = (text[np.minimum(first[:, None] + columns, len(text) - 1)] for text in texts)
    letters = np.where(random.random((n_answers, 1)) < SHARE_RIGHT, right, wrong)
    low = random.integers(lengths - 1)
    high = np.minimum(low + random.integers(2, 5, size=n_answers), lengths)
    is_ambiguous = random.random(n_answers) < SHARE_AMBIGUOUS
    is_inside = (columns >= low[:, None]) & (columns < high[:, None]) & is_ambiguous[:, None]
    keys = np.where(is_inside, low[:, None] + random.random(letters.shape), columns)
    letters = np.take_along_axis(letters, np.argsort(keys, axis=1, kind="stable"), axis=1)
    data = pa.py_buffer(letters[columns < lengths[:, None]])
    offsets = pa.py_buffer(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    peptides = pa.Array.from_buffers(pa.string(), n_answers, [None, offsets, data])
    peptides = pc.replace_substring(pc.replace_substring(peptides, "I", "L"), "C", "C[UNIMOD:4]")
    ends = (pc.cast(pa.array(each), pa.string()) for each in (low + 1, high))
    regions = pc.if_else(pa.array(is_ambiguous), pc.binary_join_element_wise(*ends, "-"), "")
    return peptides, regions


def write_answers(path: Path, peptides: pa.Array, regions: pa.Array, seed: int) -> None:
    """Write a file of predictions with these peptides."""
    random = np.random.default_rng(seed)
    n_answers = len(peptides)
    probability = random.random(n_answers)
    names = [f"scan={number}" for number in range(n_answers)]
    scores = pa.FixedSizeListArray.from_arrays(pa.array(random.random(8 * n_answers)), 8)
    known = {
        "file": pa.array(["run.mzML"] * n_answers),
        "index": pa.array(np.arange(n_answers)),
        "native_id": pa.array(names),
        "title": pa.array(names),
        "precursor_mz": pa.array(random.uniform(400, 900, n_answers)),
        "precursor_charge": pa.array(np.full(n_answers, 2)),
        "charge_source": pa.array(["file"] * n_answers),
        "status": pa.array(["ok"] * n_answers),
        "peptide": peptides,
        "probability": pa.array(probability),
        "q_value": pa.array((1 - probability) / 2),
        "log_probability": pa.array(np.log(probability)),
        "residue_scores": scores.cast(pa.list_(pa.float32())),
        "site_coverage": pa.array(random.random(n_answers)),
        "explained_intensity": pa.array(random.random(n_answers)),
        "ambiguity": regions,
        "alternatives": pa.array([[]] * n_answers, SCHEMA.field("alternatives").type),
    }
    columns = [known.get(f.name, pa.nulls(n_answers, f.type)).cast(f.type) for f in SCHEMA]
    pq.write_table(pa.table(columns, schema=SCHEMA), path, compression="zstd")


def write_fasta(path: Path, proteins: Proteins) -> None:
    """Write proteins."""
    entries = (f">{proteins.accessions[n]}\n{proteins.sequence(n)}\n" for n in range(len(proteins)))
    path.write_text("".join(entries))


def look_up(fasta: Path, predictions: Path) -> None:
    """Find the answers letter by letter with pyahocorasick."""
    import ahocorasick

    peptides = pq.read_table(predictions, columns=["peptide"])["peptide"].to_pylist()
    proteins = read_proteins([fasta])
    text = proteins.letters.tobytes().decode().replace("I", "L")
    automaton = ahocorasick.Automaton()
    for number, peptide in enumerate(peptides):
        automaton.add_word(peptide.replace("C[UNIMOD:4]", "C"), number)
    automaton.make_automaton()
    print(f"{sum(1 for _ in automaton.iter(text)):,} places")


def measure(what: str, command: list[str]) -> None:
    """Run a command and print its CPU seconds, its duration and the largest memory so far."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{what}: {seconds:.1f} CPU s, {time.perf_counter() - start:.1f} s, "
        f"peak memory {after.ru_maxrss / 2**20:.2f} GiB",
        flush=True,
    )


def main() -> None:
    """Make the files, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n-answers", type=int, default=1_000_000)
    parser.add_argument("--fasta", type=Path)
    parser.add_argument("--aho-corasick", action="store_true")
    parser.add_argument("--look-up", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look_up:
        look_up(*options.look_up)
        return
    with tempfile.TemporaryDirectory() as folder:
        fasta, predictions = Path(folder, "proteome.fasta"), Path(folder, "all.parquet")
        if options.fasta:
            proteins = read_proteins([options.fasta])
        else:
            drawn = SyntheticProteome(N_PROTEINS, seed=1, mean_length=MEAN_LENGTH).sequences()
            proteins = make_proteins((f"P{n}", text, "") for n, text in enumerate(drawn))
        write_fasta(fasta, proteins)
        write_answers(predictions, *draw_answers(proteins, options.n_answers, 0), 0)
        print(f"{options.n_answers:,} answers, {len(proteins):,} proteins", flush=True)
        print(f"{proteins.lengths.sum():,} residues", flush=True)
        command = [sys.executable, "-c", "from denovo.cli import main; main()", "map"]
        command += [str(predictions), "--fasta", str(fasta), "--report", f"{folder}/page.html"]
        measure("denovo map", command)
        if options.aho_corasick:
            files = [str(fasta), str(predictions)]
            measure("pyahocorasick", [sys.executable, __file__, "--look-up", *files])


if __name__ == "__main__":
    main()
