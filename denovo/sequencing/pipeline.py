"""From settings and a trained network to what sequences spectra."""

from pathlib import Path

import torch

from denovo.chemistry import Tolerance, parse_tolerance
from denovo.choices import DecoderKind, DecoyKind, Rescoring
from denovo.decoding import BeamDecoder, make_candidate_decoder, make_decoder
from denovo.decoding.mass_constraint import MassConstraint
from denovo.errors import InputError, check_names
from denovo.io.usi import check_dataset
from denovo.proteins.digest_index import cached_index
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.networks import TrainedModel
from denovo.sequencing.proteome.forms import modification_rates
from denovo.sequencing.proteome.prior import ProteomePrior
from denovo.sequencing.proteome.search import ProteomeSearch
from denovo.sequencing.proteome.sources import FITTED
from denovo.sequencing.rescoring import Reranker, Rescorer, Similarity
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.sequencing.settings import SequencingSettings
from denovo.simulation import Ms2pipSimulator
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.sequencer_protocol import Sequencer


def make_pipeline(settings: SequencingSettings, model: TrainedModel) -> SpectrumSequencer:
    """Put network, decoder and calibration together; see `SequencingSettings.pipeline`."""
    device = find_device(settings.device)
    check_names([settings.decoder], list(DecoderKind), "sequencing", "decoder")
    check_names([settings.rescoring], list(Rescoring), "sequencing", "rescoring")
    kind, rescoring = DecoderKind(settings.decoder), Rescoring(settings.rescoring)
    decoder = _decoder(settings, kind, rescoring)
    tolerance = parse_tolerance(settings.fragment_tolerance)
    if settings.dataset:
        check_dataset(settings.dataset)
    sequencer = model.sequencer.to(device)
    assert isinstance(sequencer, Sequencer)
    state = model.calibrations.get(kind.value)
    rescorer = None
    if rescoring is not Rescoring.NONE:
        for other in model.others:
            other.sequencer.to(device)
        rescorer = make_rescorer(model, rescoring, decoder, settings.n_candidates, tolerance)
    proteome = None
    if settings.proteome:
        proteome = _proteome(settings, model, rescoring, rescorer)
    return SpectrumSequencer(
        sequencer,
        decoder,
        model.n_peaks,
        calibration=Calibration.from_state(state, model.path) if state else None,
        charges=settings.charges,
        batch_size=settings.batch_size,
        intensity_power=settings.intensity_power,
        fragment_tolerance=tolerance,
        n_alternatives=settings.alternatives,
        rescorer=rescorer,
        device=device,
        proteome=proteome,
    )


def _proteome(
    settings: SequencingSettings,
    model: TrainedModel,
    rescoring: Rescoring,
    rescorer: Rescorer | None,
) -> ProteomePrior:
    """Find or build the index of the proteome, and put search and prior together."""
    share = settings.novel_share
    if share is not None and not 0 < share < 1:
        raise InputError(f"--novel-share must be above 0 and below 1, got {share}")
    if rescorer is None or rescoring is not Rescoring.FULL:
        raise InputError(
            f"--proteome needs the rescoring 'full', got {rescoring.value!r}; give --rescoring "
            "full and a network that was exported with it"
        )
    paths = [Path(path) for path in settings.proteome]
    index = cached_index(paths, rescorer.vocabulary, settings.enzyme, settings.semi)
    constraint = MassConstraint(settings.tolerance, tuple(settings.isotope_errors))
    check_names([settings.decoys], list(DecoyKind), "sequencing", "decoys")
    rates, decoys = modification_rates(model.config), DecoyKind(settings.decoys)
    search = ProteomeSearch(index, rescorer, rates, constraint, decoys)
    return ProteomePrior(search, FITTED, share)


def _decoder(settings: SequencingSettings, kind: DecoderKind, rescoring: Rescoring) -> BeamDecoder:
    agreement = settings.tolerance, tuple(settings.isotope_errors)
    width = settings.beam_width
    if rescoring is Rescoring.NONE:
        return make_decoder(kind, width, min(1 + settings.alternatives, width), *agreement)
    if kind is not DecoderKind.CONSTRAINED:
        raise InputError(
            f"rescoring {rescoring.value!r} goes with the decoder 'constrained', got "
            f"{kind.value!r}; choose that, or the rescoring 'none'"
        )
    return make_candidate_decoder(settings.n_candidates, width, *agreement)


def make_rescorer(
    model: TrainedModel,
    kind: Rescoring,
    decoder: BeamDecoder,
    n_candidates: int = 16,
    fragment_tolerance: Tolerance = FRAGMENT_TOLERANCE,
) -> Rescorer:
    """Put the networks of a model and what was fitted to them together.

    Parameters
    ----------
    model : TrainedModel
        The networks, in place.
    kind : Rescoring
        ``joint`` or ``full``.
    decoder : BeamDecoder
        Gives the candidates of each network.
    n_candidates : int
        Candidates of a spectrum that are looked at.
    fragment_tolerance : Tolerance
        Within which a peak counts as an ion of a candidate.

    Raises
    ------
    InputError
        If the full rescoring is asked for and nothing was fitted, or something else than this
        package fits.
    """
    sequencers = [sequencer for sequencer in model.sequencers if isinstance(sequencer, Sequencer)]
    state = model.rerankers.get(kind.value)
    similarity = None
    if kind is Rescoring.FULL:
        if state is None:
            raise InputError(
                f"{model.path} holds no reranker for the rescoring 'full'; write a network that "
                "does with denovo export, or choose 'joint'"
            )
        simulator = Ms2pipSimulator(state["record"]["simulator"])
        similarity = Similarity(simulator, sequencers[0].vocabulary)
    rescorer = Rescorer(sequencers, decoder, None, similarity, n_candidates, fragment_tolerance)
    if state is not None:
        rescorer.reranker = Reranker.from_state(state, rescorer.names, model.path)
    return rescorer


def find_device(name: str) -> torch.device:
    """Find the device called ``auto`` or as torch does; an InputError if it is not there."""
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
