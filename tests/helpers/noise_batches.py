"""Peptides with their predicted spectra, as the parts of the noise see them."""

import numpy as np
import pyarrow as pa
import torch

from denovo.chemistry import Vocabulary
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import ABSENT, Peaks
from denovo.simulation.simulated import SimulatedSpectra
from denovo.spectra.batch import LabelledSpectra

PEPTIDES = (
    "GASPVTK",
    "[UNIMOD:1]-MLHDEFR",
    "WYQC[UNIMOD:4]NLK",
    "SAMPLER",
    "AK",
    "PEPTIDEPEPTIDEK",
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def labelled(peptides, vocabulary: Vocabulary, charge: int = 2, seed: int = 0) -> LabelledSpectra:
    """Predict all four ion types of peptides, at random heights."""
    rng = np.random.default_rng(seed)
    lengths = [sum(not n.endswith("-") for n in names_of(p, vocabulary)) for p in peptides]
    table = {"peptide": list(peptides), "charge": pa.array([charge] * len(lengths), pa.int8())}
    for ion in ("b", "y", "b2", "y2"):
        rows = [rng.uniform(0.01, 1.0, n - 1).tolist() for n in lengths]
        table[ion] = pa.array(rows, pa.list_(pa.float32()))
    return SimulatedSpectra(pa.table(table), vocabulary).read(np.arange(len(lengths)))


def names_of(peptide: str, vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.tokens[token] for token in vocabulary.encode(peptide)]


def subject_of(batch: LabelledSpectra, vocabulary: Vocabulary) -> AnnotatedBatch:
    spectra = batch.spectra
    intensity = torch.where(spectra.peak_mask, spectra.intensity, ABSENT)
    return AnnotatedBatch(batch, Peaks(spectra.mz, intensity), vocabulary)
