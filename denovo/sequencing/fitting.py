"""Fit of calibrations to simulated spectra with known peptides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.curriculum import Curriculum, Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.decoding import DecoderKind, make_decoder
from denovo.metrics import brier_score, match_residues, reliability
from denovo.sequencing.answer import Answer
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.networks import fragment_tolerance_of
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.predicted import predict_spectra
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.prediction import Status
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.typing import Bool, Float64, ndarray

_SEED = 7919
"""Seed of the calibration proteome; differs from that of training."""
_BATCH_SIZE = 128


def fit_calibrations(
    sequencer: Sequencer,
    config: Mapping[str, Any],
    n_spectra: int = 3000,
    on_batch: Callable[[int, int], None] | None = None,
) -> dict[str, Calibration]:
    """Fit one calibration for each kind of decoder.

    The spectra are MS2PIP predictions for peptides that the network was not trained on, with the
    noise of the last stage of its training. Two thirds are fitted, the others validate the fit.
    """
    batches, record = calibration_batches(sequencer.vocabulary, config, n_spectra)
    n_done, calibrations = 0, {}
    for kind in DecoderKind:
        pipeline = SpectrumSequencer(
            sequencer, make_decoder(kind), 1, fragment_tolerance=fragment_tolerance_of(config)
        )
        features, is_right = [], []
        for batch in batches:
            for answer, right in scored_answers(pipeline, batch):
                features.append(answer.features())
                is_right.append(right)
            n_done += 1
            if on_batch is not None:
                on_batch(n_done, len(batches) * len(DecoderKind))
        calibrations[kind.value] = _fit(np.stack(features), np.array(is_right), record)
    return calibrations


def _fit(
    features: Float64[ndarray, "answer feature"],
    is_right: Bool[ndarray, " answer"],
    record: dict[str, Any],
) -> Calibration:
    """Fit to two of three answers, and record the reliability on the others."""
    is_held_out = np.arange(len(is_right)) % 3 == 2
    fitted = Calibration.fit(features[~is_held_out], is_right[~is_held_out], record)
    probability = fitted.probability(features[is_held_out])
    n_fitted = int((~is_held_out).sum())
    return replace(
        fitted, record=record | validation_record(probability, is_right[is_held_out], n_fitted)
    )


def validation_record(
    probability: Float64[ndarray, " answer"], is_right: Bool[ndarray, " answer"], n_fitted: int
) -> dict[str, Any]:
    """Return the quality of probabilities on held-out answers, as plain values."""
    found = reliability(probability, is_right)
    return {
        "n_fitted": n_fitted,
        "n_held_out": len(is_right),
        "expected_calibration_error": found.expected_error,
        "brier_score": brier_score(probability, is_right),
        "share_right": float(is_right.mean()),
        "reliability": found.state(),
    }


def calibration_batches(
    vocabulary: Vocabulary, config: Mapping[str, Any], n_spectra: int
) -> tuple[list[LabelledSpectra], dict[str, Any]]:
    """Return batches of spectra for a fit, and what to record of them."""
    source, noise = known_spectra(vocabulary, config, n_spectra), training_noise(config)
    batches = list(noisy_batches(source, noise, int(config["data"]["n_peaks"])))
    return batches, {"spectra": "simulated", "n_spectra": len(source), "noise": vars(noise)}


def known_spectra(
    vocabulary: Vocabulary, config: Mapping[str, Any], n_spectra: int, seed: int = _SEED
) -> SpectrumSource:
    """Predict spectra of peptides like those of a training, from other proteins.

    Parameters
    ----------
    vocabulary : Vocabulary
        Vocabulary of the network.
    config : mapping
        Configuration of the training; without a simulator there, tryptic peptides of 7 to 20
        residues are used.
    n_spectra : int
        Number of spectra.
    seed : int
        Seed of the proteins; by default those of the calibration.
    """
    recipe = config.get("data", {}).get("sources", {}).get("recipe", {})
    digest = {k: v for k, v in recipe.get("digest", {}).items() if k != "_target_"}
    precursors = {k: v for k, v in recipe.get("precursors", {}).items() if k != "_target_"}
    if "charges" in precursors:
        precursors["charges"] = {int(z): w for z, w in precursors["charges"].items()}
    return predict_spectra(
        vocabulary,
        n_spectra,
        recipe.get("simulator", {}).get("model", "HCDch2"),
        seed,
        Digest(**digest),
        Precursors(**precursors),
    )


def training_noise(config: Mapping[str, Any]) -> Noise:
    """Return the noise of the last stage of a training, for every spectrum."""
    noise = last_noise(config)
    return replace(noise, noisy_fraction=1.0) if noise != Noise() else noise


def last_noise(config: Mapping[str, Any]) -> Noise:
    """Return the noise of the last stage of a training, as its batches had it."""
    curriculum = {k: v for k, v in config.get("curriculum", {}).items() if not k.startswith("_")}
    return Curriculum(**curriculum).last_stage.noise if curriculum else Noise()


def scored_answers(
    pipeline: SpectrumSequencer, batch: LabelledSpectra
) -> Iterator[tuple[Answer, bool]]:
    """Sequence spectra with known peptides; yields each answer of status ok, and if it is right.

    It is right if each residue matches the true one by mass, as in `PeptideMetrics`.
    """
    masses = pipeline.vocabulary.masses.numpy()
    answers = pipeline.answers(batch.spectra)
    for answer, row, mask in zip(answers, batch.tokens, batch.residue_mask, strict=True):
        if answer.status is Status.OK:
            truth = masses[row[mask].numpy()]
            matches = match_residues(masses[answer.best.peptide], truth)
            yield answer, bool(matches.all())


def noisy_batches(source: SpectrumSource, noise: Noise, n_peaks: int) -> Iterator[LabelledSpectra]:
    """Yield all spectra with noise, in batches of peptides of similar length."""
    order = np.argsort(source.lengths, kind="stable")
    for number, start in enumerate(range(0, len(order), _BATCH_SIZE)):
        clean = source.read(order[start : start + _BATCH_SIZE])
        yield prepare_batch(
            clean, noise, seed=_SEED + number, n_peaks=n_peaks, vocabulary=source.vocabulary
        )
