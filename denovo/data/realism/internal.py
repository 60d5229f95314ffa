"""Internal fragments: stretches of a peptide that hold neither terminus."""

import torch

from denovo.chemistry import PROTON_MASS
from denovo.data.realism.draw import Draw
from denovo.data.realism.peaks import ABSENT, Peaks
from denovo.data.realism.subject import Subject

SHORTEST, LONGEST = 2, 5
"""Residues of the internal fragments that are seen."""

_HEIGHT = (-3.2, 0.9)


def internal_fragments(subject: Subject, strength: float, draw: Draw) -> Peaks:
    """Break peptides twice, anywhere.

    Parameters
    ----------
    subject : Subject
        The batch.
    strength : float
        Largest number of internal fragments; each spectrum has this times a squared uniform
        variate, so that most have few.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        Fragments of the b type, the sum of their residues and a proton; absent where one would
        reach the C-terminus.
    """
    n = round(strength)
    count = strength * draw.uniform().square()
    prefix = torch.nn.functional.pad(subject.ladder.residue_mass.cumsum(dim=1), (1, 0))
    is_residue = subject.is_residue
    n_residues = is_residue.sum(dim=1, keepdim=True)
    # Tokens before the first residue that a fragment may start with: the N-terminal ones.
    first = subject.batch.residue_mask.sum(dim=1, keepdim=True) - n_residues + 1
    size = SHORTEST + draw.integers(n, LONGEST - SHORTEST + 1)
    n_starts = n_residues - 1 - size
    start = first + draw.integers(n, n_starts.clamp(min=1))
    end = (start + size).clamp(max=prefix.shape[1] - 1)
    start = start.clamp(max=prefix.shape[1] - 1)
    mz = prefix.gather(1, end) - prefix.gather(1, start) + PROTON_MASS
    is_shown = (torch.arange(n, device=mz.device) < count) & (n_starts > 0)
    height = subject.base * draw.lognormal(*_HEIGHT, n)
    return Peaks(mz.float(), torch.where(is_shown, height, ABSENT))
