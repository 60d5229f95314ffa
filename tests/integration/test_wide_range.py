"""Networks of more modifications, lengths and charges than the usual, from settings to answers."""

import csv

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from denovo.chemistry import PROTON_MASS, Vocabulary
from denovo.cli import app
from denovo.curriculum import Noise
from denovo.data import prepare_batch
from denovo.decoding import DecoderKind, make_decoder
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.predicted import predict_spectra
from denovo.training.configuration import build, plain
from denovo.training.modifications import modified
from denovo.training.system import SequencerTraining
from tests.helpers.tiny_training import small_trainer, two_stages

# So light for its nominal mass that nothing without a phosphate weighs the same.
PEPTIDE = "S[Phospho]S[Phospho]S[Phospho]"


@pytest.fixture
def untrained(composed):
    """An untrained network of the shipped configuration, in small, as training builds it."""

    def make(*overrides):
        config = modified(composed("data.n_peaks=60", *overrides))
        vocabulary = Vocabulary(build(config.residues))
        torch.manual_seed(0)
        return SequencerTraining(
            vocabulary,
            build(config.model, vocabulary=vocabulary),
            build(config.loss, vocabulary=vocabulary),
            build(config.decoder),
            build(config.optimizer),
            config=plain(config),
        )

    return make


def invoke(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def test_a_network_with_a_modification_is_exported_and_names_it_in_its_answers(untrained, tmp_path):
    system = untrained("modify=Phospho@STY:0.15")
    trainer = small_trainer(two_stages(1))
    trainer.strategy.connect(system)
    checkpoint, network = tmp_path / "a.ckpt", tmp_path / "a.safetensors"
    trainer.save_checkpoint(checkpoint, weights_only=True)
    invoke("export", checkpoint, "--output", network, "--calibration-spectra", 0)

    vocabulary = system.vocabulary
    mass = vocabulary.peptide_mass(vocabulary.encode(PEPTIDE))
    spectra, answers = tmp_path / "a.mgf", tmp_path / "a.mztab"
    spectra.write_text(
        f"BEGIN IONS\nTITLE=a\nSEQ={PEPTIDE}\nPEPMASS={mass / 2 + PROTON_MASS:.6f}\nCHARGE=2+\n"
        "168.006 1.0\n335.004 1.0\n353.015 1.0\nEND IONS\n"
    )
    invoke("sequence", spectra, "--checkpoint", network, "--output", answers)
    lines = list(csv.reader(answers.read_text().splitlines(), delimiter="\t"))
    listed = {line[1]: line[2] for line in lines if line and line[0] == "MTD"}
    assert "[UNIMOD, UNIMOD:21, Phospho, ]" in listed.values()
    (head,) = (line for line in lines if line and line[0] == "PSH")
    (row,) = (dict(zip(head, line, strict=True)) for line in lines if line and line[0] == "PSM")
    assert "UNIMOD:21" in row["modifications"]

    judged = invoke("evaluate", spectra, "--checkpoint", network)
    assert "not in the alphabet" not in judged.output


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_long_and_highly_charged_peptides_are_read_within_the_precursor_mass(untrained, direction):
    system = untrained("peptides=wide", f"model.direction={direction}")
    vocabulary = system.vocabulary
    digest = Digest(missed_cleavages=2, min_length=30, max_length=30)
    source = predict_spectra(vocabulary, 4, digest=digest, precursors=Precursors({5: 1.0}))
    batch = prepare_batch(source.read(np.arange(4)), Noise(), seed=0, n_peaks=60)
    assert batch.spectra.precursor_charge.tolist() == [5] * 4
    decoder = make_decoder(DecoderKind.CONSTRAINED)
    with torch.no_grad():
        logits = system.sequencer.eval()(batch)
        decoded = decoder(system.sequencer, batch.spectra)
    assert logits.isfinite().all()
    assert system.loss(logits, batch).total.isfinite()
    assert decoded.is_feasible.all()
    for mass, answers in zip(batch.spectra.precursor_mass, decoded.candidates, strict=True):
        error = mass - vocabulary.peptide_mass(answers[0].peptide)
        assert min(abs(error), abs(error - 1.00335)) < 20e-6 * mass
