"""Peptides of a proteome found by denovo and by Sage on the same file, at the same error rate.

python benchmarks/beside_search_engine.py SPECTRA.mgf --fasta TARGET.fasta \
    --entrapment OTHER.fasta [--power 2] [--truths all]

Sage (Lazear, J. Proteome Res. 22, 3652 (2023), doi:10.1021/acs.jproteome.3c00486) runs through
sagepy and ranks by its hyperscore. Both lists are ranked by score and cut at the longest one whose
error rate, estimated by the proteins of other organisms, is at most 1, 5 or 10 %.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from proteome_prior import FITTED, Judge, answers_of, inputs, ratios
from rich.console import Console

from denovo.chemistry.identity import identity
from denovo.sequencing.proteome.sources import estimate_share


def sage(records, target, others, power: float) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the best peptide of each spectrum by Sage, its score, and whether it is a target."""
    from sagepy.core import (
        EnzymeBuilder,
        Precursor,
        RawSpectrum,
        SageSearchConfiguration,
        Scorer,
        SpectrumProcessor,
        Tolerance,
    )

    static, variable = {"C": "[UNIMOD:4]"}, {"M": ["[UNIMOD:35]"], "N": ["[UNIMOD:7]"]}
    enzyme = EnzymeBuilder(2, 6, 30, "KR", "P", c_terminal=True)
    fasta = "".join(
        f">{kind}{n}\n{entry[1]}\n"
        for kind, entries in (("T", target), ("E", others))
        for n, entry in enumerate(entries)
    )
    database = SageSearchConfiguration(
        fasta, enzyme_builder=enzyme, static_mods=static, variable_mods=variable
    ).generate_indexed_database()
    ppm = Tolerance(ppm=(-20.0, 20.0))
    scorer = Scorer(
        *(ppm, ppm, 4), 0, 1, variable_mods=variable, static_mods=static, annotate_matches=False
    )
    peptides, scores, is_target = [], np.full(len(records), -np.inf), np.zeros(len(records), bool)
    for number, record in enumerate(records):
        charge = int(record.precursor_charge)
        raw = RawSpectrum(
            *(1, str(number), float(record.intensity.sum())),
            [Precursor(record.precursor_mz, charge=charge)],
            np.asarray(record.mz, dtype=np.float32),
            np.asarray(record.intensity, dtype=np.float32) ** np.float32(power),
        )
        peptides.append("")
        found = scorer.score(database, SpectrumProcessor(take_top_n=150).process(raw))
        if found and found[0].label == 1:
            peptide = database[found[0].peptide_idx]
            peptides[-1] = peptide.sequence.replace("I", "L")
            scores[number] = found[0].hyperscore
            is_target[number] = any(name.startswith("T") for name in peptide.proteins)
    return peptides, scores, is_target


def kept(score: np.ndarray, is_target: np.ndarray, factor: float, level: float) -> np.ndarray:
    """Return the longest list of the highest scores with an error rate of at most a level.

    Each answer in the entrapment stands for ``factor`` wrong ones.
    """
    order = np.argsort(-score, kind="stable")[: np.isfinite(score).sum()]
    rate = factor * np.cumsum(~is_target[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(rate <= level)
    return order[: good[-1] + 1] if len(good) else order[:0]


def main() -> None:
    """Compare both on a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spectra", type=Path)
    parser.add_argument("--fasta", type=Path, action="append", default=[])
    parser.add_argument("--entrapment", type=Path, action="append", default=[])
    parser.add_argument("--random", type=int, default=0, help="random proteins in the entrapment")
    parser.add_argument("--power", type=float, default=1.0)
    parser.add_argument("--truths", choices=["all"], help="add all true peptides to the target")
    options, console = parser.parse_args(), Console()
    if find_spec("sagepy") is None:
        console.print("skipped: sagepy is not installed; pip install sagepy")
        return
    torch.set_num_threads(1)
    records, names, target, others = inputs(options)
    judge = Judge()
    judged = judge.judge_file(judge.search(target + others), records, names, target, options.power)
    share = estimate_share(ratios(judged), FITTED.novel_share)
    probability, _, is_known, entrapment, _, peptides = answers_of(judged, FITTED, share)
    ours = [identity(judge.vocabulary.decode(peptide)) for peptide in peptides]
    theirs, score, is_target = sage(records, target, others, options.power)
    size = [sum(len(entry[1]) for entry in entries) for entries in (target, others)]
    factor = 1 + size[0] / size[1]
    runs = (ours, np.where(is_known, probability, -np.inf), ~entrapment), (theirs, score, is_target)
    for level in (0.01, 0.05, 0.1):
        found = []
        for name, (texts, of_run, targets) in zip(("denovo", "Sage"), runs, strict=True):
            numbers = kept(of_run, targets, factor, level)
            numbers = numbers[targets[numbers]]
            # A deamidated peptide is one with D or E here, and one with N or Q in the annotation.
            right = sum(_plain(texts[n]) == _plain(names[n]) for n in numbers)
            found.append({_plain(texts[n]) for n in numbers})
            console.print(f"{name} at {level:.0%}: {len(numbers)} spectra, {right} as annotated")
        both = len(found[0] & found[1])
        console.print(f"  peptides: denovo {len(found[0])}, Sage {len(found[1])}, both {both}")


def _plain(peptide: str) -> str:
    return peptide.replace("N", "D").replace("Q", "E")


if __name__ == "__main__":
    main()
