"""Probabilities and rerankers are fitted to simulated spectra, end to end."""

import pytest

from denovo.sequencing import Calibration
from denovo.sequencing.fitting import fit_calibrations
from denovo.sequencing.networks import load_model
from denovo.sequencing.reranking import fit_rerankers

N_SPECTRA = 240


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.mark.slow
def test_every_kind_of_decoder_gets_probabilities_judged_on_answers_of_their_own(model):
    told = []
    fitted = fit_calibrations(
        model.sequencer, model.config, N_SPECTRA, lambda done, total: told.append((done, total))
    )
    assert set(fitted) == {"constrained", "beam", "greedy"}
    assert told[-1][0] == told[-1][1] == len(told)
    for calibration in fitted.values():
        record = calibration.record
        assert record["n_fitted"] + record["n_held_out"] == N_SPECTRA
        assert record["n_held_out"] == N_SPECTRA // 3
        assert 0.2 < record["share_right"] < 0.8
        # Better than saying the share of right answers of every one of them.
        assert record["brier_score"] < record["share_right"] * (1 - record["share_right"])
        assert Calibration.from_state(calibration.state()).state() == calibration.state()


@pytest.mark.slow
def test_rerankers_of_both_directions_beat_saying_the_share_of_right_answers(model):
    fitted = fit_rerankers(model.sequencers, model.config, N_SPECTRA // 2, n_candidates=5)
    assert set(fitted) == {"joint", "full"}
    for reranker in fitted.values():
        record = reranker.record
        assert record["brier_score"] < record["share_right"] * (1 - record["share_right"])
