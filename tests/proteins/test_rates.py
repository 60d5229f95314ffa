"""Chance matches, and the false discovery rate that follows from the proteins."""

import numpy as np
import pytest

from denovo.proteins import Match, disagreement, kind_rows, level_rows
from denovo.proteins.rates import LevelRow
from denovo.simulation.proteins import SyntheticProteome
from tests.helpers.mapped import mapped, proteins_of
from tests.helpers.predictions import prediction

SEQUENCES = list(SyntheticProteome(50, seed=3).sequences())
OTHERS = list(SyntheticProteome(50, seed=4).sequences())


def answers(n_right, n_wrong, q_value, probability):
    """Cut peptides of 10 residues from the proteins and from others, all equally probable."""
    texts = [SEQUENCES[n % 50][10 + n // 50 :][:10] for n in range(n_right)]
    texts += [OTHERS[n % 50][10 + n // 50 :][:10] for n in range(n_wrong)]
    return [
        prediction(n, peptide=text, ambiguous=(), q_value=q_value, probability=probability)
        for n, text in enumerate(texts)
    ]


def test_the_share_that_the_proteins_lack_is_the_share_of_wrong_answers():
    mapping = mapped(answers(60, 20, 0.01, 0.75), proteins_of(*SEQUENCES))
    rows = {row.level: row for row in level_rows(mapping)}
    assert rows[0.01].wrong == pytest.approx(0.25)
    assert rows[0.01].predicted == pytest.approx(0.25)
    assert rows[0.01].low < 0.25 < rows[0.01].high
    assert disagreement(list(rows.values())) is None
    assert np.allclose(mapping.database_q_values, 0.25)


def test_chance_matches_are_taken_off():
    row = mapped(["AAAAAA", "AAAAAA", "AAAAAA", "CDEFGH"], proteins_of("AAAAAAAAAAAA"))
    kinds = {each.kind: each for each in kind_rows(row)}
    # Every permutation of the protein has the peptide, so its match means nothing.
    assert (kinds[Match.EXACT].n_target, kinds[Match.EXACT].n_chance) == (3, 3)
    assert kinds[Match.EXACT].false_share == 1.0
    assert row.wrong_share(np.ones(4, dtype=np.bool_)) == 1.0


def test_probabilities_that_are_too_high_or_too_low_are_reported_in_a_sentence():
    proteins = proteins_of(*SEQUENCES)
    high = disagreement(level_rows(mapped(answers(50, 50, 0.01, 0.99), proteins)))
    assert high is not None
    assert "the answers at q <= 0.01 (100), 1.0% are wrong by their probabilities" in high
    assert "50.0% by the proteins" in high
    assert "the probabilities are too high" in high
    low = disagreement(level_rows(mapped(answers(90, 10, 0.1, 0.5), proteins)))
    assert low is not None
    assert low.endswith("the probabilities are too low.")


def test_proteins_of_another_sample_are_named_as_the_cause():
    warning = disagreement(level_rows(mapped(answers(0, 30, 0.01, 0.9), proteins_of(*SEQUENCES))))
    assert warning is not None
    assert "no more answers than by chance" in warning


def test_few_answers_are_not_compared():
    assert not LevelRow(0.01, 19, 0, 0, 0, 0.01, 1.0, 0.8, 1.0).disagrees
    assert LevelRow(0.01, 20, 0, 0, 0, 0.01, 1.0, 0.8, 1.0).disagrees


def test_the_q_values_from_the_proteins_rise_with_falling_probability():
    some = answers(20, 20, 0.1, 0.5)
    probability = np.linspace(0.99, 0.01, 40)
    ranked = [
        prediction(n, peptide=each.peptide, ambiguous=(), probability=float(p))
        for n, (each, p) in enumerate(zip(some, probability, strict=True))
    ]
    mapping = mapped(
        [*ranked, prediction(40, probability=None, q_value=None)], proteins_of(*SEQUENCES)
    )
    values = mapping.database_q_values
    assert (values[:20] == 0).all()
    assert (np.diff(values[:40]) >= 0).all()
    assert values[39] == pytest.approx(0.5)
    assert np.isnan(values[40])
