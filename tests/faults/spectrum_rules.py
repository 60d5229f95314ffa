"""What holds of every record that a reader yields, whatever the file was."""

import math

import numpy as np

from denovo.io.spectrum import HIGHEST_MZ, LOWEST_MZ, MAX_CHARGE
from denovo.spectra.measured import MeasuredSpectrum, Rejected


def broken_rule(record: MeasuredSpectrum | Rejected) -> str | None:
    """Name the rule that a record breaks, None where it keeps all."""
    if isinstance(record, Rejected):
        return None if record.reason.strip() else "a rejected entry states no reason"
    mz, intensity = record.mz, record.intensity
    rules = {
        "m/z and intensity have one length": mz.shape == intensity.shape and mz.ndim == 1,
        "m/z is finite and in range": bool(np.all((mz >= LOWEST_MZ) & (mz <= HIGHEST_MZ))),
        "m/z ascends": bool(np.all(np.diff(mz) >= 0)),
        "intensity is finite and positive": bool(np.all((intensity > 0) & np.isfinite(intensity))),
        "the precursor is in range": LOWEST_MZ <= record.precursor_mz <= HIGHEST_MZ,
        "the charge is in range": record.precursor_charge is None
        or 1 <= record.precursor_charge <= MAX_CHARGE,
        "the retention time is finite": record.retention_time is None
        or math.isfinite(record.retention_time),
    }
    return next((rule for rule, holds in rules.items() if not holds), None)
