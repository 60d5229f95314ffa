"""Options of sequencing, shared by command line, Python interface and reports."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from denovo.choices import DecoderKind, DecoyKind, Rescoring

if TYPE_CHECKING:
    from denovo.sequencing.networks import TrainedModel
    from denovo.sequencing.sequencer import SpectrumSequencer


PIPELINE_MODULES = (
    *("denovo.sequencing.workers", "denovo.sequencing.pipeline"),
    *("denovo.models.evidence.kernels", "denovo.models.evidence.scorer_kernels"),
    "denovo.decoding.kernels",
)
"""Modules that sequencing imports and that take long."""

PROTEOME_FIELDS = ("proteome", "enzyme", "semi", "novel_share", "decoys")
"""Options of the proteome, which some commands do not have."""


AUTO = "auto"
"""The tolerance of fragments that the network is made for."""


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
        Largest distance of a peak from an ion of the peptide; ``auto``: that of the network.
    alternatives : int
        Most alternative peptides per prediction.
    rescoring : Rescoring or str
        What chooses between the candidates of a spectrum: ``full``, all networks, the peaks and
        MS2PIP; ``joint``, all networks; ``none``, the first network alone, the fast mode;
        ``best``, the most that the network is fitted for. All but ``none`` need the decoder
        ``constrained``, without which ``best`` is ``none``.
    n_candidates : int
        Candidates per spectrum that each network proposes to rescoring, and that rescoring keeps
        of all networks; no effect on the rescoring ``none``.
    device : str
        ``auto`` takes a GPU if there is one; or ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
    proteome : sequence of str
        FASTA files of proteins whose peptides are more probable than others and become candidates
        of every spectrum; needs the rescoring ``full``. This and all that follows has no effect
        without a proteome.
    enzyme : str
        Cleavage rule of pyteomics that cuts the proteins.
    semi : bool
        Whether one end of a peptide may lie between two cleavage sites.
    novel_share : float or None
        Share of the spectra whose peptide is not in the proteome, above 0 and below 1; None
        estimates it from the run.
    decoys : DecoyKind or str
        ``reversed`` or ``shuffled``: decoys for the second estimate of the error rate.
    dataset : str
        Accession of the public dataset of the files, such as PXD004732, from which each row gets
        its Universal Spectrum Identifier; none by default.
    """

    decoder: DecoderKind | str = DecoderKind.CONSTRAINED
    beam_width: int = 5
    tolerance: str = "20 ppm"
    isotope_errors: Sequence[int] = (0, 1)
    charges: Sequence[int] = (2, 3)
    batch_size: int = 256
    intensity_power: float | int = 1.0
    fragment_tolerance: str = AUTO
    alternatives: int = 0
    rescoring: Rescoring | str = Rescoring.BEST
    n_candidates: int = 16
    device: str = "auto"
    proteome: Sequence[str] = ()
    enzyme: str = "trypsin"
    semi: bool = False
    novel_share: float | None = None
    decoys: DecoyKind | str = DecoyKind.REVERSED
    dataset: str = ""

    def as_text(self) -> dict[str, str]:
        """Return every option as text; those of the proteome and the dataset if there is one."""
        without = () if self.proteome else PROTEOME_FIELDS
        without = without if self.dataset else (*without, "dataset")
        names = [field.name for field in fields(self) if field.name not in without]
        return {name: _text(getattr(self, name)) for name in names}

    def for_model(self, model: "TrainedModel") -> "SequencingSettings":
        """Replace what the network decides: the rescoring ``best`` and the tolerance ``auto``.

        The rescoring becomes the most that the network is fitted for.
        """
        chosen = self
        if self.fragment_tolerance == AUTO:
            chosen = replace(chosen, fragment_tolerance=str(model.fragment_tolerance))
        if self.rescoring == Rescoring.BEST:
            fitted = [kind for kind in Rescoring.BEST.fitted if kind.value in model.rerankers]
            can_rescore = bool(fitted) and self.decoder == DecoderKind.CONSTRAINED
            chosen = replace(chosen, rescoring=fitted[-1] if can_rescore else Rescoring.NONE)
        return chosen

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

        return make_pipeline(self.for_model(model), model)


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
