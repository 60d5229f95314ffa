"""Probabilities from features: fitted, stored, and held to what they promise."""

import json

import numpy as np
import pytest

from denovo.errors import InputError
from denovo.sequencing import FEATURES, Calibration


def answers(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, len(FEATURES)))
    chance = 1 / (1 + np.exp(-(1.5 * features[:, 0] - features[:, 4] ** 2 + 0.5)))
    return features, rng.uniform(size=n) < chance, chance


def test_a_fit_finds_the_probability_that_answers_were_drawn_with():
    features, is_right, _ = answers(n=20_000)
    unseen, _, chance = answers(seed=1)
    found = Calibration.fit(features, is_right, {}).probability(unseen)
    assert np.abs(found - chance).mean() < 0.03


def test_what_is_stored_gives_the_same_probabilities():
    features, is_right, _ = answers(n=300)
    fitted = Calibration.fit(features, is_right, {"spectra": "drawn"})
    again = Calibration.from_state(json.loads(json.dumps(fitted.state())))
    assert (again.probability(features) == fitted.probability(features)).all()
    assert again.record == {"spectra": "drawn"}


def test_what_lies_beyond_the_answers_of_the_fit_counts_as_their_extremes():
    features, is_right, _ = answers(n=300)
    fitted = Calibration.fit(features, is_right, {})
    beyond = np.array([[1e9] * len(FEATURES), [-1e9] * len(FEATURES)])
    ends = np.stack([features.max(axis=0), features.min(axis=0)])
    assert (fitted.probability(beyond) == fitted.probability(ends)).all()


def test_answers_that_are_all_wrong_cannot_be_fitted_to():
    features, _, _ = answers(n=100)
    with pytest.raises(InputError, match="0 of 100 answers are right"):
        Calibration.fit(features, np.zeros(100, dtype=bool), {})


@pytest.mark.parametrize("damage", [{"features": ["other"]}, {"weights": [1.0]}, {"weights": None}])
def test_a_calibration_for_other_features_is_refused(damage):
    features, is_right, _ = answers(n=300)
    state = Calibration.fit(features, is_right, {}).state() | damage
    with pytest.raises(InputError, match="another version"):
        Calibration.from_state(state)
