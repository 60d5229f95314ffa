"""The limit of the precursor mass on CPUs; `MassLimit` says what it is."""

import numpy as np

from denovo.decoding.reachable import STEP
from denovo.kernels import kernel
from denovo.typing import Bool, Float64, Int, ndarray


@kernel
def mark_unreachable(
    read_mass: Float64[ndarray, " row"],
    low: Float64[ndarray, "row isotope"],
    high: Float64[ndarray, "row isotope"],
    masses: Float64[ndarray, " vocab"],
    can_end: Bool[ndarray, " vocab"],
    can_go_on: Bool[ndarray, " vocab"],
    longest: float,
    reachable_low: Float64[ndarray, " interval"],
    reachable_high: Float64[ndarray, " interval"],
    first_of_step: Int[ndarray, " step"],
) -> Bool[ndarray, "row vocab"]:
    """Mark tokens after which no peptide has a mass between ``low`` and ``high``, in Da.

    A token that can end a peptide must leave nothing, one after which a peptide can go on a sum of
    residues of at most ``longest``; see `ReachableMasses` for the tables.
    """
    n_steps = len(first_of_step) - 1
    forbidden = np.ones((len(read_mass), len(masses)), dtype=np.bool_)
    for row in range(len(read_mass)):
        for token in range(len(masses)):
            after = read_mass[row] + masses[token]
            for isotope in range(low.shape[1]):
                least, most = low[row, isotope] - after, high[row, isotope] - after
                if can_end[token] and least <= 0.0 <= most:
                    forbidden[row, token] = False
                    break
                if can_go_on[token] and least <= longest:
                    step = int(min(max(0.0, least / STEP), n_steps - 1.0))
                    start, end = first_of_step[step], first_of_step[step + 1]
                    first = start + np.searchsorted(reachable_high[start:end], least)
                    if reachable_low[first] <= most:
                        forbidden[row, token] = False
                        break
    return forbidden
