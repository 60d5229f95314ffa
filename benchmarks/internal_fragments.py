"""Fit where peptides break twice, and how high what falls out stands, to annotated spectra.

Run ``python benchmarks/internal_fragments.py casanovo.mgf hela.mgf
--sqrt-intensity casanovo.mgf``. It
prints the tables of `denovo.chemistry.internal_fragments`: a linear model of the logarithm of the
height as a share of the base peak, by maximum likelihood with weak priors, where a fragment that is
not seen lies below the weakest peak of its spectrum.
"""

from collections.abc import Sequence

import torch
from annotated_files import batches, open_files
from torch.distributions import Normal

from denovo.chemistry import Vocabulary
from denovo.chemistry.internal_fragments import (
    MEASURED,
    SIZES,
    InternalFragments,
    InternalStatistics,
)
from denovo.data import AnnotatedSpectra
from denovo.sequencing.rescoring.internal_odds import TOLERANCE
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.typing import Float64, Tensor

LETTERS = "ACDEFGHKLMNPQRSTVWY"
EFFECTS = ("size", "before", "behind", "base", *(f"residue {place}" for place in range(4)))
BY_CHANCE = 0.006
"""How often a peak lies where none of an internal fragment is."""
WIDTH = {"spectrum": 0.9, "set": 2.0}
"""Standard deviations of the priors; 0.7 to 1 for everything else."""


def main() -> None:
    """Gather the fragments of all files, fit, and print."""
    model, sources = open_files(__doc__)
    vocabulary = model.sequencer.vocabulary
    table = gather(list(sources.values()), vocabulary)
    report(table, *fit(table), list(sources))


def gather(sources: Sequence[AnnotatedSpectra], vocabulary: Vocabulary) -> dict[str, Tensor]:
    """List the internal fragments of all spectra of several sets."""
    tables, n_spectra = [], 0
    for number, source in enumerate(sources):
        for batch in batches(source):
            table = fragments(batch, vocabulary)
            table["set"] = torch.full_like(table["spectrum"], number)
            table["spectrum"] += n_spectra
            n_spectra += len(batch)
            tables.append(table)
    return {name: torch.cat([table[name] for table in tables]) for name in tables[0]}


def fragments(batch: LabelledSpectra, vocabulary: Vocabulary) -> dict[str, Tensor]:
    """List the internal fragments of a batch: what they are, and how high they stand."""
    tokens = batch.tokens
    is_residue = batch.residue_mask & ~vocabulary.is_n_terminal[tokens]
    internal = InternalFragments.of(tokens, is_residue, vocabulary)
    row, size, start = internal.is_there.nonzero(as_tuple=True)
    matches = FragmentMatches.of_batch(batch, vocabulary)
    entry, is_seen = matches.index.match(row, internal.mz[row, size, start], TOLERANCE)
    is_terminal = matches.are_terminal(row.numpy(), entry.numpy())
    keep = ~(is_seen & torch.from_numpy(is_terminal))
    row, size, start = row[keep], size[keep], start[keep]
    base = batch.spectra.intensity.amax(dim=1)
    lowest = batch.spectra.intensity.masked_fill(~batch.spectra.peak_mask, 1.0).amin(dim=1)
    height = batch.spectra.intensity.double().flatten()[entry][keep] / base[row]
    end = start + torch.tensor(SIZES)[size]
    number = is_residue.cumsum(dim=1)
    letter = torch.tensor([LETTERS.find(t[0].replace("I", "L")) for t in vocabulary.tokens])
    basic = torch.isin(letter, torch.tensor([LETTERS.index(x) for x in "KRH"]))[tokens]
    sums = torch.nn.functional.pad(basic.cumsum(dim=1), (1, 0))
    places = (start - 1, start, end - 1, end)
    return {
        "spectrum": row,
        "size": size,
        "before": (number[row, start] - 2).clamp(0, 5),
        "behind": (number[row, -1] - number[row, end - 1] - 1).clamp(0, 5),
        "base": (sums[row, end] - sums[row, start]).clamp(max=1),
        **{f"residue {k}": letter[tokens[row, place]] for k, place in enumerate(places)},
        "is_seen": is_seen[keep],
        "height": height.double().log(),
        "lowest": (lowest / base).double().log()[row],
    }


def fit(table: dict[str, Tensor]) -> tuple[dict[str, Float64[Tensor, " level"]], float]:
    """Fit the effects of every column, and the scatter within spectra."""
    names = ("set", "spectrum", *EFFECTS)
    effects = {
        name: torch.zeros(int(table[name].max()) + 1, dtype=torch.float64, requires_grad=True)
        for name in names
    }
    log_scatter = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [*effects.values(), log_scatter], max_iter=400, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        mean = torch.stack([effects[name][table[name]] for name in names]).sum(dim=0) - 6
        value = -log_likelihood(table, mean, log_scatter.exp()).sum()
        for name, effect in effects.items():
            width = WIDTH.get(name, 0.7 if name.startswith("residue") else 1.0)
            value = value + (effect / width).square().sum() / 2
        value.backward()
        return value

    optimizer.step(loss)
    return {name: effect.detach() for name, effect in effects.items()}, log_scatter.exp().item()


def log_likelihood(
    table: dict[str, Tensor], mean: Float64[Tensor, " fragment"], scatter: Tensor
) -> Float64[Tensor, " fragment"]:
    """Log-density of the heights that are seen, log-probability of not being seen."""
    seen = Normal(mean, scatter).log_prob(table["height"])
    by_chance = torch.tensor(BY_CHANCE).log().double() - 1
    unseen = torch.special.log_ndtr((table["lowest"] - mean) / scatter)
    return torch.where(table["is_seen"], torch.logaddexp(seen, by_chance), unseen)


def as_statistics(
    effects: dict[str, Float64[Tensor, " level"]], scatter: float
) -> InternalStatistics:
    """Put a fit in the form in which the package has it."""
    without, with_base = effects["base"].tolist()
    return InternalStatistics(
        effects["set"].mean().item() - 6 + with_base,
        MEASURED.between_spectra,
        scatter,
        *(tuple(effects[name].tolist()) for name in ("size", "before", "behind")),
        without - with_base,
        *(dict(zip(LETTERS, effects[f"residue {k}"].tolist(), strict=True)) for k in range(4)),
    )


def report(
    table: dict[str, Tensor],
    effects: dict[str, Float64[Tensor, " level"]],
    scatter: float,
    sets: Sequence[str],
) -> None:
    """Print the tables, and how often fragments of each size are seen."""
    n, seen = len(table["is_seen"]), table["is_seen"].double()
    spectra = effects["spectrum"] + _by_spectrum(table, effects["set"])
    print(
        f"{n} fragments, {seen.mean():.3f} seen; mean {spectra.mean() - 6:.2f}, "
        f"between spectra {spectra.std():.2f}, scatter {scatter:.2f}"
    )
    for name, value in zip(sets, effects["set"].tolist(), strict=True):
        print(f"  {name}: {value - 6:.2f}")
    for name in EFFECTS:
        labels = LETTERS if name.startswith("residue") else [str(k) for k in range(99)]
        values = (f"{a} {b:+.1f}" for a, b in zip(labels, effects[name].tolist(), strict=False))
        print(f"{name}: {', '.join(values)}")
    for number, size in enumerate(SIZES):
        print(f"{size} residues: seen {seen[table['size'] == number].mean():.3f}")


def _by_spectrum(
    table: dict[str, Tensor], of_set: Float64[Tensor, " set"]
) -> Float64[Tensor, " spectrum"]:
    found = torch.zeros(int(table["spectrum"].max()) + 1, dtype=torch.float64)
    return found.scatter(0, table["spectrum"], of_set[table["set"]])


if __name__ == "__main__":
    main()
