"""A stream of entries in, a prediction or a reason for each of them out."""

from dataclasses import replace

import numpy as np
import pytest

from denovo.decoding import DecoderKind, GreedyDecoder, make_decoder
from denovo.errors import InputError
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.rescoring import Rescorer, candidate_features
from denovo.spectra.measured import Rejected
from denovo.spectra.prediction import ChargeSource, Status
from tests.helpers.calibrations import fixed_calibration
from tests.helpers.rerankers import linear_reranker
from tests.helpers.table_sequencer import Oracle, TableSequencer

PEPTIDE = "SGATLK"


@pytest.fixture
def oracle(common):
    return Oracle(common, "forward", PEPTIDE)


def constrained(sequencer, **options):
    decoder = make_decoder(DecoderKind.CONSTRAINED, beam_width=3, n_candidates=2)
    return SpectrumSequencer(sequencer, decoder, n_peaks=150, **options)


def predictions(pipeline, records):
    return [pipeline.prediction(*o) for o in pipeline(records) if not isinstance(o, Rejected)]


def test_every_entry_comes_out_in_its_place(oracle, ladder):
    records = [ladder(PEPTIDE, index=i) for i in range(30)]
    records[7] = Rejected("a.mgf", "the spectrum has no peaks", index=7)
    pipeline = SpectrumSequencer(oracle, GreedyDecoder(), 150, batch_size=2)
    out = list(pipeline(iter(records)))
    assert out[7] is records[7]
    places = [o[0].index for o in out if not isinstance(o, Rejected)]
    assert places == [i for i in range(30) if i != 7]


def test_an_answer_tells_peptide_masses_and_doubts(oracle, ladder, common):
    (found,) = predictions(constrained(oracle), [ladder(PEPTIDE, sites=[1, 3, 4, 5])])
    assert found.status is Status.OK
    assert found.peptide == PEPTIDE
    assert len(found.residue_scores) == 6
    assert found.peptide_mz == pytest.approx(found.precursor_mz, abs=1e-9)
    assert found.ppm_error == pytest.approx(0, abs=1e-6)
    assert found.isotope_error == 0
    assert found.constraint_cost == 0
    assert found.unconstrained_peptide == PEPTIDE
    assert found.ambiguity == "2-3:[GA|AG]"
    assert found.probability is None
    assert found.charge_source is ChargeSource.FILE


def test_a_wrong_isotope_is_named_and_taken_out_of_the_error(oracle, ladder):
    spectrum = ladder(PEPTIDE)
    heavy = type(spectrum)(
        **{**vars(spectrum), "precursor_mz": spectrum.precursor_mz + 1.0033548 / 2}
    )
    (found,) = predictions(constrained(oracle), [heavy])
    assert found.isotope_error == 1
    assert abs(found.ppm_error) < 1


def test_nothing_is_answered_where_no_peptide_fits(oracle, ladder):
    spectrum = ladder(PEPTIDE)
    # Lighter than glycine.
    light = type(spectrum)(**{**vars(spectrum), "precursor_mz": 30.0})
    (found,) = predictions(constrained(oracle), [light])
    assert found.status is Status.INFEASIBLE
    assert found.peptide == ""
    assert found.residue_scores == ()
    assert found.ppm_error is None
    assert found.constraint_cost is None


def test_without_a_charge_the_one_with_the_most_probable_answer_counts(oracle, ladder):
    spectrum = ladder(PEPTIDE, charge=3, stated=False)
    (found,) = predictions(constrained(oracle, charges=(1, 2, 3)), [spectrum])
    assert found.precursor_charge == 3
    assert found.charge_source is ChargeSource.ASSUMED
    assert found.peptide == PEPTIDE


def test_of_several_charges_that_the_file_states_no_other_is_tried(oracle, ladder):
    spectrum = replace(ladder(PEPTIDE, charge=4, stated=False), possible_charges=(3, 4))
    (found,) = predictions(constrained(oracle, charges=(1, 2)), [spectrum])
    assert (found.precursor_charge, found.peptide) == (4, PEPTIDE)
    assert found.charge_source is ChargeSource.ASSUMED


def test_scan_number_and_note_of_a_spectrum_stand_in_its_row(oracle, ladder):
    spectrum = replace(ladder(PEPTIDE), scan=4711, note="odd")
    (found,) = predictions(constrained(oracle), [spectrum])
    assert (found.scan, found.note) == (4711, "odd")


def test_probabilities_follow_the_features_and_are_zero_without_an_answer(oracle, ladder):
    pipeline = constrained(oracle, calibration=fixed_calibration(-2.0, site_coverage=4.0))
    spectrum = ladder(PEPTIDE)
    light = type(spectrum)(**{**vars(spectrum), "precursor_mz": 30.0})
    found = predictions(pipeline, [spectrum, ladder(PEPTIDE, sites=[1, 2]), light])
    expected = [1 / (1 + np.exp(2 - 4 * share)) for share in (1.0, 0.4)]
    assert [p.probability for p in found] == pytest.approx([*expected, 0.0])


def test_alternatives_are_the_next_best_and_what_weighs_the_same(oracle, ladder):
    spectra = [ladder("SNTLK", sites=[1, 2, 3, 4]), ladder(PEPTIDE, sites=[1, 3, 4, 5])]
    found = predictions(constrained(oracle, n_alternatives=5), spectra)[1]
    others = [alternative.peptide for alternative in found.alternatives]
    assert found.peptide not in others
    # Glutamine is an isomer of GA, and its order is the question.
    assert {"SQTLK", "SAGTLK"} <= set(others)
    assert len(others) <= 5


def test_answers_do_not_depend_on_the_batch(common, ladder):
    records = [ladder(p, index=i) for i, p in enumerate(["GASK", PEPTIDE, "LVNELTEFAK", "GGGGK"])]
    sequencer = TableSequencer(common)
    alone = predictions(constrained(sequencer, batch_size=1), records)
    together = predictions(constrained(sequencer, batch_size=64), records)
    assert alone == together


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch size"),
        ({"charges": ()}, "positive charge"),
        ({"charges": (0, 2)}, "positive charge"),
        ({"intensity_power": 0.0}, "intensity_power"),
        ({"n_alternatives": -1}, "alternatives"),
    ],
)
def test_options_out_of_range_are_refused(oracle, options, message):
    with pytest.raises(InputError, match=message):
        constrained(oracle, **options)


def test_a_modification_without_any_residue_is_no_answer(common, ladder):
    acetylated = Oracle(common, "forward", "[UNIMOD:1]-GAK")
    del acetylated.path[1:-1]
    pipeline = SpectrumSequencer(acetylated, GreedyDecoder(), 150)
    (found,) = predictions(pipeline, [ladder(PEPTIDE)])
    assert (found.status, found.peptide) == (Status.CUT_OFF, "")


def reading_from_both_sides(sequencers, reranker=None, **options):
    decoder = make_decoder(DecoderKind.CONSTRAINED, beam_width=6, n_candidates=6)
    rescorer = Rescorer(sequencers, decoder, reranker)
    return SpectrumSequencer(sequencers[0], decoder, 150, rescorer=rescorer, **options)


def test_a_second_network_can_change_the_answer(common, oracle, ladder):
    guess = TableSequencer(common, tokens=common.candidates.tolist())
    backward = Oracle(common, "backward", PEPTIDE)
    (alone,) = predictions(constrained(guess), [ladder(PEPTIDE)])
    assert alone.peptide != PEPTIDE
    (found,) = predictions(reading_from_both_sides([guess, backward]), [ladder(PEPTIDE)])
    assert found.peptide == PEPTIDE
    assert found.site_coverage == 1.0
    assert found.probability is None
    assert found.log_probability < 0


def test_rescoring_gives_the_probabilities_instead_of_the_calibration(common, oracle, ladder):
    names = candidate_features(["forward"], has_similarity=False)
    reranker = linear_reranker(names, site_coverage=9.0, forward_log_probability=9.0)
    calibration = fixed_calibration(-9.0)
    pipeline = reading_from_both_sides([oracle], reranker, calibration=calibration)
    spectrum = ladder(PEPTIDE)
    light = type(spectrum)(**{**vars(spectrum), "precursor_mz": 30.0})
    right, infeasible = predictions(pipeline, [spectrum, light])
    assert right.peptide == PEPTIDE
    assert 0.5 < right.probability < 1
    assert infeasible.status is Status.INFEASIBLE
    assert infeasible.probability == 0.0


def test_without_a_charge_the_one_with_the_highest_probability_counts(oracle, ladder):
    spectrum = ladder(PEPTIDE, charge=3, stated=False)
    pipeline = reading_from_both_sides([oracle], charges=(1, 2, 3))
    (found,) = predictions(pipeline, [spectrum])
    assert found.precursor_charge == 3
