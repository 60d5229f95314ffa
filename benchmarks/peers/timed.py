"""What the scripts of this folder share: spectra, clock and result."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

Decode = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], object]
"""Decodes spectra: m/z and intensity of their peaks, padded with 0; precursor mass, charge, m/z."""


def n_residues() -> int:
    """Return the length of the longest peptide of the spectra, which the first argument names.

    A trained network ends peptides there; one with random weights would go on.
    """
    return int(np.load(sys.argv[1])["n_residues"].max())


def measure(model: torch.nn.Module, decoders: dict[str, Decode]) -> None:
    """Decode the spectra as one batch with each decoder on one thread.

    Writes parameters of the model, and CPU seconds and steps of each decoder, to the file of the
    second argument. The model has a part ``decoder``, which a step calls once.
    """
    torch.set_num_threads(1)
    model.eval()
    arrays = np.load(sys.argv[1])
    batch = [torch.from_numpy(arrays[name]) for name in ("mz", "intensity", "precursors")]
    seconds, steps = {}, dict.fromkeys(decoders, 0)
    with torch.inference_mode():
        for name, decode in decoders.items():

            def count(*_: object, name: str = name) -> None:
                steps[name] += 1

            hook = model.decoder.register_forward_hook(count)
            start = time.process_time()
            decode(*batch)
            seconds[name] = time.process_time() - start
            hook.remove()
    size = sum(parameter.numel() for parameter in model.parameters())
    found = {"n_parameters": size, "seconds": seconds, "steps": steps}
    Path(sys.argv[2]).write_text(json.dumps(found))
