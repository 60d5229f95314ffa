"""How spectra are to be sequenced: one set of options for command line, library and reports."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from denovo.choices import DecoderKind, Rescoring

if TYPE_CHECKING:
    from denovo.sequencing.networks import TrainedModel
    from denovo.sequencing.sequencer import SpectrumSequencer


@dataclass(frozen=True)
class SequencingSettings:
    """Options of a sequencing run.

    Parameters
    ----------
    decoder : DecoderKind or str
        ``constrained`` answers with peptides that agree with the precursor mass, ``beam`` and
        ``greedy`` whatever they weigh.
    beam_width : int
        Hypotheses kept per spectrum; without effect on greedy decoding.
    tolerance : str
        How far the neutral precursor mass may lie from that of the peptide: ``"20 ppm"``,
        ``"0.02 Da"``.
    isotope_errors : sequence of int
        Isotopic peaks that the instrument may have taken for the monoisotopic one.
    charges : sequence of int
        Tried where a file states no charge.
    batch_size : int
        Spectra read side by side.
    intensity_power : float
        Exponent on the intensities; 2 undoes a square root that a file stores.
    fragment_tolerance : str
        Within which a peak counts as an ion of the answer.
    alternatives : int
        Other peptides listed for each spectrum, at most.
    rescoring : Rescoring or str
        What decides between the candidates of a spectrum; other than ``none`` it goes with the
        decoder ``constrained``.
    candidates : int
        Peptides that each network may propose for a spectrum, and of all of them together those
        that rescoring looks at; without effect on the rescoring ``none``.
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
    candidates: int = 16
    device: str = "auto"

    def as_text(self) -> dict[str, str]:
        """Write every option as text, as it would be given on the command line."""
        return {field.name: _text(getattr(self, field.name)) for field in fields(self)}

    def pipeline(self, model: "TrainedModel") -> "SpectrumSequencer":
        """Put network, decoder and calibration together.

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
        # torch is imported here and not with the settings, which the command line needs at once.
        from denovo.sequencing.pipeline import make_pipeline

        return make_pipeline(self, model)


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
