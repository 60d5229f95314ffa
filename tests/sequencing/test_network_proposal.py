"""Proposed networks: what spectra state and show decides, chance does not."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry.labels import TMT, TMT_PRO
from denovo.io import open_spectra
from denovo.sequencing.network_proposal import propose
from denovo.spectra.measured import MeasuredSpectrum

PHOSPHORIC_ACID = 97.976896
PRECURSOR_MZ = 654.3


def spectrum(*peaks, **stated):
    """A spectrum with a base peak and further ones, given as m/z or as m/z and height."""
    given_peaks = [(300.2, 1000.0), *(p if isinstance(p, tuple) else (p, 100.0) for p in peaks)]
    mz, intensity = (np.array(column) for column in zip(*sorted(given_peaks), strict=True))
    known = {"title": "s", "index": 0, "line": 1, "precursor_charge": 2} | stated
    return MeasuredSpectrum(precursor_mz=PRECURSOR_MZ, mz=mz, intensity=intensity, **known)


PLAIN = spectrum()
ETD = {"activation": "ETD"}


@pytest.mark.parametrize(
    ("shown", "network", "word"),
    [
        (spectrum(*TMT.reporters[:3]), "tmt", "TMT6plex"),
        (spectrum(TMT.whole), "tmt", "TMT6plex"),
        (spectrum(*TMT_PRO.reporters), None, "TMTpro"),
        (spectrum(PRECURSOR_MZ - PHOSPHORIC_ACID / 2), "phospho", "phosphoric acid"),
        (spectrum(precursor_charge=4), "wide", "charge of 4 or more"),
        (spectrum(activation="ETD", analyzer="FT"), None, "ETD"),
        (spectrum(activation="ETD", analyzer="ion trap"), None, "ETD"),
        (spectrum(activation="CID", analyzer="ion trap"), "cid", "ion trap"),
    ],
)
def test_what_a_run_shows_decides(shown, network, word):
    found = propose([shown] * 40)
    assert found is not None
    assert found.network == network
    assert word in found.sentence


@pytest.mark.parametrize(
    "shown",
    [
        PLAIN,
        spectrum(TMT.reporters[0]),
        spectrum((TMT.whole, 10.0)),
        spectrum((PRECURSOR_MZ - PHOSPHORIC_ACID / 2, 30.0)),
        spectrum(PRECURSOR_MZ - PHOSPHORIC_ACID / 3),
        spectrum(activation="EThcD", analyzer="FT"),
        spectrum(activation="CID", analyzer="TOF"),
    ],
)
def test_weak_or_single_signs_decide_nothing(shown):
    assert propose([shown] * 40) is None


def test_a_phosphate_is_looked_for_at_every_charge_that_a_spectrum_states():
    shown = spectrum(
        PRECURSOR_MZ - PHOSPHORIC_ACID / 3, precursor_charge=None, possible_charges=(2, 3)
    )
    assert propose([shown] * 40).network == "phospho"


@given(n_labelled=st.integers(0, 60), n_plain=st.integers(0, 60))
def test_labels_count_from_half_of_the_spectra_on(n_labelled, n_plain):
    shown = [spectrum(TMT.whole)] * n_labelled + [PLAIN] * n_plain
    expected = len(shown) >= 20 and n_labelled >= n_plain
    assert (propose(shown) is not None) == expected


def test_what_the_default_network_cannot_read_is_refused():
    trap, etd = (replace(PLAIN, **stated) for stated in ({"analyzer": "ion trap"}, ETD))
    assert propose([trap] * 36 + [PLAIN] * 4).is_refused
    assert propose([trap] * 35 + [PLAIN] * 5) is None
    mixed = propose([trap] * 20 + [etd] * 20)
    assert (mixed.network, mixed.is_refused) == (None, True)
    assert "an ion trap and ETD" in mixed.sentence
    assert not propose([spectrum(TMT.whole)] * 40).is_refused


def with_light_peaks(generator, sigma, **stated):
    """Peaks at the masses of small peptides, 1.00048 Th apart, measured with an error."""
    mz = generator.integers(160, 440, 20) * 1.00048 + generator.normal(0, sigma, 20)
    return spectrum(*((float(each), 500.0) for each in mz), **stated)


@pytest.mark.parametrize(
    ("sigma", "stated", "network"),
    [(0.3, {}, "cid"), (0.003, {}, None), (0.3, {"analyzer": "FT"}, None)],
)
def test_coarse_peaks_tell_of_an_ion_trap_where_the_file_does_not(sigma, stated, network):
    generator = np.random.default_rng(0)
    found = propose([with_light_peaks(generator, sigma, **stated) for _ in range(40)])
    assert (found.network if found else None) == network
    assert found is None or not found.is_refused


def test_mixed_activations_are_not_refused():
    assert propose([replace(PLAIN, activation="ETD")] * 50 + [PLAIN] * 10) is None


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("massivekb_human_tmt_head.sptxt", "tmt"),
        ("massivekb_human_hcd.mgf", None),
        ("nist-bsa_consensus.msp.gz", "cid"),
        ("FTMS_HCD_20_annotated_2019-11-12_filtered.msp", None),
        ("fetal_brain_tiny.mzSpecLib.txt", None),
        ("pepnet_train.mgf", None),
        ("proteometools_kuester_test.mgf", None),
        ("winnow_hela_spectra.mgf", None),
        ("casanovo_sample_preprocessed_spectra.mgf", None),
    ],
)
def test_measured_files_get_their_network(real_data, name, network):
    spectra = islice(open_spectra([real_data(name)]), 200)
    found = propose(s for s in spectra if isinstance(s, MeasuredSpectrum))
    assert (found.network if found else None) == network
