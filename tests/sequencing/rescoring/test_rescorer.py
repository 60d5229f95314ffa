"""What several networks agree on."""

import dataclasses

import numpy as np
import pytest

from denovo.decoding import BeamDecoder, MassConstraint
from denovo.sequencing.rescoring import Rescorer
from tests.helpers.rerankers import linear_reranker
from tests.helpers.table_sequencer import Oracle, TableSequencer, empty_spectra

PEPTIDE = "SGATLK"
DECODER = BeamDecoder(6, n_candidates=6, constraint=MassConstraint())


@pytest.fixture
def networks(common):
    tokens = common.candidates.tolist()
    return [
        TableSequencer(common, "forward", 1, tokens),
        TableSequencer(common, "backward", 2, tokens),
    ]


@pytest.fixture
def spectra(common):
    return empty_spectra(3, [common.peptide_mass(common.encode(PEPTIDE)), 900.5, 30.0])


def rescored(networks, spectra, **options):
    rescorer = Rescorer(networks, DECODER, **options)
    return rescorer(spectra, DECODER(networks[0], spectra))


def test_both_networks_score_the_candidates_of_both(networks, spectra):
    rescorer = Rescorer(networks, DECODER, n_candidates=100)
    found = [DECODER(network, spectra) for network in networks]
    lists = rescorer.lists(spectra, found[0])
    for network, decoded in enumerate(found):
        for row, answers in enumerate(decoded.candidates):
            if not decoded.is_feasible[row]:
                continue
            for answer in answers:
                (place,) = (
                    n
                    for n, peptide in enumerate(lists.peptides)
                    if lists.row[n] == row and peptide == answer.peptide
                )
                of_network = lists.by_network[network][place]
                assert of_network.log_probability == pytest.approx(answer.log_probability, abs=1e-4)
    # A list of six each, and something that only one of them found.
    assert (np.bincount(lists.row) > 6).any()
    assert 2 not in lists.row


def test_joint_rescoring_sorts_by_the_mean_of_all_networks(networks, spectra):
    result = rescored(networks, spectra, n_candidates=4)
    assert [len(answers) for answers in result] == [4, 4, 0]
    for answers in result:
        assert all(answer.probability is None for answer in answers)
        scores = [answer.log_probability for answer in answers]
        assert scores == sorted(scores, reverse=True)


def test_one_network_alone_keeps_its_order(networks, spectra):
    decoded = DECODER(networks[0], spectra)
    result = rescored(networks[:1], spectra)
    assert [a.peptide for a in result[0]] == [a.peptide for a in decoded.candidates[0]]


def test_a_peptide_that_only_the_second_network_finds_can_be_the_answer(common):
    networks = [
        TableSequencer(common, "forward", 1, common.candidates.tolist()),
        Oracle(common, "backward", PEPTIDE),
    ]
    mass = common.peptide_mass(common.encode(PEPTIDE))
    result = rescored(networks, empty_spectra(1, [mass]), n_candidates=12)
    assert common.decode(result[0][0].peptide) == PEPTIDE


def test_a_reranker_decides_and_its_probabilities_add_up_to_less_than_one(networks, spectra):
    names = Rescorer(networks, DECODER).names
    plain = rescored(networks, spectra)
    reranker = linear_reranker(names, length=-30.0)
    result = rescored(networks, spectra, reranker=reranker)
    for answers, before in zip(result, plain, strict=True):
        probabilities = [answer.probability for answer in answers]
        lengths = [len(answer.peptide) for answer in answers]
        assert lengths == sorted(lengths)
        assert sorted(lengths) == sorted(len(answer.peptide) for answer in before)
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) < 1


def test_spectra_do_not_disturb_each_other(networks, spectra):
    reranker = linear_reranker(Rescorer(networks, DECODER).names, is_first_by_joint=1.0, length=0.5)
    together = rescored(networks, spectra, reranker=reranker)
    for row in range(len(spectra)):
        rows = {
            field.name: getattr(spectra, field.name)[row : row + 1]
            for field in dataclasses.fields(spectra)
        }
        alone = rescored(networks, type(spectra)(**rows), reranker=reranker)
        assert [a.peptide for a in alone[0]] == [a.peptide for a in together[row]]
        probabilities = [a.probability for a in together[row]]
        assert [a.probability for a in alone[0]] == pytest.approx(probabilities)
