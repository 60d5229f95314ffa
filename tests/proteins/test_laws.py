"""Laws of the mapping, for proteins and peptides that hypothesis draws."""

from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.proteins.proteome import shuffled
from denovo.spectra.prediction import Region
from tests.helpers.mapped import mapped, proteins_of, rows_of
from tests.helpers.predictions import prediction

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
SEQUENCES = st.lists(st.text(RESIDUES, min_size=10, max_size=60), min_size=1, max_size=5)
SITES = {"trypsin": "KR", "asp-n": "D", "glutamyl endopeptidase": "E"}
SETTINGS = settings(max_examples=30)


@st.composite
def cuts(draw, least=6):
    """Draw proteins, and the protein, the start and the end of a peptide in one of them."""
    sequences = draw(SEQUENCES)
    number = draw(st.integers(0, len(sequences) - 1))
    start = draw(st.integers(0, len(sequences[number]) - least))
    end = draw(st.integers(start + least, len(sequences[number])))
    return sequences, number, start, end


@SETTINGS
@given(cuts())
def test_a_peptide_that_was_cut_from_a_protein_is_found_at_its_place(cut):
    sequences, number, start, end = cut
    peptide = sequences[number][start:end]
    (row,) = rows_of(mapped([peptide], proteins_of(*sequences)))
    assert row["match"] == "exact"
    places = list(zip(row["proteins"], row["starts"], row["ends"], strict=True))
    expected = [
        (f"P{n}", k + 1, k + len(peptide))
        for n, text in enumerate(sequences, start=1)
        for k in range(len(text))
        if text[k:].replace("I", "L").startswith(peptide.replace("I", "L"))
    ]
    assert places == expected
    assert (f"P{number + 1}", start + 1, end) in places


@SETTINGS
@given(cuts(), st.data())
def test_swaps_of_i_and_l_are_found(cut, data):
    sequences, number, start, end = cut
    peptide = sequences[number][start:end]
    swapped = "".join(data.draw(st.sampled_from("IL")) if c in "IL" else c for c in peptide)
    (row,) = rows_of(mapped([swapped], proteins_of(*sequences)))
    assert row["match"] in {"exact", "I=L"}
    assert f"P{number + 1}" in row["proteins"]


@SETTINGS
@given(cuts(least=10), st.data())
def test_a_permuted_region_of_undetermined_order_is_found_through_it(cut, data):
    sequences, number, start, end = cut
    peptide = sequences[number][start:end]
    size = data.draw(st.integers(2, 4))
    # Four residues in a row, and five in all, are outside the region.
    first = data.draw(st.sampled_from([0, 1, 4, len(peptide) - size]))
    inner = "".join(data.draw(st.permutations(peptide[first : first + size])))
    text = peptide[:first] + inner + peptide[first + size :]
    answer = prediction(peptide=text, ambiguous=(Region(first + 1, first + size, ()),))
    (row,) = rows_of(mapped([answer], proteins_of(*sequences)))
    if row["match"] not in {"exact", "I=L", "deamidation"}:
        assert row["match"] == "order"
        assert f"P{number + 1}" in row["proteins"]


@SETTINGS
@given(SEQUENCES, st.sampled_from(sorted(SITES)), st.integers(0, 9))
def test_shuffled_proteins_have_the_lengths_the_compositions_and_the_sites(sequences, enzyme, seed):
    proteins = proteins_of(*sequences)
    other = shuffled(proteins, enzyme, seed)
    for n in range(len(proteins)):
        assert sorted(other.sequence(n)) == sorted(proteins.sequence(n))
    assert (other.letters == shuffled(proteins, enzyme, seed).letters).all()
    for site in SITES[enzyme].encode():
        assert ((proteins.letters == site) == (other.letters == site)).all()
