"""Immonium ions, related ions and reporter ions: what indicates residues and labels."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from denovo.chemistry import PROTON_MASS, Vocabulary, immonium_mz
from denovo.chemistry.labels import LABELS
from denovo.chemistry.pyteomics_mass import mass
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import ABSENT, Draw, Peaks
from denovo.typing import Bool, Float32, Int, Tensor

_PROBABILITY = {
    **dict.fromkeys("LIFY", 0.8),
    **dict.fromkeys("HW", 0.7),
    **dict.fromkeys("PV", 0.6),
    "K": 0.5,
    **dict.fromkeys("RMQ", 0.3),
}
_OTHER_PROBABILITY = 0.15
"""Probability of the immonium ion of a residue that `_PROBABILITY` does not list."""

_RELATED = {"K": ("C5H9N", "C6H12N2O"), "R": ("C4H7N", "C5H9N3"), "Q": ("C4H5NO",), "W": ("C9H7N",)}
"""Formulas, without the proton, of ions related to immonium ions: m/z 84.081 and 129.102 of K,
70.065 and 112.087 of R, 84.044 of Q, 130.065 of W (Falick et al., J. Am. Soc. Mass Spectrom. 4, 882
(1993), doi:10.1016/1044-0305(93)87006-X)."""
_RELATED_PROBABILITY = 0.35
"""Probability of each related ion."""

_HEIGHT = (-2.2, 1.0)
"""Logarithm of the intensity relative to the base peak: mean and standard deviation."""

_LABEL_PROBABILITY = 0.8
"""Probability of each reporter ion, since some channels are empty, and of the ion of the whole
label."""
_LABEL_HEIGHT = -1.0
"""As the mean of `_HEIGHT`. Ions of a label are among the most intense peaks; no measured spectrum
with reporter ions was available, so that this value is an assumption."""


@dataclass(frozen=True)
class ImmoniumTable:
    """Ions that indicate single residues or labels, with their m/z in Th.

    ``probability`` is that of the ion in the spectrum of a peptide with ``token``, and ``height``
    the mean logarithm of its intensity relative to the base peak.
    """

    token: Int[Tensor, " ion"]
    mz: Float32[Tensor, " ion"]
    probability: Float32[Tensor, " ion"]
    height: Float32[Tensor, " ion"]


@lru_cache(maxsize=8)
def immonium_table(vocabulary: Vocabulary, device: torch.device) -> ImmoniumTable:
    """List the immonium ions of all residues, then their related ions and those of labels.

    Parameters
    ----------
    vocabulary : Vocabulary
        The residues.
    device : torch.device
        Device of the tensors.
    """
    rows: list[tuple[int, float, float, float]] = []
    related: list[tuple[int, float, float, float]] = []
    for token in vocabulary.candidates.tolist():
        name = vocabulary.tokens[token]
        if not vocabulary.is_n_terminal[token]:
            mz = float(immonium_mz(vocabulary.masses[token]))
            probability = _PROBABILITY.get(name[0], _OTHER_PROBABILITY)
            rows.append((token, mz, probability, _HEIGHT[0]))
        for formula in _RELATED.get(name, ()):
            mz = mass.calculate_mass(formula=formula) + PROTON_MASS
            related.append((token, mz, _RELATED_PROBABILITY, _HEIGHT[0]))
        label = LABELS.get(name[1:-2]) if vocabulary.is_n_terminal[token] else None
        if label:
            ions = (*label.reporters, label.whole)
            related += [(token, mz, _LABEL_PROBABILITY, _LABEL_HEIGHT) for mz in ions]
    tokens, mz, *others = zip(*rows, *related, strict=True)
    columns = [torch.tensor(column, device=device) for column in (mz, *others)]
    return ImmoniumTable(torch.tensor(tokens, device=device), *columns)


def has_residue(annotated: AnnotatedBatch, table: ImmoniumTable) -> Bool[Tensor, "batch ion"]:
    """Mark the ions of a table whose residue each peptide holds.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The peptides.
    table : ImmoniumTable
        The ions.
    """
    is_there = torch.zeros(
        (len(annotated.batch), len(annotated.vocabulary)), dtype=torch.bool, device=table.mz.device
    )
    is_there.scatter_(1, annotated.batch.tokens, True)
    return is_there[:, table.token]


def immonium_ions(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add immonium and related ions of residues and labels to a share of the spectra."""
    table = immonium_table(annotated.vocabulary, annotated.batch.tokens.device)
    n = len(table.mz)
    is_shown = has_residue(annotated, table) & draw.chance(strength)
    is_shown = is_shown & draw.chance(table.probability, n)
    height = annotated.base * (draw.normal(n).mul_(_HEIGHT[1]) + table.height).exp_()
    return Peaks(table.mz.expand(len(height), -1), torch.where(is_shown, height, ABSENT))
