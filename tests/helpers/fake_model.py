"""A model that always reads the same peptide, and files of spectra that it is right about."""

import json
from pathlib import Path

import torch

from denovo.chemistry import PROTON_MASS, WATER_MASS
from denovo.sequencing.networks import TrainedModel
from denovo.sequencing.networks.loading import SHIPPED
from tests.helpers.table_sequencer import Oracle

PEPTIDE = "SGATLK"


class OracleModule(torch.nn.Module):
    """An oracle in the shape of a network."""

    n_refinements = 1

    def __init__(self, vocabulary):
        super().__init__()
        self.oracle = Oracle(vocabulary, "forward", PEPTIDE)
        self.vocabulary, self.direction = vocabulary, "forward"
        self.initial_state = self.oracle.initial_state
        self.next_residue_logits = self.oracle.next_residue_logits


def fake_model(vocabulary, calibrations=None):
    # An existing file, as a run notes the checksum of its network.
    path, shipped = Path(__file__), json.loads(SHIPPED.with_suffix(".json").read_text())
    config = {"data": {"n_peaks": 150}, "residues": shipped["config"]["residues"]}
    return TrainedModel(path, OracleModule(vocabulary), config, calibrations or {}, {})


def mgf_of(path, n_spectra, masses=(87.03203, 57.02146, 71.03711, 101.04768, 113.08406, 128.09496)):
    """Write the y ladder of the peptide a number of times."""
    total, suffix, peaks = sum(masses) + WATER_MASS, 0.0, []
    for mass in reversed(masses[1:]):
        suffix += mass
        peaks.append(f"{suffix + WATER_MASS + PROTON_MASS:.5f} 1.0\n")
    entry = f"PEPMASS={total / 2 + PROTON_MASS:.5f}\nCHARGE=2+\n{''.join(peaks)}END IONS\n"
    path.write_text("".join(f"BEGIN IONS\nTITLE=s{i}\n{entry}" for i in range(n_spectra)))
    return path
