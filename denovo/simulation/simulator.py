"""Predict fragment intensities: a small protocol, and MS2PIP behind it."""

import importlib.metadata
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from denovo.chemistry import IonType, ResidueAlphabet, with_mass_shifts
from denovo.errors import InputError
from denovo.simulation.models import IONS, check_model
from denovo.typing import Float, Float32, ndarray

Intensities = dict[str, list[Float32[ndarray, " _"]]]
"""For each ion type, one array per peptide; element ``i`` belongs to ordinal ``i + 1``."""

MIN_LENGTH, MAX_LENGTH = 4, 100
"""Limits of MS2PIP, in residues."""

_OFFSET = 0.001
_FLOOR = np.log2(_OFFSET) + 1e-6


@runtime_checkable
class Simulator(Protocol):
    """Predicts how intense the fragments of peptides are."""

    @property
    def ion_types(self) -> tuple[str, ...]:
        """Names of the ions predicted, as `denovo.chemistry.IonType` reads them."""
        ...

    def predict(
        self, peptides: Sequence[str], charges: Sequence[int], alphabet: ResidueAlphabet
    ) -> Intensities:
        """Predict linear intensities of every ion type, by ordinal."""
        ...

    def provenance(self) -> dict[str, Any]:
        """Describe all that decides the predictions."""
        ...


@dataclass(frozen=True)
class Ms2pipSimulator:
    """MS2PIP with one of its models; nothing is ever downloaded.

    Parameters
    ----------
    model : str
        ``"HCDch2"`` (singly and doubly charged b and y ions), ``"HCD2019"`` or ``"TMT"``, which
        come with the package, or one of `denovo.simulation.models.STORED_MODELS`.

    Raises
    ------
    InputError
        If MS2PIP has no such model, or would have to download it.

    References
    ----------
    Declercq et al., Nucleic Acids Research 51, W338 (2023), doi:10.1093/nar/gkad335.
    """

    model: str = "HCDch2"

    def __post_init__(self) -> None:
        check_model(self.model)

    @property
    def ion_types(self) -> tuple[str, ...]:
        """Names of the ions that the model predicts."""
        return IONS[self.model]

    def predict(
        self, peptides: Sequence[str], charges: Sequence[int], alphabet: ResidueAlphabet
    ) -> Intensities:
        """Predict linear intensities in this process.

        Parameters
        ----------
        peptides : sequence of str
            ProForma text; every modification must be one of the alphabet.
        charges : sequence of int
            Precursor charge of each.
        alphabet : ResidueAlphabet
            Gives the masses of the modifications.

        Returns
        -------
        dict of str to list of array
            For each ion type one float32 array of ``n_residues - 1`` per peptide, element ``i``
            for ordinal ``i + 1``: ``b[0]`` is b1 and ``y[0]`` is y1, that is, b counts cleavage
            sites from the N-terminus and y from the C-terminus. Never negative; exactly 0 where
            MS2PIP predicts nothing. Comparable within a spectrum only.

        Raises
        ------
        InputError
            If MS2PIP cannot take a peptide, or the files of its model are gone.
        """
        check_model(self.model)
        # Imported late: ms2pip takes longer to import than a finished store takes to open.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of pydantic, at import
            from ms2pip.core import predict_batch
            from psm_utils import PSM, PSMList

        logging.getLogger("ms2pip").setLevel(logging.WARNING)
        entries = [
            PSM(peptidoform=f"{with_mass_shifts(peptide, alphabet)}/{charge}", spectrum_id=str(i))
            for i, (peptide, charge) in enumerate(zip(peptides, charges, strict=True))
        ]
        _check_lengths(entries, peptides)
        if not entries:
            return {ion: [] for ion in self.ion_types}
        results = predict_batch(PSMList(psm_list=entries), model=self.model, processes=1)
        # MS2PIP passes over what it cannot encode.
        predicted = [result.predicted_intensity or {} for result in results]
        if {} in predicted:
            raise InputError(
                f"MS2PIP cannot predict {peptides[predicted.index({})]!r}; leave it out"
            )
        return {
            ion: [
                # MS2PIP predicts traces of them even for precursors that lack the second proton.
                _linear(arrays[ion]) * (charge >= IonType.parse(ion).charge)
                for arrays, charge in zip(predicted, charges, strict=True)
            ]
            for ion in self.ion_types
        }

    def provenance(self) -> dict[str, Any]:
        """Describe the model and the MS2PIP version."""
        version = importlib.metadata.version("ms2pip")
        return {"kind": "ms2pip", "model": self.model, "version": version}


def _check_lengths(entries: Sequence[Any], peptides: Sequence[str]) -> None:
    # Beyond its limit the compiled part of MS2PIP writes outside its arrays.
    for entry, peptide in zip(entries, peptides, strict=True):
        n_residues = len(entry.peptidoform.parsed_sequence)
        if not MIN_LENGTH <= n_residues <= MAX_LENGTH:
            raise InputError(
                f"peptide {peptide!r} has {n_residues} residues; MS2PIP takes {MIN_LENGTH} to "
                f"{MAX_LENGTH}, so set the lengths of the digest accordingly"
            )


def _linear(log_intensity: Float[ndarray, " site"]) -> Float32[ndarray, " site"]:
    """Invert ``log2(intensity + 0.001)``; what lies at the floor, but for rounding, becomes 0."""
    linear = np.exp2(log_intensity.astype(np.float64)) - _OFFSET
    return np.where(log_intensity <= _FLOOR, 0.0, linear).astype(np.float32)
