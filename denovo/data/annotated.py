"""Measured spectra with known peptides, from annotated files."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from denovo.chemistry import Ppm, Vocabulary, mz_to_mass, ppm_error
from denovo.chemistry.identity import identity
from denovo.errors import InputError, UnreadablePeptideError
from denovo.io import open_spectra
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_peaks, pad_tokens
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.peak_selection import most_intense, relative_intensity
from denovo.typing import Float32, Float64, Int, ndarray

_LOG = logging.getLogger(__name__)
_PRECURSOR_FIT = Ppm(50.0)
"""Precursors farther from their peptide are reported."""
_N_NAMED = 3
"""Largest number of titles that a warning names."""


class AnnotatedSpectra:
    """A `SpectrumSource` of annotated files, held in memory (8 bytes a peak).

    Parameters
    ----------
    path : str, Path, or sequence of them
        Files with peptides in any format of `open_spectra`; a string may be a glob pattern.
        Profile spectra are centroided.
    vocabulary : Vocabulary
        Residues of the peptides.
    max_peaks : int
        Number of the most intense peaks of a spectrum that are kept.
    unsupported : {"error", "skip"}
        Treatment of an entry that has no charge or no peptide, has a peptide outside the alphabet,
        or is not usable. An entry with an unreadable peptide is always skipped.
    intensity_power : float
        Exponent on the intensities of the file; 2 inverts a stored square root.
    refuse : callable or None
        Receives every spectrum and its tokens before they are made canonical; returns a reason to
        skip the spectrum, or None.

    Attributes
    ----------
    skipped : list of (str, str)
        Title and reason of each skipped spectrum.
    identities : list of str
        The `identity` of each peptide.
    misfits : list of (str, float)
        Title and signed precursor error in ppm of each spectrum whose precursor is more than 50
        ppm from its peptide, isotope errors included; these spectra are kept.

    Raises
    ------
    InputError
        If a file cannot be read, no spectrum is left, or a peptide is unsupported and
        ``unsupported="error"``.
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path],
        vocabulary: Vocabulary,
        max_peaks: int = 500,
        unsupported: str = "error",
        intensity_power: int | float = 1.0,
        refuse: Callable[[MeasuredSpectrum, list[int]], str | None] | None = None,
    ) -> None:
        if max_peaks < 1 or not intensity_power > 0 or unsupported not in ("error", "skip"):
            raise InputError(
                "annotated spectra need max_peaks >= 1, intensity_power > 0 and unsupported=error "
                f"or skip, got {max_peaks}, {intensity_power} and {unsupported!r}"
            )
        self.vocabulary = vocabulary
        self._refuse = refuse
        self.skipped: list[tuple[str, str]] = []
        self.identities: list[str] = []
        self._titles: list[str] = []
        self._tokens: list[list[int]] = []
        peaks: list[tuple[Float32[ndarray, " peak"], Float32[ndarray, " peak"]]] = []
        precursors: list[tuple[float, int | None]] = []
        for record in open_spectra(path):
            tokens = self._tokenise(record, skip=unsupported == "skip")
            if tokens is None:
                continue
            assert isinstance(record, MeasuredSpectrum)
            mz, intensity = most_intense(record.mz, record.intensity, max_peaks)
            peaks.append((mz.astype(np.float32), relative_intensity(intensity, intensity_power)))
            precursors.append((record.precursor_mz, record.precursor_charge))
            self._titles.append(record.title)
            self._tokens.append(tokens)
        if not peaks:
            raise InputError(
                f"{path}: no spectrum is left, {len(self.skipped)} were skipped; "
                f"the first because {self.skipped[0][1]}"
            )
        # Flat arrays are sent to worker processes much faster than an array for each spectrum.
        self._ends = np.cumsum([0] + [len(mz) for mz, _ in peaks])
        self._mz, self._intensity = (np.concatenate(rows) for rows in zip(*peaks, strict=True))
        precursor_mz, charge = (np.array(values) for values in zip(*precursors, strict=True))
        self._precursor_charge: Int[ndarray, " spectra"] = charge
        self._precursor_mass: Float64[ndarray, " spectra"] = mz_to_mass(precursor_mz, charge)
        self.lengths = np.array([vocabulary.n_residues(tokens) for tokens in self._tokens])
        self.misfits = self._misfits()
        self._report(path)

    def __len__(self) -> int:
        return len(self._tokens)

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch, as `SpectrumSource.read` describes."""
        mz, intensity, peak_mask = pad_peaks(
            [self._peaks(self._mz, i) for i in indices.tolist()],
            [self._peaks(self._intensity, i) for i in indices.tolist()],
        )
        spectra = Spectra(
            mz,
            intensity,
            peak_mask,
            torch.from_numpy(self._precursor_mass[indices]),
            torch.from_numpy(self._precursor_charge[indices]),
        )
        return LabelledSpectra(spectra, pad_tokens([self._tokens[i] for i in indices.tolist()]))

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return the titles of spectra."""
        return [self._titles[i] for i in indices.tolist()]

    def _tokenise(self, record: MeasuredSpectrum | Rejected, skip: bool) -> list[int] | None:
        """Encode the peptide in canonical tokens; None if the spectrum is skipped."""
        try:
            if isinstance(record, Rejected):
                raise InputError(record.reason)
            tokens = self.vocabulary.encode(_peptide_of(record))
        except InputError as error:
            is_entry = not isinstance(record, Rejected) or record.index is not None
            is_unreadable = isinstance(error, UnreadablePeptideError)
            if not (is_unreadable or (skip and is_entry)):
                cure = ", or leave such spectra out with unsupported=skip" if is_entry else ""
                fault = Rejected(record.file, str(error), title=record.title, line=record.line)
                raise InputError(f"{fault.sentence}{cure}") from error
            self.skipped.append((record.title, str(error)))
            return None
        assert isinstance(record, MeasuredSpectrum)
        reason = self._refuse(record, tokens) if self._refuse else None
        if reason:
            self.skipped.append((record.title, reason))
            return None
        self.identities.append(identity(self.vocabulary.decode(tokens)))
        return self.vocabulary.canonical[tokens].tolist()

    def _peaks(self, values: ndarray, index: int) -> ndarray:
        return values[self._ends[index] : self._ends[index + 1]]

    def _misfits(self) -> list[tuple[str, float]]:
        theoretical = np.array([self.vocabulary.peptide_mass(t) for t in self._tokens])
        error = ppm_error(self._precursor_mass, theoretical)
        fits = _PRECURSOR_FIT.contains(self._precursor_mass, theoretical)
        return [(self._titles[i], float(error[i])) for i in np.flatnonzero(~fits)]

    def _report(self, path: object) -> None:
        reason = self.skipped[0][1] if self.skipped else ""
        for found, what in (
            (self.skipped, f"were skipped, the first because {reason}"),
            (self.misfits, "are kept although their precursor is over 50 ppm from their peptide"),
        ):
            if found:
                named = ", ".join(title for title, _ in found[:_N_NAMED])
                more = ", ..." if len(found) > _N_NAMED else ""
                _LOG.warning("%s: %d spectra %s (%s%s)", path, len(found), what, named, more)


def _peptide_of(spectrum: MeasuredSpectrum) -> str:
    if spectrum.peptide_fault:
        raise UnreadablePeptideError(spectrum.peptide_fault)
    if spectrum.peptide is None:
        raise InputError("it has no peptide; expected one, such as SEQ=")
    if spectrum.precursor_charge is None:
        raise InputError("its precursor has no single charge; expected one, such as CHARGE=2+")
    return spectrum.peptide
