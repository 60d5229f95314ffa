"""Whether the figures of `--match proteobench` are those of ProteoBench, on random answers.

Run from the root of the repository with ``PYTHONPATH=.``, where both can be imported: ``pip
install --no-deps proteobench requests beautifulsoup4 soupsieve toml`` beside denovo. ``--write
tests/evaluation/proteobench.json`` stores what ProteoBench says of some answers, for the tests.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

from denovo.evaluation.proteobench import proteobench_figures
from tests.helpers.proteobench_oracle import (
    MODES,
    differences,
    figures_of_proteobench,
    random_rows,
)


def main() -> None:
    """Compare on many answers, and store golden numbers for some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="JSON file for the first 300 rows")
    arguments = parser.parse_args()
    rows = random_rows(arguments.rows, arguments.seed)
    ours, theirs = proteobench_figures(rows), figures_of_proteobench(rows)
    found = differences(ours, theirs)
    print(f"ProteoBench {version('proteobench')}, {len(rows)} answers, other figures: {found}")
    for mode in MODES:
        print(mode, theirs[f"peptide, {mode}"], theirs[f"aa, {mode}"])
    if arguments.write:
        some = rows[:300]
        record = {
            "source": f"proteobench {version('proteobench')}",
            "command": "python benchmarks/proteobench_figures.py --write "
            "tests/evaluation/proteobench.json",
            "figures": figures_of_proteobench(some),
            "rows": some.drop(columns=["has_answer", "probability"]).to_numpy().tolist(),
        }
        arguments.write.write_text(json.dumps(record, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
