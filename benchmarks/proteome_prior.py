"""Fit of the prior of a proteome on simulated spectra, and its error rates on measured ones.

python benchmarks/proteome_prior.py fit [--spectra 3072]
python benchmarks/proteome_prior.py measured SPECTRA.mgf --fasta TARGET.fasta \
    --entrapment OTHER.fasta [--power 2] [--truths all|half|none|changed] [--semi]
python benchmarks/proteome_prior.py candidates SPECTRA.mgf --truths all --random 11000 ...

``fit`` digests random proteins (150, 1,000 and 8,000 in turn) and adds the true peptides of 60 % of
the spectra as proteins of their own. ``measured`` adds the proteins of other organisms, without
those that hold a true peptide; ``--truths`` adds all or half of the true peptides to the target, or
removes every target protein that holds one. ``--truths
changed`` adds them as well, in each tenth in turn with one residue changed. A wrong answer differs
from the truth by mass at some residue. ``candidates`` counts the spectra whose true peptide is
among those of the proteome that the networks score, for several smallest weights of a peak in the
fast scores. ``--random`` adds random proteins to the entrapment.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from scipy.optimize import minimize

from denovo.chemistry import WATER_MASS
from denovo.chemistry.identity import identity, stable_hash
from denovo.curriculum import Noise
from denovo.io import open_spectra
from denovo.metrics import match_residues, q_values
from denovo.proteins.digest_index import DigestIndex
from denovo.proteins.proteome import make_proteins
from denovo.sequencing import SequencingSettings
from denovo.sequencing.fitting import known_spectra, noisy_batches
from denovo.sequencing.networks import load_model
from denovo.sequencing.proteome.forms import keys_of, modification_rates, rows_of
from denovo.sequencing.proteome.matching import PeakRanks
from denovo.sequencing.proteome.search import LEAST_SCORE, N_KEPT, Candidates, ProteomeSearch
from denovo.sequencing.proteome.sources import (
    FITTED,
    SourceModel,
    estimate_share,
    log_sums,
    weights_of,
)
from denovo.sequencing.proteome.variants import VariantFinder
from denovo.simulation.proteins import FastaProteome, SyntheticProteome
from denovo.spectra.batch import batch_of
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE

FIT_SEED, TEST_SEED = 104_729, 15_485_863
SIZES = 150, 1000, 8000
KNOWN_PERCENT = 60
N_PARTS = 10
"""Parts of the peptides, one of which is changed at a time."""
CHANGES = "ADEFGHLMNPQSTVWY"
DEAMIDATED = {"D": "N", "E": "Q"}
PEAK_WEIGHTS = 0.5, 2.0, 3.0, 5.0, 10.0
GROUP = 16
START = SourceModel(1.0, 4.0, 0.0, 0.0, 1.0, -3.0, 1.0, 1 - KNOWN_PERCENT / 100)


@dataclass
class Judged:
    """Candidates of a batch, which of them are right, and which truths the proteome holds."""

    found: Candidates
    mass: np.ndarray
    is_right: np.ndarray
    in_proteome: np.ndarray
    is_entrapment: np.ndarray

    def sums(self, model: SourceModel) -> tuple[np.ndarray, ...]:
        """Return the weights of candidates, and the sums of both sources and of right ones."""
        found, row = self.found, self.found.lists.row
        weights = weights_of(
            *(model, found.utility, found.outside, found.log_share, found.decoy_share),
            *(found.log_number, self.mass[row]),
        )
        is_known = np.isfinite(found.log_share)
        nothing = np.full(len(self.mass), -np.inf)
        return (
            weights.candidate,
            log_sums(row, weights.candidate, found.is_listed & is_known, weights.known_none),
            log_sums(row, weights.candidate, found.is_listed & ~is_known, weights.novel_none),
            log_sums(row, weights.candidate, found.is_listed & self.is_right, nothing),
            np.where(self.in_proteome & np.isfinite(weights.known_none), *weights[:1:-1]),
        )

    def loss(self, model: SourceModel) -> float:
        """Compute the negative log-likelihood of the truths."""
        _, known, novel, right, none = self.sums(model)
        return float((np.logaddexp(known, novel) - np.where(right > -np.inf, right, none)).sum())


class Judge:
    """Collects candidates with the network that comes with denovo."""

    def __init__(self) -> None:
        self.model = load_model(None)
        self.pipeline = SequencingSettings(rescoring="full", device="cpu").pipeline(self.model)
        self.vocabulary = self.pipeline.vocabulary

    def search(
        self, entries: Iterable[tuple[str, str, str]], is_semi: bool = False
    ) -> ProteomeSearch:
        """Digest proteins."""
        rescorer, constraint = self.pipeline.rescorer, self.pipeline.decoder.constraint
        assert rescorer is not None
        assert constraint is not None
        index = DigestIndex.build(make_proteins(entries), self.vocabulary, is_semi=is_semi)
        return ProteomeSearch(index, rescorer, modification_rates(self.model.config), constraint)

    def judge(self, search, spectra, truths: Sequence[Sequence[int]], in_proteome, n_targets=None):
        """Score the candidates of a batch; the first ``n_targets`` proteins are no entrapment."""
        found = search(spectra, self.pipeline.decoder(self.pipeline.sequencer, spectra))
        masses, lists = self.vocabulary.masses.numpy(), found.lists
        pairs = list(zip(lists.row.tolist(), lists.peptides, strict=True))
        right = [match_residues(masses[p], masses[list(truths[r])]).all() for r, p in pairs]
        index = search.find.index
        protein = np.searchsorted(index.protein_starts, index.start[found.entry], "right") - 1
        entrapment = (found.entry >= 0) & (protein >= (n_targets or len(index.accessions)))
        mass = spectra.precursor_mass.numpy()
        return Judged(found, mass, np.array(right), np.array(in_proteome), entrapment)

    def simulated(self, n_spectra: int, seed: int) -> list[Judged]:
        """Judge simulated spectra; the proteome holds the peptides of most of them."""
        noise = Noise(**self.model.rerankers["full"]["record"]["noise"])
        source = known_spectra(self.vocabulary, self.model.config, n_spectra, seed)
        batches = list(noisy_batches(source, noise, self.model.n_peaks))
        truths = [
            [row[mask].tolist() for row, mask in zip(b.tokens, b.residue_mask, strict=True)]
            for b in batches
        ]
        names = [[identity(self.vocabulary.decode(t)) for t in each] for each in truths]
        distinct = sorted({name for each in names for name in each})
        known = {t for t in distinct if stable_hash(t, "known share") % 100 < KNOWN_PERCENT}
        added = [(f"T{n}", text, "") for n, text in enumerate(sorted(known))]
        searches = []
        for size in SIZES:
            random = SyntheticProteome(size, seed + size, 450).sequences()
            searches.append(self.search([(f"P{n}", s, "") for n, s in enumerate(random)] + added))
        return [
            self.judge(searches[n % 3], b.spectra, truths[n], [t in known for t in names[n]])
            for n, b in enumerate(batches)
        ]

    def measured(self, options: argparse.Namespace) -> list[Judged]:
        """Judge annotated spectra of a file."""
        records, names, target, others = inputs(options)
        search = self.search(target + others, options.semi)
        return self.judge_file(search, records, names, target, options.power)

    def count_candidates(self, options: argparse.Namespace) -> None:
        """Print how many true peptides the fast scores choose, by the smallest weight of a peak."""
        records, _, target, others = inputs(options)
        search = self.search(target + others, options.semi)
        assert search.constraint is not None
        canonical, masses = self.vocabulary.canonical.numpy(), self.vocabulary.masses.numpy()
        n_there, n_chosen = 0, np.zeros(len(PEAK_WEIGHTS), dtype=np.int64)
        for start in range(0, len(records), GROUP):
            part = records[start : start + GROUP]
            charges = [record.precursor_charge for record in part]
            spectra = batch_of(part, charges, self.model.n_peaks, options.power)
            bounds = search.constraint.windows(spectra.precursor_mass)
            low, high = (each.numpy() + WATER_MASS for each in bounds)
            forms, row = search.find(low, high), np.arange(len(part))
            truths = [self.vocabulary.encode(record.peptide) for record in part]
            laid = rows_of([[int(token) for token in truth] for truth in truths], self.vocabulary)
            keys = keys_of(row, (canonical[laid] * (laid > 0)).astype(np.uint8))
            place = np.searchsorted(forms.keys, keys).clip(max=len(forms) - 1)
            is_there = forms.keys[place] == keys
            n_there += is_there.sum()
            for number, weight in enumerate(PEAK_WEIGHTS):
                peaks = PeakRanks(spectra, FRAGMENT_TOLERANCE, float(high.max()), weight)
                scores, rows = np.concatenate(peaks.scores(forms, masses)), np.tile(forms.row, 2)
                best, truth = np.zeros(len(part)), scores[place]
                np.maximum.at(best, rows, scores)
                n_better = np.bincount(rows, scores > truth[rows], minlength=len(part))
                is_chosen = (n_better < N_KEPT) & (truth >= LEAST_SCORE * best)
                n_chosen[number] += (is_chosen & is_there).sum()
        counts = ", ".join(f"{n} at {w}" for n, w in zip(n_chosen, PEAK_WEIGHTS, strict=True))
        Console().print(f"{options.spectra.name}: of {n_there} true peptides chosen: {counts}")

    def judge_file(self, search, records, names, target, power: float) -> list[Judged]:
        """Judge annotated spectra with the proteins of a search, the first of which are targets."""
        text = " ".join(entry[1] for entry in target).replace("I", "L")
        judged, number = [], len(make_proteins(target))
        for start in range(0, len(records), 128):
            part = slice(start, start + 128)
            charges = [record.precursor_charge for record in records[part]]
            batch = batch_of(records[part], charges, self.model.n_peaks, power)
            truths = [self.vocabulary.encode(record.peptide) for record in records[part]]
            judged.append(
                self.judge(search, batch, truths, [n in text for n in names[part]], number)
            )
        return judged

    def changed(self, options: argparse.Namespace) -> None:
        """Print how often a peptide wins of which the proteome holds a variant alone."""
        records, names, target, others = inputs(options)
        part = np.array([stable_hash(name, "part") % N_PARTS for name in names])
        changes = {name: _changed(name) for name in sorted(set(names))}
        tables, finders = [], []
        for texts in (changes.keys(), changes.values()):
            added = [(f"T{n}", text, "") for n, text in enumerate(texts)]
            search = self.search(target + added + others)
            finders.append(VariantFinder(search.find.index, self.vocabulary))
            tables.append(self.judge_file(search, records, names, target + added, options.power))
        counts = np.zeros((4, 4), dtype=np.int64)
        false = np.zeros((3, 4), dtype=np.int64)
        for number in range(N_PARTS):
            is_changed = part == number
            ratio = np.where(is_changed, *[ratios(judged) for judged in tables[::-1]])
            share = estimate_share(ratio, FITTED.novel_share)
            answers = [answers_of(judged, FITTED, share) for judged in tables[::-1]]
            probability, right, is_known = (
                np.where(is_changed, *columns) for columns in list(zip(*answers, strict=True))[:3]
            )
            q = np.ones(len(names))
            for of_source in (is_known, ~is_known):
                if of_source.any():
                    q[of_source] = q_values(probability[of_source])
            variant = [
                None if known else finders[1 if new else 0](answers[0 if new else 1][5][place])
                for place, (known, new) in enumerate(zip(is_known, is_changed, strict=True))
            ]
            named = np.array([v.peptide.replace("[UNIMOD:4]", "") if v else "" for v in variant])
            is_named = named == np.array([changes[name] for name in names])
            for column, level in enumerate((0.01, 0.05, 0.1, 1.0)):
                taken = q <= level
                counts[0, column] += (is_changed & taken & right).sum()
                counts[1, column] += (is_changed & taken & right & is_named).sum()
                counts[2, column] += (is_changed & taken & ~right & ~is_known).sum()
                counts[3, column] += (is_changed & taken & ~right & is_known).sum()
                false[0, column] += (~is_changed & taken & right).sum()
                false[1, column] += (~is_changed & taken & ~right).sum()
                false[2, column] += (~is_changed & taken & ~right & (named != "")).sum()
        total = len(names)
        Console().print(
            f"{options.spectra.name}, one tenth changed in turn; at 1, 5, 10 and 100 %: of {total} "
            f"spectra of a changed peptide right {counts[0]}, variant named {counts[1]}, wrong and "
            f"novel {counts[2]}, wrong and in the proteome {counts[3]}; of "
            f"{total * (N_PARTS - 1)} others right {false[0]}, wrong {false[1]}, called a variant "
            f"of these {false[2]}"
        )


def inputs(options: argparse.Namespace):
    """Read annotated spectra, their peptides, targets and entrapment, which holds no peptide."""
    records = [record for record in open_spectra(options.spectra) if hasattr(record, "mz")]
    records.sort(key=lambda record: record.precursor_mz * record.precursor_charge)
    names = [identity(record.peptide) for record in records]
    target, others = ([*_entries(paths)] for paths in (options.fasta, options.entrapment))
    drawn = SyntheticProteome(options.random, seed=7, mean_length=450).sequences()
    others += [(f"R{n}", text, "") for n, text in enumerate(drawn)]
    added = {"all": sorted(set(names)), "half": sorted(set(names))[::2]}
    target += [(f"T{n}", t, "") for n, t in enumerate(added.get(options.truths, []))]
    if options.truths in ("none", "changed"):
        target = [entry for entry in target if not _holds(entry[1], names)]
    return records, names, target, [entry for entry in others if not _holds(entry[1], names)]


def _changed(peptide: str) -> str:
    """Change one residue, the last excepted; a D or E never to what it is the deamidation of."""
    random = np.random.default_rng(stable_hash(peptide, "change"))
    place = int(random.integers(len(peptide) - 1))
    old = peptide[place]
    new = [each for each in CHANGES if each not in (old, DEAMIDATED.get(old))]
    return peptide[:place] + str(random.choice(new)) + peptide[place + 1 :]


def _entries(paths: Iterable[Path]) -> Iterable[tuple[str, str, str]]:
    return ((*entry, path.name) for path in paths for entry in FastaProteome(path).entries())


def _holds(protein: str, names: Iterable[str]) -> bool:
    text = protein.replace("I", "L")
    return any(name in text for name in names)


def fit(judged: Sequence[Judged]) -> SourceModel:
    """Minimise the negative log-likelihood, with a weak penalty on the distance from the start."""
    start = np.array(astuple(START)[:-1])

    def loss(values: np.ndarray) -> float:
        model = SourceModel(*values.tolist(), START.novel_share)
        return sum(each.loss(model) for each in judged) + 0.5 * ((values - start) ** 2).sum()

    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-3})
    return SourceModel(*found.x.round(3).tolist(), START.novel_share)


def ratios(judged: Sequence[Judged], model: SourceModel = FITTED) -> np.ndarray:
    """Return the logarithm of the weight of the proteome over that of all else."""
    return np.concatenate([np.subtract(*each.sums(model)[1:3]) for each in judged])


def answers_of(judged: Sequence[Judged], model: SourceModel, share: float) -> list:
    """Choose the answers at a share of novel peptides.

    Returns their probabilities; whether each is right, in the proteome, in the entrapment; whether
    the proteome holds the truth; and the peptides.
    """
    columns, peptides = [], []
    for each in judged:
        weight, known, novel, *_ = each.sums(model)
        row, is_known = each.found.lists.row, np.isfinite(each.found.log_share)
        fitted = model.novel_share
        priors = np.log([share / fitted, (1 - share) / (1 - fitted)])
        total = np.logaddexp(known + priors[1], novel + priors[0])
        value = np.where(each.found.is_listed, weight + priors[is_known * 1] - total[row], -np.inf)
        order = np.lexsort((-value, row))
        best = order[np.unique(row[order], return_index=True)[1]]
        taken = np.exp(value[best]), each.is_right[best], is_known[best]
        columns.append((*taken, each.is_entrapment[best], each.in_proteome[row[best]]))
        peptides += [each.found.lists.peptides[number] for number in best]
    return [*map(np.concatenate, zip(*columns, strict=True)), peptides]


def report(title: str, judged: Sequence[Judged], model: SourceModel = FITTED) -> None:
    """Print recall and errors at the share of novel peptides that is estimated from all spectra."""
    share = estimate_share(ratios(judged, model), model.novel_share)
    probability, right, is_known, entrapment, is_there, _ = answers_of(judged, model, share)
    console = Console()
    console.print(
        f"{title}: novel share {share:.2f}, true {1 - is_there.mean():.2f}; recall "
        f"{right.mean():.3f}, of known {right[is_there].sum()} of {is_there.sum()}, of novel "
        f"{right[~is_there].sum()} of {(~is_there).sum()}"
    )
    for source, chosen in (("proteome", is_known), ("novel", ~is_known)):
        q = q_values(probability[chosen])
        for level in (0.01, 0.05, 0.1):
            inside = q <= level
            is_wrong = ~right[chosen][inside]
            wrong, trapped = is_wrong.sum(), (is_wrong & entrapment[chosen][inside]).sum()
            console.print(
                f"  {source} at {level:.0%}: {inside.sum()} answers, {wrong} wrong, of these "
                f"{trapped} in the entrapment"
            )


def main() -> None:
    """Fit and test on simulated spectra, or judge a measured file."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fitting = commands.add_parser("fit")
    fitting.add_argument("--spectra", type=int, default=3072)
    for name in ("measured", "candidates"):
        measuring = commands.add_parser(name)
        measuring.add_argument("spectra", type=Path)
        measuring.add_argument("--fasta", type=Path, action="append", default=[])
        measuring.add_argument("--entrapment", type=Path, action="append", default=[])
        measuring.add_argument("--random", type=int, default=0)
        measuring.add_argument("--power", type=float, default=1.0)
        measuring.add_argument("--truths", choices=["all", "half", "none", "changed"])
        measuring.add_argument("--semi", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    judge = Judge()
    if options.command == "candidates":
        judge.count_candidates(options)
        return
    if options.command == "measured":
        if options.truths == "changed":
            judge.changed(options)
            return
        report(options.spectra.name, judge.measured(options))
        return
    model = fit(judge.simulated(options.spectra, FIT_SEED))
    Console().print(model)
    report("held-out simulated", judge.simulated(options.spectra // 2, TEST_SEED), model)


if __name__ == "__main__":
    main()
