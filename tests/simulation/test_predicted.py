"""Spectra for a diagnosis, without a store."""

import numpy as np
import pytest
import torch

from denovo.chemistry import PROTON_MASS
from denovo.errors import InputError
from denovo.simulation import predicted
from denovo.simulation.digest import Digest
from denovo.simulation.predicted import predict_spectra
from tests.helpers.ladder_spectra import ladder_spectra


def test_a_ladder_holds_every_b_ion_and_nothing_else(common):
    batch = ladder_spectra(["[UNIMOD:1]-GASK", "PEPTLDE"], common).read(np.arange(2))
    masses = common.masses[batch.tokens[0, :4]].cumsum(dim=0)[1:] + PROTON_MASS
    found = batch.spectra.mz[0, batch.spectra.peak_mask[0]].double()
    assert torch.allclose(found, masses, atol=1e-4)
    assert batch.spectra.peak_mask.sum(dim=1).tolist() == [3, 6]
    assert (batch.spectra.intensity[batch.spectra.peak_mask] == 1).all()


def test_predicted_spectra_are_those_of_tryptic_peptides_and_repeat(common):
    one, other = (predict_spectra(common, 3) for _ in range(2))
    names = one.identifiers(np.arange(3))
    assert names == other.identifiers(np.arange(3))
    assert names != predict_spectra(common, 3, seed=2).identifiers(np.arange(3))
    batch, again = one.read(np.arange(3)), other.read(np.arange(3))
    assert torch.equal(batch.spectra.intensity, again.spectra.intensity)
    expected = [common.peptide_mass(common.encode(name)) for name in names]
    assert batch.spectra.precursor_mass.tolist() == pytest.approx(expected)


@pytest.mark.parametrize("limits", [{"min_length": 18, "max_length": 20}, {"enzyme": "asp-n"}])
def test_digestions_with_few_peptides_give_as_many_spectra_as_asked_for(common, limits):
    digest = Digest(**{"missed_cleavages": 0} | limits)
    more, fewer = (predict_spectra(common, n, digest=digest) for n in (60, 30))
    assert (len(more), len(fewer)) == (60, 30)
    assert len(set(more.identifiers(np.arange(60)))) == 60


def test_a_digestion_with_hardly_any_peptides_is_refused(common, monkeypatch):
    monkeypatch.setattr(predicted, "_MAX_PROTEINS_PER_PEPTIDE", 0)
    digest = Digest(min_length=18, max_length=20)
    with pytest.raises(InputError, match=r"give \d+ of 60 peptides by this digestion"):
        predict_spectra(common, 60, digest=digest)
