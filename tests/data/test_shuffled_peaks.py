"""Peaks shuffled among peptides."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.data import shuffle_peaks, shuffled_partners
from denovo.errors import InputError
from tests.helpers.noise_batches import PEPTIDES, labelled


@given(keys=st.lists(st.integers(0, 8), max_size=40), seed=st.integers(0, 3))
def test_every_spectrum_has_one_partner_of_another_peptide(keys, seed):
    most = max(Counter(keys).values(), default=0)
    if 2 * most > len(keys):
        with pytest.raises(InputError, match=f"{most} of {len(keys)} spectra are of one peptide"):
            shuffled_partners(keys, seed)
        return
    partners = shuffled_partners(keys, seed)
    assert sorted(partners.tolist()) == list(range(len(keys)))
    assert all(keys[own] != keys[other] for own, other in enumerate(partners))
    assert np.array_equal(partners, shuffled_partners(keys, seed))


def test_another_seed_has_other_partners():
    assert not np.array_equal(shuffled_partners(range(50), 0), shuffled_partners(range(50), 1))


def test_peptides_and_precursors_stay_and_peaks_do_not(common):
    batch = labelled(PEPTIDES, common)
    shown = shuffle_peaks(batch, seed=0)
    assert torch.equal(shown.tokens, batch.tokens)
    assert torch.equal(shown.spectra.precursor_mass, batch.spectra.precursor_mass)
    assert not (shown.spectra.mz == batch.spectra.mz).all(dim=1).any()
    ours = {tuple(row) for row in batch.spectra.mz.tolist()}
    assert {tuple(row) for row in shown.spectra.mz.tolist()} == ours
