"""The layout of Casanovo as winnow reads it, with winnow's own settings."""

from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from denovo.choices import ExchangeFormat
from denovo.io.frames import write_spectra
from tests.helpers.exchanged import answer, source_of, written
from tests.helpers.predictions import spectrum

pytestmark = [
    # pyteomics leaves the file open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ANSWERS = [
    answer(0, "PEPTIDEK", probability=0.75),
    answer(2, "[UNIMOD:1]-AC[UNIMOD:4]DM[UNIMOD:35]K", probability=0.5),
    answer(3, "PEPTLDE", probability=0.9),
]


@pytest.fixture
def dataset(tmp_path):
    loaders = pytest.importorskip(
        "winnow.datasets.data_loaders", reason="winnow-fdr is not installed"
    )
    configs = Path(loaders.__file__).parents[2] / "configs"
    residues = OmegaConf.load(configs / "residues.yaml")
    layout = OmegaConf.load(configs / "data_loader" / "mztab.yaml")
    write_spectra(tmp_path / "run.parquet", [spectrum(index, None) for index in range(4)])
    predictions = written(
        source_of(tmp_path, ANSWERS), tmp_path / "out.mztab", ExchangeFormat.CASANOVO_INDEX
    )
    loader = loaders.MZTabDatasetLoader(
        OmegaConf.to_container(residues.residue_masses),
        OmegaConf.to_container(layout.residue_remapping),
        column_mapping=OmegaConf.to_container(layout.column_mapping),
    )
    return loader.load(data_path=tmp_path / "run.parquet", predictions_path=predictions)


def test_each_answer_is_joined_to_its_spectrum(dataset):
    assert dataset.metadata["spectrum_id"].tolist() == ["run:0", "run:2", "run:3"]
    assert dataset.metadata["confidence"].tolist() == [0.75, 0.5, 0.9]
    # winnow reads L as I.
    assert [list(tokens) for tokens in dataset.metadata["prediction"]] == [
        list("PEPTIDEK"),
        ["[UNIMOD:1]", "A", "C[UNIMOD:4]", "D", "M[UNIMOD:35]", "K"],
        list("PEPTIDE"),
    ]


def test_scores_of_peptides_and_residues_are_probabilities(dataset):
    for beam, row in zip(dataset.predictions, ANSWERS, strict=True):
        (found,) = beam
        assert found.sequence_log_probability == pytest.approx(np.log(row.probability))
        assert np.exp(found.token_log_probabilities) == pytest.approx(row.residue_scores)


def test_false_discovery_rates_are_those_of_the_probabilities(dataset):
    control = pytest.importorskip("winnow.fdr.nonparametric").NonParametricFDRControl()
    control.fit(dataset.metadata["confidence"])
    found = control.add_psm_q_value(dataset.metadata, "confidence")
    assert found["psm_q_value"].tolist() == pytest.approx([0.175, 0.85 / 3, 0.1])
