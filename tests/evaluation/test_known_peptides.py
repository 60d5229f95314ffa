"""Answers of a run against the peptides that its files state."""

from dataclasses import replace

import numpy as np
import pytest

from denovo.evaluation import KnownPeptides
from denovo.io.files import encodable
from denovo.spectra.measured import Rejected
from tests.helpers.predictions import prediction, spectrum, unanswered


def test_precision_and_coverage_of_a_run_by_hand(common):
    stated = ["PEPTIDE", "PEPTLDE", "GGGGK", None, "PEPTIDE"]
    entries = [*(spectrum(k, peptide) for k, peptide in enumerate(stated)), Rejected("run.mgf", "")]
    # The third answer is wrong, the fourth has no truth, the fifth spectrum no answer.
    q_values = (0.01, 0.04, 0.2, 0.0)
    answers = [prediction(k, probability=1 - q, q_value=q) for k, q in enumerate(q_values)]
    known = KnownPeptides.of(entries, [*answers, unanswered(4)], common)
    assert known is not None
    assert (known.n_spectra, known.n_outside) == (4, 0)
    assert known.is_right.tolist() == [True, True, False]
    assert known.within(0.05)[:2] == (2, 1.0)
    number, precision, (low, high) = known.within(None)
    assert (number, precision) == (3, pytest.approx(2 / 3))
    assert low < 2 / 3 < high
    curve = known.peptide_curve()
    np.testing.assert_allclose(curve.coverage, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(curve.precision, [1, 1, 2 / 3])
    assert known.residue_curve().precision[-1] < 1
    assert known.within(0.001)[0] == 0


def test_spectra_of_one_peptide_are_one_observation_of_the_interval(common):
    entries = [spectrum(k, "PEPTIDE") for k in range(40)]
    known = KnownPeptides.of(entries, [prediction(k) for k in range(40)], common)
    assert known is not None
    # Wilson, 1 of 1.
    assert known.within(None)[2] == pytest.approx((0.2065, 1.0), abs=1e-4)


def test_a_file_whose_name_is_no_text_is_compared(common):
    name = "r\udcff.mgf"
    entry = replace(spectrum(0), file=name)
    answer = replace(prediction(0), file=encodable(name))
    known = KnownPeptides.of([entry], [answer], common)
    assert known is not None
    assert known.within(None)[0] == 1


def test_a_peptide_outside_the_alphabet_is_counted_apart(common):
    entries = [spectrum(0), spectrum(1, "PEPT[UNIMOD:21]IDE")]
    known = KnownPeptides.of(entries, [prediction(0), prediction(1)], common)
    assert known is not None
    assert (known.n_spectra, known.n_outside, len(known.score)) == (1, 1, 1)


def test_files_that_state_no_peptide_have_no_comparison(common):
    assert KnownPeptides.of([spectrum(0, None)], [prediction(0)], common) is None
