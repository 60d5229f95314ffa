"""Modified forms of the peptides of a proteome, decoys, and their fast scores."""

import numpy as np
import pytest
import torch

from denovo.chemistry import PROTON_MASS, WATER_MASS, Ppm
from denovo.choices import DecoyKind
from denovo.proteins.digest_index import DigestIndex
from denovo.proteins.proteome import make_proteins
from denovo.sequencing.proteome.forms import FormFinder, Forms, keys_of, rows_of
from denovo.sequencing.proteome.matching import PeakRanks
from denovo.spectra.batch import Spectra

RATES = {"M[UNIMOD:35]": 0.2, "N[UNIMOD:7]": 0.02, "[UNIMOD:385]-QC": 0.1}


@pytest.fixture
def finder(common):
    proteins = make_proteins([("P", "QMAMGDNK", "a"), ("Q", "GGGGGGGR", "a")])
    return FormFinder(DigestIndex.build(proteins, common), common, RATES)


def found(finder, common, peptide):
    mass = np.array([[common.peptide_mass(common.encode(peptide))]])
    forms = finder(mass - 0.001, mass + 0.001)
    rows = forms.tokens.tolist()
    return {
        common.decode([token for token in row if token]): rate
        for row, rate in zip(rows, forms.rate, strict=True)
    }


@pytest.mark.parametrize(
    ("peptide", "expected"),
    [
        ("QMAMGDNK", {"QMAMGDNK": 1.0}),
        ("QM[UNIMOD:35]AMGDNK", {"QM[UNIMOD:35]AMGDNK": 0.2, "QMAM[UNIMOD:35]GDNK": 0.2}),
        ("QM[UNIMOD:35]AM[UNIMOD:35]GDNK", {"QM[UNIMOD:35]AM[UNIMOD:35]GDNK": 0.04}),
        # Deamidated N is D, deamidated Q is E.
        ("QMAMGDDK", {"QMAMGDDK": 0.02, "EMAMGDNK": 0.02}),
        ("[UNIMOD:385]-QMAMGDNK", {"[UNIMOD:385]-QMAMGDNK": 0.1}),
        # Ammonia is lost from Q and C alone.
        ("[UNIMOD:385]-GGGGGGGR", {}),
    ],
)
def test_forms_have_the_mass_and_their_rate(finder, common, peptide, expected):
    assert found(finder, common, peptide) == pytest.approx(expected)


def test_reversed_peptides_keep_their_mass_last_residue_and_terminus(finder, common):
    peptide = common.encode("[UNIMOD:385]-QMAMGDNK")
    mass = np.array([[common.peptide_mass(peptide)]])
    decoys = finder(mass - 0.001, mass + 0.001).decoys(DecoyKind.REVERSED)
    assert (
        decoys.tokens.tolist() == rows_of([common.encode("[UNIMOD:385]-NDGMAMQK")], common).tolist()
    )


@pytest.mark.parametrize("kind", DecoyKind)
def test_decoys_are_other_peptides_of_the_same_residues_and_lead_back(common, kind):
    peptides = ["[UNIMOD:385]-QMAMGDNSTVK", "GADNK", "SAMPLEPEPTLDER", "GK", "K", "AGK"]
    tokens = rows_of([common.encode(each) for each in peptides], common)
    row = np.arange(len(peptides))
    forms = Forms(row, tokens, row, np.ones(len(row)))
    decoys = forms.decoys(kind)
    for before, after, length in zip(tokens, decoys.tokens, forms.length, strict=True):
        assert sorted(before) == sorted(after)
        assert (before[0], before[length]) == (after[0], after[length])
        assert length < 5 or before.tolist() != after.tolist()
    assert decoys.decoys(kind, is_back=True).tokens.tolist() == tokens.tolist()
    # Neither other peptides nor padding change the decoy of a peptide.
    alone = Forms(row[:1], rows_of([common.encode("GADNK")], common), row[:1], np.ones(1))
    assert alone.decoys(kind).tokens[0].tolist() == decoys.tokens[1][:6].tolist()


def test_equal_peptides_have_equal_keys_whatever_the_padding(common):
    short, long = common.encode("GADNK"), common.encode("GADNKLLLLR")
    alone, both = rows_of([short], common), rows_of([short, long], common)
    keys = keys_of(np.array([3, 3]), both)
    assert keys_of(np.array([3]), alone)[0] == keys[0]
    assert len({*keys.tolist(), *keys_of(np.array([4, 3]), both).tolist()}) == 3


@pytest.mark.parametrize("charge", [2, 3])
def test_fast_scores_are_those_of_a_loop_over_ions(common, charge):
    random = np.random.default_rng(0)
    peptides = [common.encode(each) for each in ("QMAMGDNK", "GGGGGGGR", "[UNIMOD:385]-QMAGDNK")]
    masses = common.masses.numpy()
    mz = []
    for peptide in peptides[:1]:
        prefix = np.cumsum(masses[peptide])
        mz += [
            *(prefix[:-1] + PROTON_MASS),
            (prefix[-1] - prefix[2] + WATER_MASS + 2 * 1.00728) / 2,
        ]
    mz = np.sort(np.array([*mz, *random.uniform(100, 900, 20)]))
    intensity = random.uniform(0.1, 1, len(mz))
    spectra = Spectra(
        torch.tensor(mz, dtype=torch.float32)[None],
        torch.tensor(intensity, dtype=torch.float32)[None],
        torch.ones(1, len(mz), dtype=torch.bool),
        torch.tensor([800.0], dtype=torch.float64),
        torch.tensor([charge]),
    )
    zeros = np.zeros(len(peptides), dtype=np.int64)
    forms = Forms(zeros, rows_of(peptides, common), zeros, np.ones(len(peptides)))
    ranks = PeakRanks(spectra, Ppm(20.0), 2000.0)
    scores, of_reverses = ranks.scores(forms, masses)
    assert (
        of_reverses.tolist() == ranks.scores(forms.decoys(DecoyKind.REVERSED), masses)[0].tolist()
    )
    rank = (-intensity).argsort().argsort()
    weight = np.log((len(mz) + 1) / (rank + 1)) + 3.0
    for score, peptide in zip(scores, peptides, strict=True):
        prefix, expected = np.cumsum(masses[peptide]), 0.0
        # No site lies between a modification of the N-terminus and the first residue.
        for mass in prefix[common.is_n_terminal.tolist()[peptide[0]] : -1]:
            for ion in (mass, prefix[-1] - mass + WATER_MASS):
                for z in (1, 2) if charge >= 3 else (1,):
                    at = ion / z + PROTON_MASS
                    # A bin of 0.01 Th around the tolerance also counts.
                    near = np.abs(mz - at) <= 20e-6 * at
                    expected += weight[near].max(initial=0.0)
        assert score == pytest.approx(expected, abs=1e-3)
