"""Options of a run become a pipeline, or a sentence on what is missing."""

from dataclasses import replace

import pytest

from denovo.decoding import DecoderKind
from denovo.errors import InputError
from denovo.models import EvidenceSequencer
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks import TrainedModel
from denovo.sequencing.rescoring import Reranker, Rescoring, candidate_features
from tests.helpers.rerankers import linear_reranker
from tests.helpers.tiny_training import CONFIG


def model(vocabulary, tmp_path, directions=("forward", "backward"), rerankers=None):
    networks = [
        TrainedModel(
            tmp_path / "model.safetensors",
            EvidenceSequencer(vocabulary, d, d_state=8),
            CONFIG,
            {},
            {},
        )
        for d in directions
    ]
    first = networks[0]
    return TrainedModel(
        first.path, first.sequencer, CONFIG, {}, {}, tuple(networks[1:]), rerankers or {}
    )


def test_without_rescoring_one_network_reads(canonical, tmp_path):
    pipeline = SequencingSettings(device="cpu").pipeline(model(canonical, tmp_path))
    assert pipeline.rescorer is None
    assert pipeline.decoder.beam_width == 5


@pytest.mark.parametrize("directions", [("forward",), ("forward", "backward")])
def test_all_networks_read_where_they_are_rescored(canonical, tmp_path, directions):
    settings = SequencingSettings(rescoring=Rescoring.JOINT, n_candidates=12, device="cpu")
    pipeline = settings.pipeline(model(canonical, tmp_path, directions))
    assert [s.direction for s in pipeline.rescorer.sequencers] == list(directions)
    assert pipeline.rescorer.reranker is None
    assert (pipeline.decoder.n_candidates, pipeline.decoder.beam_width) == (12, 12)


@pytest.mark.parametrize(
    ("trained", "asked", "expected"),
    [
        ({}, "auto", "20 ppm"),
        ({"fragment_tolerance": "0.4 Da"}, "auto", "0.4 Da"),
        ({"fragment_tolerance": "0.4 Da"}, "30 ppm", "30 ppm"),
    ],
)
def test_peaks_count_as_ions_within_the_tolerance_of_the_network(
    canonical, tmp_path, trained, asked, expected
):
    bare = model(canonical, tmp_path)
    bare = replace(bare, config={**bare.config, **trained})
    settings = SequencingSettings(rescoring="joint", fragment_tolerance=asked, device="cpu")
    pipeline = settings.pipeline(bare)
    tolerances = pipeline.fragment_tolerance, pipeline.rescorer.fragment_tolerance
    assert [str(each) for each in tolerances] == [expected] * 2
    assert settings.for_model(bare).as_text()["fragment_tolerance"] == expected


@pytest.mark.parametrize("directions", [("forward",), ("forward", "backward")])
def test_full_rescoring_takes_reranker_and_simulator_from_the_file(canonical, tmp_path, directions):
    bare = model(canonical, tmp_path, directions)
    settings = SequencingSettings(rescoring=Rescoring.FULL, device="cpu")
    with pytest.raises(InputError, match="holds no reranker"):
        settings.pipeline(bare)
    names = candidate_features(directions, has_similarity=True)
    fitted = model(
        canonical,
        tmp_path,
        directions,
        {"full": linear_reranker(names, {"simulator": "HCD2019"}).state()},
    )
    rescorer = settings.pipeline(fitted).rescorer
    assert isinstance(rescorer.reranker, Reranker)
    assert rescorer.similarity.simulator.model == "HCD2019"


@pytest.mark.parametrize("kind", [DecoderKind.BEAM, DecoderKind.GREEDY])
def test_rescoring_needs_candidates_that_agree_with_the_precursor(canonical, tmp_path, kind):
    settings = SequencingSettings(decoder=kind, rescoring=Rescoring.JOINT, device="cpu")
    with pytest.raises(InputError, match="goes with the decoder 'constrained'"):
        settings.pipeline(model(canonical, tmp_path))


@pytest.mark.parametrize(
    ("fitted", "decoder", "chosen"),
    [
        (["joint", "full"], "constrained", "full"),
        (["joint"], "constrained", "joint"),
        ([], "constrained", "none"),
        (["joint", "full"], "beam", "none"),
    ],
)
def test_the_best_rescoring_is_the_most_that_a_network_is_fitted_for(
    canonical, tmp_path, fitted, decoder, chosen
):
    bare = replace(model(canonical, tmp_path), rerankers={key: {} for key in fitted})
    settings = SequencingSettings(decoder=decoder).for_model(bare)
    assert settings.as_text()["rescoring"] == chosen
    assert SequencingSettings(rescoring="none").for_model(bare).rescoring == "none"
