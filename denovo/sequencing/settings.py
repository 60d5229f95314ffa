"""Options of sequencing, shared by command line, Python interface and reports."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch

from denovo.chemistry import parse_tolerance
from denovo.decoding import BeamDecoder, DecoderKind, make_decoder
from denovo.errors import InputError, check_names
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.networks import TrainedModel
from denovo.sequencing.reranking import make_rescorer
from denovo.sequencing.rescoring import Rescoring
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.spectra.protocol import Sequencer


@dataclass(frozen=True)
class SequencingSettings:
    """Options of a sequencing run.

    Parameters
    ----------
    decoder : DecoderKind or str
        ``constrained`` restricts the search to peptides that agree with the precursor mass;
        ``beam`` and ``greedy`` do not.
    beam_width : int
        Hypotheses kept per spectrum; no effect on greedy decoding.
    tolerance : str
        Largest difference of the neutral masses of precursor and peptide: ``"20 ppm"``,
        ``"0.02 Da"``.
    isotope_errors : sequence of int
        Isotopic peaks that the instrument may have selected instead of the monoisotopic one.
    charges : sequence of int
        Charges tried for spectra without a stated charge.
    batch_size : int
        Spectra per batch.
    intensity_power : float
        Exponent on the intensities; 2 if files store square roots.
    fragment_tolerance : str
        Largest distance of a peak from an ion of the peptide.
    alternatives : int
        Most alternative peptides per prediction.
    rescoring : Rescoring or str
        How candidates are ranked; kinds other than ``none`` need the decoder ``constrained``.
    n_candidates : int
        Candidates per spectrum that each network proposes to rescoring, and that rescoring keeps
        of all networks; no effect on the rescoring ``none``.
    device : str
        ``auto`` takes a GPU if there is one; or ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
    """

    decoder: DecoderKind | str = DecoderKind.CONSTRAINED
    beam_width: int = 5
    tolerance: str = "20 ppm"
    isotope_errors: Sequence[int] = (0, 1)
    charges: Sequence[int] = (2, 3)
    batch_size: int = 128
    intensity_power: float | int = 1.0
    fragment_tolerance: str = "20 ppm"
    alternatives: int = 0
    rescoring: Rescoring | str = Rescoring.NONE
    n_candidates: int = 16
    device: str = "auto"

    def as_text(self) -> dict[str, str]:
        """Return every option as text, in the notation of the command line."""
        return {field.name: _text(getattr(self, field.name)) for field in fields(self)}

    def pipeline(self, model: TrainedModel) -> SpectrumSequencer:
        """Make the pipeline of a network.

        Parameters
        ----------
        model : TrainedModel
            The network; it is moved to the device.

        Raises
        ------
        InputError
            If an option is out of range, the device is not there, or the rescoring asks for more
            than was exported with the network.
        """
        device = find_device(self.device)
        check_names([self.decoder], list(DecoderKind), "sequencing", "decoder")
        check_names([self.rescoring], list(Rescoring), "sequencing", "rescoring")
        kind, rescoring = DecoderKind(self.decoder), Rescoring(self.rescoring)
        decoder = self._decoder(kind, rescoring)
        tolerance = parse_tolerance(self.fragment_tolerance)
        sequencer = model.sequencer.to(device)
        assert isinstance(sequencer, Sequencer)
        state = model.calibrations.get(kind.value)
        rescorer = None
        if rescoring is not Rescoring.NONE:
            for other in model.others:
                other.sequencer.to(device)
            rescorer = make_rescorer(model, rescoring, decoder, self.n_candidates, tolerance)
        return SpectrumSequencer(
            sequencer,
            decoder,
            model.n_peaks,
            calibration=Calibration.from_state(state, model.path) if state else None,
            charges=self.charges,
            batch_size=self.batch_size,
            intensity_power=self.intensity_power,
            fragment_tolerance=tolerance,
            n_alternatives=self.alternatives,
            rescorer=rescorer,
            device=device,
        )

    def _decoder(self, kind: DecoderKind, rescoring: Rescoring) -> BeamDecoder:
        n_candidates, width = 1 + self.alternatives, self.beam_width
        if rescoring is not Rescoring.NONE:
            if kind is not DecoderKind.CONSTRAINED:
                raise InputError(
                    f"rescoring {rescoring.value!r} goes with the decoder 'constrained', got "
                    f"{kind.value!r}; choose that, or the rescoring 'none'"
                )
            n_candidates, width = self.n_candidates, max(self.n_candidates, width)
        elif kind is DecoderKind.GREEDY:
            n_candidates = 1
        return make_decoder(
            kind, width, min(n_candidates, width), self.tolerance, tuple(self.isotope_errors)
        )


def find_device(name: str) -> torch.device:
    """Find the device to compute on.

    Parameters
    ----------
    name : str
        ``auto``, or as `torch.device` takes it.

    Raises
    ------
    InputError
        If it is unknown, or not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"unknown device {name!r}; choose auto, cpu, cuda or mps") from error
    is_there = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not is_there.get(device.type, False):
        raise InputError(f"device {name!r} is not available here; choose auto or cpu")
    return device


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
