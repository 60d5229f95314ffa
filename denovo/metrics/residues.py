"""Which residues of a prediction are right: for marking them, where metrics only count."""

import numpy as np

from denovo.typing import Bool, Float64, ndarray


def right_residues(
    predicted_masses: Float64[ndarray, " predicted"],
    true_masses: Float64[ndarray, " true"],
    cum_tolerance: float = 0.5,
    residue_tolerance: float = 0.1,
) -> Bool[ndarray, " predicted"]:
    """Tell which predicted residues the true peptide has too, in the same place.

    Parameters
    ----------
    predicted_masses, true_masses : array, float64
        Masses of the residues in Da, from the N-terminus.
    cum_tolerance, residue_tolerance : float
        Exclusive bounds in Da, as in `match_residues`.

    Returns
    -------
    array of bool
        True where a true residue of the same mass ends at the same mass, counted from the
        N-terminus or from the C-terminus.
    """
    bounds = cum_tolerance, residue_tolerance
    forward = _found(predicted_masses, true_masses, *bounds)
    backward = _found(predicted_masses[::-1], true_masses[::-1], *bounds)[::-1]
    return forward | backward


def _found(
    predicted: Float64[ndarray, " predicted"],
    true: Float64[ndarray, " true"],
    cum_tolerance: float,
    residue_tolerance: float,
) -> Bool[ndarray, " predicted"]:
    same_end = np.abs(predicted.cumsum()[:, None] - true.cumsum()[None]) < cum_tolerance
    same_mass = np.abs(predicted[:, None] - true[None]) < residue_tolerance
    return np.any(same_end & same_mass, axis=1)
