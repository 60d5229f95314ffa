"""Two real processes train together."""

import json
import os
import subprocess
import sys
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.ranked_training import CUT, train_on_ranks

SETTINGS = (
    "+experiment=smoke", "trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2",
    "logger=csv", "~callbacks.progress", "size.n_peptides=300", "size.n_proteins=20",
    "size.steps_per_stage=3", "trainer.val_check_interval=30", "size.batch_size=8",
    "decoder.max_length=8",
    "size.val_spectra=9", "size.test_spectra=9", "size.d_state=16", "size.d_scorer=8",
    "data.sources.processes=1",
    "+callbacks.witness._target_=witness.RankWitness",
    "callbacks.gradient_shares.every_n_steps=2", "callbacks.gradient_shares.max_share=0.05",
    "+callbacks.tripwires.wires.second._target_=witness.SecondRankOnly",
    "+callbacks.tripwires.wires.count._target_=witness.CountRanks",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(root, tmp_path_factory):
    """Folder, output and what each rank saw of one run."""
    folder = tmp_path_factory.mktemp("ranks")
    paths = (f"hydra.run.dir={folder}", f"store_dir={folder / 'stores'}",
             f"+callbacks.witness.folder={folder}")  # fmt: skip
    result = subprocess.run(
        [sys.executable, "train.py", *SETTINGS, *paths],
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    lines = [(folder / f"rank-{rank}.jsonl").read_text().splitlines() for rank in (0, 1)]
    return folder, result, [[json.loads(line) for line in rank] for rank in lines]


@pytest.mark.slow
def test_the_summary_is_written_once_and_counts_both_ranks(run):
    folder, result, _ = run
    assert len(list(folder.rglob("summary*"))) == 1
    assert result.stdout.count("summary.json") == 1
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["steps"] == 30
    assert summary["spectra"] == 30 * 8 * 2
    assert len(summary["stages"]) == 10


@pytest.mark.slow
def test_both_ranks_are_at_the_same_step_of_the_same_stage(run):
    first, second = ([(b["step"], b["number"], b["weights"]) for b in rank[:-1]] for rank in run[2])
    assert first == second
    assert [step for step, _, _ in first] == list(range(30))
    weights = [weights["precursor"] for _, _, weights in first]
    # Stages of three steps, in which a cosine has passed 0, 1/4 and 3/4 of the way.
    ends = [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    ramps = [a + (b - a) * share for a, b in pairwise(ends) for share in (0, 0.25, 0.75)]
    assert weights == pytest.approx([0, 0, 0, *ramps])


@pytest.mark.slow
def test_no_spectrum_is_shown_to_both_ranks_in_one_pass(run):
    ranks = run[2]
    # One pass over 270 spectra is 16 steps of two batches of eight.
    shown = [[peptide for batch in rank[:10] for peptide in batch["peptides"]] for rank in ranks]
    assert [len(set(peptides)) for peptides in shown] == [80, 80]
    assert not set(shown[0]) & set(shown[1])


@pytest.mark.slow
def test_both_ranks_end_with_the_same_parameters(run):
    first, second = (rank[-1]["parameters"] for rank in run[2])
    assert first == second


@pytest.mark.slow
def test_both_ranks_rein_terms_in_alike(run):
    """Each measures batches of its own, and the lengths differ."""
    first, second = ([batch["factors"] for batch in rank[:-1]] for rank in run[2])
    assert first == second
    assert min(factors["precursor"] for factors in first) < 1


@pytest.mark.slow
def test_what_one_rank_or_all_together_find_is_told_once(run):
    lines = (run[0] / "tripwires.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"step": 4, "name": "second", "message": "something is odd here"},
        {"step": 6, "name": "count", "message": "[2.0, 1.0]"},
    ]
    assert run[1].stdout.count("something is odd here") == 1


@pytest.mark.slow
def test_evaluation_gathers_an_odd_number_of_spectra_from_both_ranks(run):
    """Nine spectra over two ranks: each once, none twice to fill up."""
    metrics = json.loads((run[0] / "summary.json").read_text())["metrics"]
    names = ("val/n_spectra", "val_noisy/n_spectra", "test/n_spectra", "test_noisy/n_spectra")
    assert [metrics[name] for name in names] == [9, 9, 9, 9]


@pytest.mark.slow
def test_nothing_is_warned_of(run):
    assert "sync_dist" not in run[1].stderr
    assert "Warning" not in run[1].stderr


@pytest.fixture(scope="module")
def trained(root, tmp_path_factory):
    """What each rank saw: one rank, two that torchrun started, and each going on as the other."""
    folder = tmp_path_factory.mktemp("global_batch")
    found = {"one": [train_on_ranks(1, folder, "one-rank")]}
    program = ("-m", "tests.helpers.ranked_training", str(folder))
    result = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
         *program],
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    for name in ("two-ranks", "one-then-two"):
        found[name] = [json.loads((folder / f"{name}-{rank}.json").read_text()) for rank in (0, 1)]
    start = folder / "two-ranks.ckpt"
    found["two-then-one"] = [train_on_ranks(1, folder, "two-then-one", start)]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two-ranks", "one-then-two", "two-then-one"])
def test_the_number_of_ranks_changes_no_step_at_the_same_global_batch(trained, name):
    """Not even when it changes in the middle. Sums of floats differ in their last bits."""
    (one,), ranks = trained["one"], trained[name]
    first = CUT if "then" in name else 0
    by_step = zip(*(rank["peptides"] for rank in ranks), strict=True)
    shown = [sorted(chain.from_iterable(parts)) for parts in by_step]
    assert shown == [sorted(step) for step in one["peptides"][first:]]
    losses = np.mean([rank["losses"] for rank in ranks], axis=0)
    assert losses == pytest.approx(one["losses"][first:], rel=1e-5)
    for rank in ranks:
        assert rank["weights"] == pytest.approx(one["weights"], rel=1e-4, abs=1e-6)
        assert rank["recall"] == one["recall"]
