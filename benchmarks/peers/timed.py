"""What the scripts of this folder share: spectra, clock and result."""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

Decode = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], object]
"""Decodes spectra: m/z and intensity of their peaks, padded with 0; precursor mass, charge, m/z."""


def measure(model: torch.nn.Module, decoders: dict[str, Decode]) -> None:
    """Decode spectra in rounds with each decoder in turn; write spectra per second of CPU time.

    Parameters
    ----------
    model : Module
        The network, whose parameters are counted.
    decoders : dict
        What to time, by name.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("spectra", type=Path, help="arrays mz, intensity and precursors (.npz)")
    parser.add_argument("output", type=Path, help="the result, as JSON")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=4)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model.eval()
    spectra = np.load(given.spectra)
    arrays = [torch.from_numpy(spectra[name]) for name in ("mz", "intensity", "precursors")]
    batches = list(zip(*(array.split(given.batch_size) for array in arrays), strict=True))
    rates: dict[str, list[float]] = {name: [] for name in decoders}
    with torch.inference_mode():
        for _ in range(given.rounds):
            for name, decode in decoders.items():
                start = time.process_time()
                for batch in batches:
                    decode(*batch)
                rates[name].append(len(arrays[0]) / (time.process_time() - start))
    size = sum(parameter.numel() for parameter in model.parameters())
    given.output.write_text(json.dumps({"parameters": size, "rates": rates}))
