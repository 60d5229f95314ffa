"""The network that comes with the package: whole, described, and still able to read."""

import json

import numpy as np
import pytest

import denovo
from denovo.curriculum import Noise
from denovo.data import prepare_batch
from denovo.decoding import GreedyDecoder
from denovo.sequencing.networks import SHIPPED
from denovo.simulation.predicted import predict_spectra

DESCRIPTION = SHIPPED.with_suffix(".json")
CARD = SHIPPED.with_name("README.md")
MAX_BYTES = 25e6


@pytest.fixture(scope="module")
def model():
    return denovo.load()


def test_it_is_small_enough_to_come_with_a_package():
    assert SHIPPED.stat().st_size + DESCRIPTION.stat().st_size < MAX_BYTES


def test_its_card_names_the_file_it_describes_and_where_it_came_from():
    description, card = json.loads(DESCRIPTION.read_text()), CARD.read_text()
    assert description["sha256"] in card
    assert description["record"]["store_hash"] in card
    for heading in ("## Made by", "## Measured", "## Limits", "## Licence"):
        assert heading in card


def test_it_names_no_machine():
    assert not any(
        place in DESCRIPTION.read_text() for place in ("/home", "/root", "/tmp", "/work")
    )


def test_it_reads_in_both_directions_and_is_calibrated(model):
    assert [s.direction for s in model.trained.sequencers] == ["forward", "backward"]
    assert set(model.trained.calibrations) == {"constrained", "beam", "greedy"}
    assert set(model.trained.rerankers) == {"joint", "full"}
    for state in (*model.trained.calibrations.values(), *model.trained.rerankers.values()):
        assert state["record"]["expected_calibration_error"] < 0.05


def test_it_reads_clean_spectra_of_peptides_it_has_never_seen(model):
    vocabulary = model.trained.sequencer.vocabulary
    source = predict_spectra(vocabulary, 64, seed=11)
    batch = prepare_batch(source.read(np.arange(64)), Noise(), 0, model.trained.n_peaks)
    for sequencer in model.trained.sequencers:
        found = [vocabulary.decode(p) for p in GreedyDecoder()(sequencer, batch.spectra).peptides]
        truths = [vocabulary.decode(row.tolist()) for row in batch.tokens]
        n_right = sum(guess == truth for guess, truth in zip(found, truths, strict=True))
        assert n_right >= 54


def test_golden_answers(model, tmp_path):
    # y and b ions of three peptides at equal height, from pyteomics' masses; precursors exact.
    spectra = [
        denovo.spectrum(*ladder, precursor_mz, 2, title)
        for title, precursor_mz, ladder in (
            _ladder(p) for p in ("PEPTLDEK", "LVNELTEFAK", "AGFAGDDAPR")
        )
    ]
    for rescoring in ("none", "full"):
        answers = model.sequence(spectra, rescoring=rescoring).predictions
        assert [answer.peptide for answer in answers] == ["PEPTLDEK", "LVNELTEFAK", "AGFAGDDAPR"]
        assert all(abs(answer.ppm_error) < 0.1 for answer in answers)


def _ladder(peptide):
    from pyteomics import mass

    mz = []
    for site in range(1, len(peptide)):
        mz.append(mass.fast_mass(peptide[:site], ion_type="b", charge=1))
        mz.append(mass.fast_mass(peptide[site:], ion_type="y", charge=1))
    return peptide, mass.fast_mass(peptide, charge=2), (mz, [1.0] * len(mz))
