"""Random numbers as functions of what they are for."""

import numpy as np


def derive_seed(*parts: int) -> int:
    """Mix integers into one 63-bit seed.

    Parameters
    ----------
    *parts : int
        Such as the seed of the run, the number of the batch and the rank; not negative.

    Returns
    -------
    int
        The same for the same parts; unrelated for others, also if they are neighbours.
    """
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
