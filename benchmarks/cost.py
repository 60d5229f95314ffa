"""What it costs to sequence many spectra, by calculation from rates that were measured.

    python benchmarks/cost.py --rate none=250 --rate full=60 --reading 1400

prints a table in Markdown. Rates are spectra a second on one core: of sequencing, one for each kind
of rescoring, and of reading. One process reads the files of a run for all its workers.
"""

import argparse
import math

NUMBERS = (10**5, 10**7, 10**9)
CORES = 32
DAY_S = 86_400


def row(name: str, n_spectra: int, rate: float, reading: float) -> str:
    """Compute the cost of one number of spectra as a row of the table."""
    core_s = n_spectra * (1 / rate + 1 / reading)
    cells = (
        f"10^{round(math.log10(n_spectra))}",
        f"`{name}`",
        f"{core_s / 3600:,.1f}",
        f"{core_s / 3600 / CORES:,.1f}",
        f"{math.ceil(core_s / CORES / DAY_S):,}",
        f"{math.floor(reading / rate):,}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", action="append", required=True, help="RESCORING=SPECTRA_PER_S")
    parser.add_argument("--reading", type=float, required=True, help="spectra read a second")
    options = parser.parse_args()
    node = f"{CORES} cores"
    print(
        f"| spectra | `--rescoring` | core-hours | hours of {node} | nodes of {node} for a day "
        "| workers that one run keeps busy |\n|---|---|---|---|---|---|"
    )
    for n_spectra in NUMBERS:
        for given in options.rate:
            name, _, rate = given.partition("=")
            print(row(name, n_spectra, float(rate), options.reading))


if __name__ == "__main__":
    main()
