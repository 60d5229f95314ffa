"""What was put into spectra is found in them again, and nothing else."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.choices import SpectrumGrouping
from denovo.curriculum import Noise
from denovo.errors import InputError
from denovo.evaluation.spectrum_statistics import PARTS, measure_groups, measure_spectra
from denovo.noise.distort import distort
from denovo.spectra.batch import LabelledSpectra, Spectra
from tests.helpers.noise_batches import PEPTIDES, generator, labelled

# Part of the noise, its strength, and the part of a spectrum that it makes.
MAKES = {
    "isotopes": (1.0, "isotopes"),
    "losses": (1.0, "losses"),
    "a_ions": (1.0, "a"),
    "immonium": (1.0, "immonium"),
    "unfragmented_precursor": (1.0, "precursor"),
    "internal_fragments": (1.0, "internal"),
    "noise_peaks": (40.0, "unexplained"),
}


def with_noise(batch, vocabulary, seed=0, **strengths):
    spectra = distort(batch, Noise(noisy_fraction=1.0, **strengths), vocabulary, generator(seed))
    return LabelledSpectra(spectra, batch.tokens)


@pytest.fixture(scope="module")
def clean(common):
    return labelled(("GASPVTKLNDR", "MLHDEFRWYQK", "PEPTIDEPEPTIDEK") * 10, common)


def test_predicted_spectra_are_b_and_y_ions_and_nothing_else(clean, common):
    found = measure_spectra("clean", [clean], common)
    explained = found.intensity_share["b, y"] + found.intensity_share["b, y of charge 2"]
    assert explained == pytest.approx(1.0)
    assert found.figures["unexplained peaks"] == 0
    assert found.figures["sites covered"] == found.figures["every site covered"] == 1
    assert found.figures["most missing sites in a row 0"] == 1
    assert found.figures["scatter, 90 %, ppm"] < 0.1
    assert found.n_spectra == 30


@pytest.mark.parametrize("name", MAKES)
def test_what_is_added_is_found_again(clean, common, name):
    strength, part = MAKES[name]
    batch = with_noise(clean, common, **{name: strength})
    found = measure_spectra(name, [batch], common, n_peaks=1000).peak_share
    others = set(PARTS) - {"b, y", "b, y of charge 2", part}
    assert found[part] > 0.05
    # Chance puts a few peaks of one kind where another is expected, first of all internal ones.
    assert sum(found[other] for other in others) < 0.25 * found[part]


def test_companions_are_measured_relative_to_their_ions(clean, common):
    batch = with_noise(clean, common, isotopes=1.0, losses=1.0, a_ions=1.0)
    found = measure_spectra("noisy", [batch], common, n_peaks=1000)
    # 0.4 to 1.0 times averagine; losses at exp(-1.9) of half of the ions on average.
    assert found.frequency["isotopes"] > 0.95
    assert 0.55 < found.ratio["isotopes"] < 0.85
    assert 0.35 < found.frequency["loss of water"] < 0.65
    assert 0.1 < found.ratio["loss of water"] < 0.2
    assert found.frequency["a"] > 0.95


def test_calibration_is_measured(clean, common):
    batch = with_noise(clean, common, mz_offset_ppm=6.0, mz_scatter_ppm=2.0)
    figures = measure_spectra("noisy", [batch], common).figures
    assert figures["offset between spectra, sd, ppm"] == pytest.approx(6 / 3**0.5, rel=0.35)
    assert figures["scatter, MAD, ppm"] == pytest.approx(2 * 0.6745, rel=0.15)


@settings(max_examples=10)
@given(st.integers(0, 999), st.integers(1, 60))
def test_shares_add_up_to_one(common, seed, n_peaks):
    strengths = {name: value for name, (value, _) in MAKES.items()} | {"mz_scatter_ppm": 9.0}
    batch = with_noise(labelled(PEPTIDES, common), common, seed, **strengths)
    found = measure_spectra("noisy", [batch], common, n_peaks)
    assert sum(found.intensity_share.values()) == pytest.approx(1.0)
    assert sum(found.peak_share.values()) == pytest.approx(1.0)
    assert found.figures["peaks"] <= n_peaks


@pytest.mark.parametrize(
    ("silent", "run", "share"), [((2,), "1", 5 / 6), ((2, 3), "2", 4 / 6), ((0, 1, 2), "3+", 0.5)]
)
def test_silent_sites_are_counted(canonical, silent, run, share):
    """Six sites, of which some leave no ion."""
    batch = labelled(["GASPVTK"], canonical)
    masses = canonical.masses[batch.tokens[0]]
    sites = [site for site in range(6) if site not in silent]
    mz = (masses.cumsum(0)[sites] + 1.007276).float()[None]
    spectra = Spectra(mz, torch.ones_like(mz), mz > 0, *vars_of_precursor(batch))
    figures = measure_spectra("made", [LabelledSpectra(spectra, batch.tokens)], canonical).figures
    assert figures["sites covered"] == pytest.approx(share)
    assert figures[f"most missing sites in a row {run}"] == 1


def vars_of_precursor(batch):
    return batch.spectra.precursor_mass, batch.spectra.precursor_charge


def test_spectra_are_grouped_by_charge_and_by_length(clean, common):
    threes = labelled(("GASPVTKLNDR", "SAMPLER"), common, charge=3)
    by_charge = measure_groups("made", [clean, threes], common, SpectrumGrouping.CHARGE)
    assert [(c.name, c.n_spectra) for c in by_charge] == [
        ("made, charge 2", 30),
        ("made, charge 3", 2),
    ]
    alone = measure_spectra("made, charge 3", [threes], common)
    assert by_charge[1].as_dict() == alone.as_dict()
    by_length = measure_groups("made", [clean, threes], common, SpectrumGrouping.LENGTH)
    assert [(c.name, c.n_spectra) for c in by_length] == [
        ("made, length up to 8", 1),
        ("made, length 9 - 11", 21),
        ("made, length 15 - 17", 10),
    ]


def test_no_spectra_are_an_input_error(common):
    with pytest.raises(InputError, match="nothing: there are no spectra"):
        measure_spectra("nothing", [], common)
    with pytest.raises(InputError, match="nothing: there are no spectra"):
        measure_groups("nothing", [], common, SpectrumGrouping.LENGTH)


def test_what_is_not_there_has_no_height(clean, common):
    found = measure_spectra("clean", [clean], common)
    assert np.isnan(found.height["immonium"])
    assert found.as_dict()["height"]["immonium"] is None
