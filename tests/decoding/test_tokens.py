import torch

from denovo.decoding.hypotheses import tokens_on


def test_moments_give_the_share_of_residues_and_their_mass(common):
    tokens = tokens_on(common, torch.device("cpu"))
    probability = torch.full((len(common),), 1 / len(common), dtype=torch.float64)
    share, mass = probability @ tokens.moments
    torch.testing.assert_close(share, common.is_residue.double().mean())
    torch.testing.assert_close(mass, common.masses.mean())


def test_tables_are_made_once_for_a_device(common):
    assert tokens_on(common, torch.device("cpu")) is tokens_on(common, torch.device("cpu"))
