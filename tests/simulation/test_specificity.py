"""Semi-specific and unspecific peptides in the mixture of a digest."""

import dataclasses

import pytest

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.digest import SEMI, SPECIFIC, UNSPECIFIC, Cleaver, Digest, mix
from denovo.simulation.proteins import SyntheticProteome

PROTEOME = SyntheticProteome(30)
WIDE = Digest(missed_cleavages=2, min_length=6, max_length=30, semi=0.2, unspecific=0.1)
LIMITS = ("trypsin", 2, 6, 30)


def free_ends(peptide: str, sites_of: dict[str, set[int]]) -> set[int]:
    """Number of ends that are no site, wherever the peptide stands."""
    found = set()
    for protein, sites in sites_of.items():
        start = protein.find(peptide)
        while start >= 0:
            found.add((start not in sites) + (start + len(peptide) not in sites))
            start = protein.find(peptide, start + 1)
    return found


def test_each_kind_has_as_many_ends_of_the_enzyme_as_it_says(common: Vocabulary) -> None:
    sites_of = {protein: Cleaver(protein, *LIMITS).sites for protein in PROTEOME.sequences()}
    kinds = WIDE.by_kind(PROTEOME, common.alphabet)
    for n_free, kind in enumerate((SPECIFIC, SEMI, UNSPECIFIC)):
        assert len(kinds[kind]) > 100
        for peptide in kinds[kind][:100]:
            assert n_free in free_ends(peptide, sites_of), (kind, peptide)
            assert 6 <= len(peptide) <= 30
    assert not set(kinds[SPECIFIC]) & set(kinds[SEMI])
    assert not set(kinds[SEMI]) & set(kinds[UNSPECIFIC])


def test_the_shares_hold_in_every_beginning(common: Vocabulary) -> None:
    kinds = WIDE.by_kind(PROTEOME, common.alphabet)
    peptides = WIDE.peptides(PROTEOME, common.alphabet)
    assert len(peptides) > 1000
    for n in (50, 500, len(peptides)):
        for kind, share in WIDE.shares.items():
            count = len(set(peptides[:n]) & set(kinds[kind]))
            assert count == pytest.approx(share * n, abs=1.5)


def test_peptides_of_the_enzyme_alone_are_those_of_the_mixture_without_shares(
    common: Vocabulary,
) -> None:
    plain = dataclasses.replace(WIDE, semi=0.0, unspecific=0.0)
    kinds = plain.by_kind(PROTEOME, common.alphabet)
    assert plain.peptides(PROTEOME, common.alphabet) == kinds[SPECIFIC]
    assert set(WIDE.by_kind(PROTEOME, common.alphabet)[SPECIFIC]) <= set(kinds[SPECIFIC])
    assert "semi" not in plain.provenance()
    assert WIDE.provenance()["semi"] == 0.2


def test_other_proteins_and_their_order_hardly_matter(common: Vocabulary) -> None:
    class Backwards:
        def sequences(self):
            return iter(list(PROTEOME.sequences())[::-1])

        def provenance(self):
            return {}

    assert WIDE.peptides(Backwards(), common.alphabet) == WIDE.peptides(PROTEOME, common.alphabet)


def test_shares_of_every_kind_may_be_all(common: Vocabulary) -> None:
    for semi, unspecific in ((1.0, 0.0), (0.0, 1.0), (0.9, 0.1)):
        digest = dataclasses.replace(WIDE, semi=semi, unspecific=unspecific)
        kinds = digest.by_kind(PROTEOME, common.alphabet)
        assert not kinds[SPECIFIC]
        assert digest.peptides(PROTEOME, common.alphabet)


def test_a_mixture_ends_where_a_kind_runs_out() -> None:
    lists = {"a": [f"a{i}" for i in range(10)], "b": ["b0", "b1"]}
    assert mix(lists, {"a": 0.75, "b": 0.25}) == [
        "a0",
        "a1",
        "a2",
        "b0",
        "a3",
        "a4",
        "a5",
        "b1",
        "a6",
        "a7",
        "a8",
    ]


@pytest.mark.parametrize("shares", [(-0.1, 0.0), (0.0, -0.1), (0.6, 0.6)])
def test_shares_have_to_add_up(shares: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="semi and unspecific"):
        Digest(semi=shares[0], unspecific=shares[1])
